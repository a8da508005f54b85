"""PDF files: one article each, its pages parted. Reads the text that is stored, and recognises none in images."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from index.articles.article import Draft
from index.articles.characters import fold_space, tidy
from index.articles.readers.files import Source, missing, too_large, whole
from index.articles.readers.pages import with_paragraphs, without_running_lines
from index.errors import Unreadable

try:
    import pypdf
except ImportError:  # the extra is not installed
    pypdf = None  # type: ignore[assignment]

logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)  # what it cannot use is reported by Pincite itself


def read_pdf(source: Source) -> Iterator[Draft]:
    """The file as a draft; a form feed starts each page but the first. Lines that run along the tops or bottoms of the
    pages are taken off.

    Raises:
        Unreadable: it is damaged, locked with a password, or has no text.
    """
    if pypdf is None:
        raise missing("documents", "PDF", source.origin)
    data = whole(source)
    try:
        document = pypdf.PdfReader(BytesIO(data))
        locked = document.is_encrypted and not document.decrypt("")
        pages, removed = ([], ()) if locked else without_running_lines(_pages(document, source))
        facts = {} if locked else _facts(document.metadata)
    except Unreadable:
        raise
    except Exception as error:  # noqa: BLE001, RUF100 (damaged files raise nearly everything)
        raise Unreadable(f"it is a damaged PDF: {error!r:.200}", origin=source.origin) from None
    if locked:
        raise Unreadable("it is locked with a password; save it without one", origin=source.origin)
    text = "\f".join(map(with_paragraphs, pages))
    if not text.strip():
        raise Unreadable("it has no text, only images; recognise its text (OCR) first", origin=source.origin)
    yield Draft(
        source.origin,
        text,
        title=facts.get("title"),
        author=facts.get("author"),
        removed=removed,
        place="document properties",
    )


def _pages(document: Any, source: Source) -> list[str]:
    pages: list[str] = []
    size = 0
    for page in document.pages:
        shown = tidy(page.extract_text()).replace("\x00", "").replace("\f", "\n").strip("\n")
        pages.append(shown.encode("utf-8", "ignore").decode())
        size += len(pages[-1])
        if size > source.largest:
            raise Unreadable(too_large(source.largest), origin=source.origin)
    return pages


def _facts(stated: Any) -> dict[str, str]:
    """Author and title, where they are not what a program wrote there by itself."""
    found = {"title": stated.title, "author": stated.author} if stated else {}
    facts = {name: fold_space(str(value)).replace("\x00", "") for name, value in found.items() if value}
    if facts.get("title", "").lower().endswith((".doc", ".docx", ".pdf", ".indd", ".qxd", ".tex")):
        del facts["title"]
    return facts
