"""Sitemaps and sitemap indexes (sitemaps.org, also gzipped): which pages or further sitemaps they list.

A sitemap holds no article, so it is no file to index; whoever may fetch (`index.web`) follows what is listed here.
Knows no network.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from lxml import etree

from index.articles import dates
from index.articles.characters import fold_space
from index.articles.readers.archives import gunzipped
from index.articles.readers.files import Source
from index.articles.readers.xml import name
from index.errors import Unreadable

ROOTS = frozenset(("urlset", "sitemapindex"))
GZIP = b"\x1f\x8b"


class Listed(NamedTuple):
    """One line of a sitemap.

    Attributes:
        url: the address as it is written, which need not be one that may be fetched.
        changed: the date or time of the last change in ISO 8601, None where none is stated that can be read.
        is_sitemap: whether the address is that of another sitemap, not of a page.
    """

    url: str
    changed: str | None
    is_sitemap: bool


def sitemap_entries(source: Source) -> Iterator[Listed | Unreadable]:
    """What a sitemap lists, in its order; one entry is in memory at a time. An entry without address is named.

    Raises:
        Unreadable: it is no XML from here on, no sitemap, larger than the limit, or a broken gzip file.
    """
    packed = source.stream.read(len(GZIP)) == GZIP
    source.stream.seek(0)
    for inner in gunzipped(source) if packed else (source,):
        if isinstance(inner, Unreadable):
            yield inner
        else:
            yield from _entries(inner)


def refuse_sitemap(source: Source) -> NoReturn:
    """A reader that says what to do with a sitemap that was given as a file of articles."""
    reason = "it is a sitemap: it lists pages, but holds none of them; give its URL and the pages are fetched"
    raise Unreadable(reason, origin=source.origin)


def _entries(source: Source) -> Iterator[Listed | Unreadable]:
    safely = {"resolve_entities": False, "no_network": True, "load_dtd": False}
    walk = etree.iterparse(_Limited(source), events=("start", "end"), remove_comments=True, remove_pis=True, **safely)
    try:
        _, root = next(walk)
        if name(root) not in ROOTS:
            raise Unreadable(f"it is XML, but no sitemap: its root is <{name(root)}>", origin=source.origin)
        number = 0
        for event, element in walk:
            if event == "end" and element.getparent() is root:
                number += 1
                yield _listed(element, source.origin, number)
                root.remove(element)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"it is not XML: {error}", origin=source.origin) from None


def _listed(element: etree._Element, origin: str, number: int) -> Listed | Unreadable:
    values = {name(child): fold_space("".join(child.itertext())) for child in element}
    if not values.get("loc"):
        return Unreadable("the entry has no address (<loc>)", origin=origin, record=number)
    return Listed(values["loc"], _changed(values.get("lastmod")), name(element) == "sitemap")


def _changed(written: str | None) -> str | None:
    try:
        return dates.iso(written) if written else None
    except ValueError:
        return None


class _Limited:
    """The bytes of a source, up to its limit."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.left = source.largest

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`."""
        data = self.source.stream.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise Unreadable(
                f"it is larger than {self.source.largest / 1024 / 1024:g} MiB; the sitemap must be split",
                origin=self.source.origin,
            )
        return data
