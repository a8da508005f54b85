"""Word files (DOCX): one article each, paragraphs and tables in their order, a text box after its paragraph."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import UTC
from io import BytesIO
from typing import Any

from index.articles.article import Draft, Json
from index.articles.readers.archives import unpacked_size
from index.articles.readers.files import Source, missing, too_large, whole
from index.articles.readers.xml import parsed
from index.errors import Unreadable

try:
    import docx
except ImportError:  # the extra is not installed
    docx = None  # type: ignore[assignment]

_SIGNS = {"t": "", "tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
_NOT_SHOWN = frozenset(("del", "moveFrom", "pPr", "rPr", "instrText", "Fallback", "drawing", "pict", "object"))


def read_docx(source: Source) -> Iterator[Draft]:
    """The file as a draft: blank lines between paragraphs, tabs between the cells of a table.

    Raises:
        Unreadable: it is damaged, or unpacks to more than the limit.
    """
    if docx is None:
        raise missing("documents", "DOCX", source.origin)
    data = BytesIO(whole(source))
    try:
        with zipfile.ZipFile(data) as archive:
            size = unpacked_size(archive)
        draft = _draft(source, docx.Document(data)) if size <= source.largest else None
    except Exception as error:  # noqa: BLE001, RUF100 (damaged files raise nearly everything)
        raise Unreadable(f"it is a damaged DOCX file: {error!r:.200}", origin=source.origin) from None
    if draft is None:
        raise Unreadable(too_large(source.largest), origin=source.origin)
    yield draft


def _draft(source: Source, document: Any) -> Draft:
    """The document as a draft; what is damaged may show only here, and as any exception."""
    stated = document.core_properties
    return Draft(
        source.origin,
        "\n\n".join([*_parts(document.element.body), *_notes(document)]),
        title=stated.title or None,
        author=stated.author if stated.author != "python-docx" else None,
        metadata=_dates(stated),
        place="document properties",
    )


def _parts(around: Any) -> Iterator[str]:
    """The paragraphs and tables in an element, in their order, those within fields to fill in too."""
    for element in around:
        kind = _kind(element)
        if kind == "p":
            yield _text(element)
            for box in _boxes(element):
                yield from _parts(box)
        elif kind == "tbl":
            yield "\n".join("\t".join(map(_cell, _all(row, "tc"))) for row in _all(element, "tr"))
        elif kind in {"sdt", "sdtContent", "ins"}:
            yield from _parts(element)


def _cell(cell: Any) -> str:
    """What stands in a cell, on one line; one that reaches over several columns or rows is there once."""
    return " ".join(filter(None, (" ".join(part.split()) for part in _parts(cell))))


def _text(paragraph: Any) -> str:
    """A paragraph as it reads once changes are accepted: with what was put in, without what was taken out."""
    pieces: list[str] = []
    for element in paragraph.iterchildren():
        kind = _kind(element)
        if kind in _SIGNS:
            pieces.append(_SIGNS[kind] or element.text or "")
        elif kind not in _NOT_SHOWN:
            pieces.append(_text(element))
    return "".join(pieces)


def _boxes(element: Any) -> Iterator[Any]:
    """The text boxes that hang on a paragraph, each once: Word repeats them for programs that cannot show them."""
    for child in element.iterchildren():
        if _kind(child) == "txbxContent":
            yield child
        elif _kind(child) not in {"Fallback", "del", "moveFrom"}:
            yield from _boxes(child)


def _notes(document: Any) -> Iterator[str]:
    """The footnotes and endnotes, which stand in files of their own."""
    for part in (
        rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith(("/footnotes", "/endnotes"))
    ):
        for note in parsed(part.blob, "notes"):
            if not any(key.endswith("}type") for key in note.attrib):  # not the line above them
                yield " ".join(filter(None, map(str.strip, _parts(note))))


def _all(element: Any, kind: str) -> Iterator[Any]:
    """The rows of a table, or the cells of a row, also within fields to fill in."""
    for child in element:
        if _kind(child) == kind:
            yield child
        elif _kind(child) in {"sdt", "sdtContent"}:
            yield from _all(child, kind)


def _kind(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _dates(stated: Any) -> dict[str, Json]:
    """When the file was made and changed: facts of the file, not of the article's publication."""
    found = {"created": stated.created, "modified": stated.modified}
    return {name: moment.replace(tzinfo=UTC).isoformat() for name, moment in found.items() if moment}
