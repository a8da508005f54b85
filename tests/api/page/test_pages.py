"""The pages over plain HTTP: statuses, the state in the address, and the door where keys are on."""

from __future__ import annotations

import base64
import zipfile
from pathlib import Path
from urllib.parse import quote

import lxml.html
import pytest
from fastapi.testclient import TestClient
from hatchling.builders.wheel import WheelBuilder

from api.app import create_app
from api.keys import KeyRing
from api.service import Service
from api.settings import Settings
from tests.api.conftest import BRIDGE

LISTED = "//*[@class='holdings']//li"
SECRETS = ("Harbour", "bridge to close", "Island Courier")


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys.json")


@pytest.fixture
def guarded(service: Service, keys: KeyRing) -> TestClient:
    """A client of a library that asks for keys and holds one article."""
    _, secret = keys.create("writer", ["write"], ["*"])
    client = TestClient(create_app(service, Settings(), keys), raise_server_exceptions=False)
    assert client.post("/v1/articles", json=BRIDGE, headers={"X-API-Key": secret}).status_code == 200
    return client


def found(html: str, path: str) -> list[lxml.html.HtmlElement]:
    elements: list[lxml.html.HtmlElement] = lxml.html.document_fromstring(html).xpath(path)
    return elements


def hits(html: str) -> list[str]:
    return [one.text_content().strip() for one in found(html, "//article//h2")]


def test_the_home_page(full: TestClient) -> None:
    reply = full.get("/")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "3 articles to ask." in reply.text


def test_an_empty_library_says_what_to_do(client: TestClient) -> None:
    assert "The library is empty." in client.get("/").text
    assert "Add the first articles" in client.get("/?q=bridge").text
    assert "Nothing is here yet." in client.get("/library").text


def test_a_question_in_the_address_is_answered(full: TestClient) -> None:
    reply = full.get("/?q=harbour+bridge&source=Island+Courier&unknown=1")
    assert hits(reply.text) == ["Harbour bridge to close"]
    assert 'value="harbour bridge"' in reply.text


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/?q=x&limit=1000", 422, "limit: Input should be less than or equal to 100."),
        ("/?q=x&published_after=soon", 422, "published_after: "),
        ("/?q=source%3AX", 422, "There is nothing to search for"),
        ("/articles/none", 404, "There is no article"),
        ("/articles/tr%2Fi%C4%9Fde?cite=nonsense", 404, "This is not a citation id"),
        ("/articles/tr%2Fi%C4%9Fde?start=5&end=2", 422, "There is no text from 5 to 2"),
        ("/articles/tr%2Fi%C4%9Fde?start=a&end=b", 422, "start and end are numbers"),
        ("/articles/tr%2Fi%C4%9Fde?start=0&end=9999", 422, "There is no text from 0 to 9999"),
        ("/library?cursor=%C3%BC", 422, "This cursor was not made by Pincite"),
        ("/?collection=secret", 404, "There is no collection"),
        ("/articles/none?limit=x&q=a", 404, "There is no article"),
    ],
)
def test_errors_are_pages_with_their_status(full: TestClient, path: str, status: int, says: str) -> None:
    reply = full.get(path)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert says in reply.text.replace("&#39;", "'")


def test_a_citation_of_another_article_marks_nothing(full: TestClient) -> None:
    hit = full.get("/v1/search?q=harbour+bridge").json()["hits"][0]
    reply = full.get(f"/articles/tr%2Fi%C4%9Fde?cite={hit['citation']['id']}")
    assert reply.status_code == 422
    assert "This citation is of another article." in reply.text


def test_an_article_with_any_id_is_found(client: TestClient) -> None:
    for article_id in ("a/b//c", "https://a.example/?x=1#y", "ü ğ"):
        assert client.post("/v1/articles", json={"id": article_id, "text": "Text of it."}).status_code == 200
        assert "Text of it." in client.get(f"/articles/{quote(article_id, safe='')}").text


def test_the_list_of_articles_goes_on(client: TestClient) -> None:
    client.post("/v1/articles", json=[{"id": f"a{number:03}", "text": f"Text {number}."} for number in range(60)])
    first = client.get("/library").text
    assert len(found(first, LISTED)) == 50
    (following,) = found(first, "//a[@rel='next']")
    assert len(found(client.get(following.get("href")).text, LISTED)) == 10


def test_static_files_are_kept_for_good(client: TestClient) -> None:
    (style,) = found(client.get("/").text, "//link[@rel='stylesheet']")
    reply = client.get(style.get("href"))
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert reply.headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/?q=harbour+bridge", "/library", "/articles/news%2Fharbour%20bridge.txt"])
@pytest.mark.parametrize("secret", [None, "pincite_x_wrong"])
def test_without_a_key_there_is_a_door_and_nothing_behind_it(
    guarded: TestClient, path: str, secret: str | None
) -> None:
    reply = guarded.get(path, headers={"Authorization": f"Bearer {secret}"} if secret else {})
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"].startswith("Bearer")
    assert "<h1>Log in</h1>" in reply.text
    assert [one for one in SECRETS if one in reply.text] == []


def test_the_door_leads_back_where_it_was(guarded: TestClient) -> None:
    (link,) = found(guarded.get("/?q=harbour+bridge&source=X").text, "//*[@class='scriptless']//a")
    assert link.get("href") == "/log-in?to=%2F%3Fq%3Dharbour%2Bbridge%26source%3DX"
    asked = guarded.get("/log-in", follow_redirects=False)
    assert asked.status_code == 401
    assert asked.headers["www-authenticate"].startswith("Basic ")


def test_a_key_opens_it_in_every_way_that_it_is_sent(guarded: TestClient, keys: KeyRing) -> None:
    _, secret = keys.create("reader", ["search"], ["*"])
    basic = base64.b64encode(f"me:{secret}".encode()).decode()
    for headers in ({"Authorization": f"Bearer {secret}"}, {"X-API-Key": secret}, {"Authorization": f"Basic {basic}"}):
        assert hits(guarded.get("/?q=harbour+bridge", headers=headers).text) == ["Harbour bridge to close"]
        assert "This key reads only" in guarded.get("/library", headers=headers).text


def test_a_key_that_may_not_search_is_told_so(guarded: TestClient, keys: KeyRing) -> None:
    _, secret = keys.create("only-writes", ["write"], ["*"])
    reply = guarded.get("/?q=harbour", headers={"X-API-Key": secret})
    assert reply.status_code == 403
    assert "scope" in reply.text
    assert hits(reply.text) == []


def test_the_page_is_in_the_wheel(tmp_path: Path) -> None:
    """What hatch is told to pack holds templates and static files, as they lie beside the code."""
    root = Path(__file__).resolve().parents[3]
    (wheel,) = WheelBuilder(str(root)).build(directory=str(tmp_path), versions=["standard"])
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "static"):
        for file in (root / "api" / "page" / folder).iterdir():
            assert f"api/page/{folder}/{file.name}" in names
