"""Bytes in any encoding become text, or are named as no text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles.readers.decoding import decode, decode_html
from index.errors import Unreadable

TEXT = "Şehir parkına yüz ağaç dikildi; çocuklar çok sevindi. „Schöne Bäume“ – 100 €."
RUSSIAN = "Городской совет решил отремонтировать три моста. Работы начнутся в июне и продлятся до весны."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_with_and_without_a_mark(encoding: str) -> None:
    assert decode(TEXT.encode(encoding), "a.txt") == TEXT


def test_other_encodings_are_told_by_their_letters() -> None:
    assert decode(RUSSIAN.encode("cp1251"), "a.txt") == RUSSIAN


def test_an_empty_file_is_empty_text() -> None:
    assert decode(b"", "a.txt") == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"text\x00\x01\x02", "it is not text: it has NUL bytes"),
        (b"\xff\xfeabc", "it starts as utf-16 and breaks off"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x9c\xff", "its encoding cannot be told; save it as UTF-8"),
    ],
)
def test_what_is_no_text(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason) as caught:
        decode(data, "a.txt")
    assert caught.value.origin == "a.txt"


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="windows-1254">', "cp1254"),
        ("<meta charset=iso-8859-9>", "cp1254"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1254">', "cp1254"),
        ('<?xml version="1.0" encoding="windows-1254"?>', "cp1254"),
        ('<meta charset="iso-8859-9">', "utf-8"),
        ('<meta charset="utf-8">', "utf-8-sig"),
        ('<meta charset="iso-8859-1">', "utf-16"),
        ("", "utf-8"),
    ],
)
def test_pages_that_state_their_encoding_rightly_or_not(head: str, encoding: str) -> None:
    page = f"{head}<p>Şehir parkına yüz ağaç dikildi.</p>"
    assert decode_html(page.encode(encoding), "a.html") == page


def test_latin_1_is_read_as_browsers_read_it() -> None:
    assert (
        decode_html(b'<meta charset="iso-8859-1"><p>5\x80 \x93x\x94</p>', "a")
        == '<meta charset="iso-8859-1"><p>5€ “x”</p>'
    )


def test_seven_bit_encodings_count_when_stated() -> None:
    page = '<meta charset="iso-2022-jp"><p>次の文</p>'
    assert decode_html(page.encode("iso-2022-jp"), "a.html") == page


@pytest.mark.parametrize("stated", ["no-such-charset", "hex", "idna"])
def test_a_stated_encoding_that_is_none_is_passed_over(stated: str) -> None:
    page = f'<meta charset="{stated}"><p>plain</p>'
    assert decode_html(page.encode(), "a.html") == page


@given(st.binary() | st.text().map(str.encode), st.sampled_from([decode, decode_html]))
def test_any_bytes_give_text_or_a_named_rejection(data: bytes, read: object) -> None:
    for head in (b"", b'<meta charset="utf-7">', b'<meta charset="utf-16">', b'<meta charset="punycode">'):
        try:
            text = read(head + data, "a")  # type: ignore[operator]
        except Unreadable:
            continue
        assert isinstance(text, str)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_told_by_its_zeros(encoding: str) -> None:
    assert decode("The bridge is open. Köprü açıldı.".encode(encoding), "a.txt") == "The bridge is open. Köprü açıldı."
    page = "<meta charset=utf-16><p>The bridge is open.</p>"
    assert decode_html(page.encode(encoding), "a.html") == page


@pytest.mark.parametrize("data", [b"\x00\x01", b"a\x00b\x00", b"one \x00 in it", bytes(64), b"\x00\x00ab" * 9])
def test_other_zeros_are_no_text(data: bytes) -> None:
    with pytest.raises(Unreadable, match="it is not text: it has NUL bytes"):
        decode(data, "a.txt")
