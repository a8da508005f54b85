"""EPUB books: each document of the book's reading order is an article, the book its source."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import unquote

from lxml import etree

from index.articles.article import Draft
from index.articles.blocks import assemble
from index.articles.characters import fold_space
from index.articles.markup import html_blocks
from index.articles.readers.archives import unpacked_size
from index.articles.readers.decoding import decode_html
from index.articles.readers.files import Source, too_large, whole
from index.articles.readers.xml import name, parsed
from index.errors import Unreadable


def read_epub(source: Source) -> Iterator[Draft | Unreadable]:
    """The documents of a book that have text.

    Raises:
        Unreadable: it is damaged, or unpacks to more than the limit.
    """
    data = BytesIO(whole(source))
    try:
        with zipfile.ZipFile(data) as archive:
            yield from _chapters(archive, source)
    except Unreadable:
        raise
    except Exception as error:  # noqa: BLE001, RUF100 (damaged files raise nearly everything)
        raise Unreadable(f"it is a damaged EPUB file: {error!r:.200}", origin=source.origin) from None


def _chapters(archive: zipfile.ZipFile, source: Source) -> Iterator[Draft | Unreadable]:
    origin = source.origin
    if unpacked_size(archive) > source.largest:
        raise Unreadable(too_large(source.largest), origin=origin)
    container = parsed(archive.read("META-INF/container.xml"), origin)
    place = next(element.get("full-path") for element in container.iter() if name(element) == "rootfile")
    package = parsed(archive.read(str(place)), origin)
    facts = {name(element): fold_space("".join(element.itertext())) for element in _within(package, "metadata")}
    paths = {element.get("id"): element.get("href") for element in _within(package, "manifest")}
    for number, reference in enumerate(_within(package, "spine"), 1):
        path = posixpath.join(posixpath.dirname(str(place)), unquote(paths.get(reference.get("idref")) or ""))
        yield from _chapter(archive, path, facts, origin, number)


def _chapter(
    archive: zipfile.ZipFile, path: str, facts: dict[str, str], origin: str, number: int
) -> Iterator[Draft | Unreadable]:
    try:
        text = assemble(html_blocks(decode_html(archive.read(path), origin)))[0]
    except (KeyError, ValueError, Unreadable) as error:
        yield Unreadable(f"{path}: it cannot be read: {error}", origin=origin, record=number)
        return
    if text:
        yield Draft(
            f"{origin}#{number}",
            text,
            source=facts.get("title"),
            author=facts.get("creator"),
            language=facts.get("language"),
            place="package",
        )


def _within(package: etree._Element, group: str) -> Iterator[etree._Element]:
    """The elements of one part of a package document."""
    return (child for part in package if name(part) == group for child in part)
