"""Pages that a browser saved as one file."""

from __future__ import annotations

import pytest

from index.articles.article import Draft
from index.articles.readers import read_bytes
from index.errors import Unreadable

HEAD = (
    "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://gazette.example/boat\r\nSubject: Boat\r\n"
    'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html"; boundary="edge"\r\n\r\n'
)
PAGE = (
    "--edge\r\nContent-Type: text/html; charset=windows-1254\r\nContent-Transfer-Encoding: quoted-printable\r\n{}\r\n"
    '<p class=3D"a">K=F6pr=FC a=E7=FDld=FD.</p>\r\n--edge\r\nContent-Type: image/png\r\n\r\nx\r\n--edge--\r\n'
)


@pytest.mark.parametrize("name", ["boat.mht", "boat.MHTML", "download"])
def test_the_page_is_read_with_its_address(name: str) -> None:
    (found,) = read_bytes((HEAD + PAGE.format("")).encode(), name)
    assert found == Draft(
        name,
        '<p class="a">Köprü açıldı.</p>',
        "html",
        url="https://gazette.example/boat",
        place="saved page",
    )


def test_the_address_of_the_page_itself_goes_first() -> None:
    (found,) = read_bytes((HEAD + PAGE.format("Content-Location: https://gazette.example/a\r\n")).encode(), "a.mht")
    assert isinstance(found, Draft)
    assert found.url == "https://gazette.example/a"
    (saved,) = read_bytes((HEAD.replace("https:", "cid:") + PAGE.format("")).encode(), "a.mht")
    assert isinstance(saved, Draft)
    assert saved.url is None


@pytest.mark.parametrize(
    "data", [b"", b"nothing", HEAD.encode(), HEAD.encode() + b"--edge\r\nContent-Type: image/png\r\n\r\nx"]
)
def test_a_file_without_a_page_is_named(data: bytes) -> None:
    (found,) = read_bytes(data, "a.mht")
    assert isinstance(found, Unreadable)
    assert found.message == "a.mht: there is no page in it"
