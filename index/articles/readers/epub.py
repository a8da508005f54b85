"""EPUB books: each document of the book's reading order is an article, the book its source."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple
from urllib.parse import unquote

from lxml import etree

from index.articles.article import Draft
from index.articles.blocks import assemble
from index.articles.characters import fold_space
from index.articles.markup import deep_tree, shown_blocks
from index.articles.readers.archives import unpacked_size
from index.articles.readers.decoding import decode_html
from index.articles.readers.files import Source, too_large, whole
from index.articles.readers.xml import name, parsed
from index.errors import Unreadable

PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
ENCRYPTION = "META-INF/encryption.xml"


def read_epub(source: Source) -> Iterator[Draft | Unreadable]:
    """The documents of a book's reading order that have text; its pictures and its table of contents are passed over.

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
    manifest = {element.get("id"): element for element in _within(package, "manifest")}
    book = _Book(archive, posixpath.dirname(str(place)), origin, _facts(package))
    for number, reference in enumerate(_within(package, "spine"), 1):
        item = manifest.get(reference.get("idref"))
        if item is None:
            reason = f"its reading order names {reference.get('idref')!r}, which is not among its files"
            yield Unreadable(reason, origin=origin, record=number)
        elif item.get("media-type", PAGES[0]) in PAGES and "nav" not in item.get("properties", "").split():
            yield from _chapter(book, unquote(str(item.get("href"))).partition("#")[0], number)


class _Book(NamedTuple):
    """An open book: where its files stand, and what is said of each of its chapters."""

    archive: zipfile.ZipFile
    folder: str
    origin: str
    facts: dict[str, str | None]


def _facts(package: etree._Element) -> dict[str, str | None]:
    """Of several titles the first, of the authors all."""
    told = [(name(element), fold_space("".join(element.itertext()))) for element in _within(package, "metadata")]
    first = {kind: value for kind, value in reversed(told) if value}
    authors = "; ".join(dict.fromkeys(value for kind, value in told if kind == "creator" and value))
    return {"source": first.get("title"), "language": first.get("language"), "author": authors or None}


def _chapter(book: _Book, path: str, number: int) -> Iterator[Draft | Unreadable]:
    """One document, its notes included: in a book they are its author's."""
    try:
        root = deep_tree(decode_html(book.archive.read(posixpath.join(book.folder, path)), path))
    except (KeyError, ValueError, Unreadable) as error:
        reason = error.reason if isinstance(error, Unreadable) else str(error).strip('"')
        locked = "; the book may be locked (DRM)" if ENCRYPTION in book.archive.namelist() else ""
        yield Unreadable(f"{path}: it cannot be read: {reason}{locked}", origin=book.origin, record=number)
        return
    for note in () if root is None else root.iter("aside", "footer"):
        note.tag = "div"
    if text := assemble(shown_blocks(root) if root is not None else ())[0]:
        facts = book.facts
        yield Draft(
            f"{book.origin}#{number}",
            text,
            source=facts["source"],
            author=facts["author"],
            language=facts["language"],
            place="package",
        )


def _within(package: etree._Element, group: str) -> Iterator[etree._Element]:
    """The elements of one part of a package document."""
    return (child for part in package if name(part) == group for child in part)
