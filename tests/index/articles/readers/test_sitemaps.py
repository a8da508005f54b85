"""Sitemaps: what they list, in bounded memory, and how wrong ones are named."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from io import BytesIO, RawIOBase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles.readers import read_bytes
from index.articles.readers.files import Source
from index.articles.readers.sitemaps import Listed, sitemap_entries
from index.errors import Unreadable

PAGES = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
  <!-- the newest first -->
  <url>
    <loc> https://example.org/one?a=1&amp;b=2 </loc>
    <lastmod>2025-01-13T09:30:00+01:00</lastmod>
    <news:news><news:title>One</news:title></news:news>
  </url>
  <url><loc>https://example.org/two</loc><lastmod>2025-01-12</lastmod></url>
  <url><loc>https://example.org/three</loc><lastmod>last spring</lastmod></url>
  <url><loc><![CDATA[https://example.org/four]]></loc></url>
</urlset>"""
INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://example.org/2025.xml.gz</loc><lastmod>2025-02-01</lastmod></sitemap>
<sitemap><loc>https://example.org/2024.xml.gz</loc></sitemap></sitemapindex>"""
LISTED = [
    Listed("https://example.org/one?a=1&b=2", "2025-01-13T09:30:00+01:00", is_sitemap=False),
    Listed("https://example.org/two", "2025-01-12", is_sitemap=False),
    Listed("https://example.org/three", None, is_sitemap=False),
    Listed("https://example.org/four", None, is_sitemap=False),
]


def entries(data: bytes, **limits: Any) -> list[Listed | Unreadable]:
    return list(sitemap_entries(Source(BytesIO(data), "sitemap.xml", **limits)))


def test_pages_are_listed_with_their_last_change() -> None:
    assert entries(PAGES) == LISTED


def test_a_gzipped_sitemap_lists_the_same() -> None:
    assert entries(gzip.compress(PAGES)) == LISTED


def test_an_index_lists_sitemaps() -> None:
    assert entries(INDEX) == [
        Listed("https://example.org/2025.xml.gz", "2025-02-01", is_sitemap=True),
        Listed("https://example.org/2024.xml.gz", None, is_sitemap=True),
    ]


def test_an_entry_without_address_is_named_and_the_rest_goes_on() -> None:
    found = entries(
        b"<urlset><url><lastmod>2025-01-12</lastmod></url><url><loc>https://example.org/b</loc></url></urlset>"
    )
    assert str(found[0]) == "sitemap.xml, record 1: the entry has no address (<loc>)"
    assert found[1:] == [Listed("https://example.org/b", None, is_sitemap=False)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is not XML: "),
        (b"User-agent: *", "it is not XML: Start tag expected, '<' not found"),
        (b"<rss><channel/></rss>", "it is XML, but no sitemap: its root is <rss>"),
        (b"<urlset></sitemap>", "it is not XML: Opening and ending tag mismatch: urlset line 1 and sitemap"),
        (b"\x1f\x8b\x08broken", "it is broken: "),
    ],
)
def test_what_is_no_sitemap_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        entries(data)
    assert refused.value.reason.startswith(reason)


def test_what_was_listed_before_the_damage_is_not_lost() -> None:
    walk = sitemap_entries(Source(BytesIO(PAGES[:-60]), "cut.xml"))
    assert [next(walk), next(walk)] == LISTED[:2]
    with pytest.raises(Unreadable, match=r"cut\.xml: it is not XML"):
        list(walk)


def test_entities_are_not_expanded_and_nothing_is_fetched() -> None:
    laughs = b'<!DOCTYPE urlset [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    found = entries(laughs + b"<urlset><url><loc>https://example.org/&b;&f;x</loc></url></urlset>")
    assert found == [Listed("https://example.org/&b;&f;x", None, is_sitemap=False)]


def test_a_sitemap_beyond_the_limit_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"it is larger than .* MiB; the sitemap must be split"):
        entries(PAGES, largest=100)


class Endless(RawIOBase):
    """A sitemap without end, made as it is read."""

    def __init__(self) -> None:
        self.parts = self.made()
        self.rest = b""

    def made(self) -> Iterator[bytes]:
        yield b"<urlset>"
        while True:
            yield b"<url><loc>https://example.org/%0200d</loc></url>" % 7

    def read(self, size: int = -1) -> bytes:
        while len(self.rest) < size:
            self.rest += next(self.parts)
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        self.__init__()  # type: ignore[misc]
        return 0


def test_entries_come_while_the_sitemap_is_still_being_read() -> None:
    walk = sitemap_entries(Source(Endless(), "endless.xml"))  # type: ignore[arg-type]
    wanted = Listed("https://example.org/" + "7".zfill(200), None, is_sitemap=False)
    assert [next(walk) for _ in range(1000)] == [wanted] * 1000


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda data: b"<urlset><url>" + data))
def test_any_bytes_are_entries_or_a_named_rejection(data: bytes) -> None:
    assert all(isinstance(entry, Listed | Unreadable) for entry in entries_or_rejection(data))


def entries_or_rejection(data: bytes) -> list[Listed | Unreadable]:
    try:
        return entries(data)
    except Unreadable as unreadable:
        return [unreadable]


@pytest.mark.parametrize("data", [PAGES, INDEX, gzip.compress(PAGES, mtime=0), b"<!--" + b" " * 3000 + b"-->" + INDEX])
def test_a_sitemap_is_no_file_of_articles(data: bytes) -> None:
    name = "sitemap.xml.gz" if data.startswith(b"\x1f\x8b") else "sitemap.xml"
    (found,) = read_bytes(data, name)
    assert str(found) == (
        "sitemap.xml: it is a sitemap: it lists pages, but holds none of them; give its URL and the pages are fetched"
    )
