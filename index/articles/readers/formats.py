"""Which format a file is in: by its first bytes, then by its suffix. Knows no format beyond its signs."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import BinaryIO

HEAD_BYTES = 2048

SUFFIXES = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".rss": "feed",
    ".atom": "feed",
    ".xml": "feed",
    ".pdf": "pdf",
    ".docx": "docx",
    ".epub": "epub",
    ".warc": "warc",
    ".zip": "zip",
    ".gz": "gzip",
}

_BEFORE = rb"(?>\s+|<\?[^>]*>|<!--.*?-->)*+"  # atomic: a page of nothing but comments must not take for ever
_FEED = re.compile(_BEFORE + rb"<(?:\w+:)?(?:rss|feed|rdf|urlset|sitemapindex)\b", re.IGNORECASE | re.DOTALL)
_HTML = re.compile(_BEFORE + rb"<(?:!doctype html|html)\b", re.IGNORECASE | re.DOTALL)
_SIGNS = ((b"%PDF-", "pdf"), (b"WARC/", "warc"))


def format_of(stream: BinaryIO, origin: str) -> str:
    """A file's format, one of the values of `SUFFIXES`; text when nothing else can be told.

    The stream is read from its start, and left there.
    """
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    return _by_content(head, stream) or SUFFIXES.get(PurePosixPath(origin).suffix.lower(), "text")


def _by_content(head: bytes, stream: BinaryIO) -> str | None:
    if head.startswith(b"\x1f\x8b"):
        return "warc" if _unpacked(head).startswith(b"WARC/") else "gzip"
    if head.startswith(b"PK\x03\x04"):
        return _packed_format(stream)
    text = head.removeprefix(b"\xef\xbb\xbf")
    signs = (kind for sign, kind in _SIGNS if head.startswith(sign))
    return next(signs, None) or ("feed" if _FEED.match(text) else "html" if _HTML.match(text) else None)


def _unpacked(head: bytes) -> bytes:
    """The first bytes of a gzip file's content."""
    try:
        return zlib.decompressobj(wbits=31).decompress(head, 16)
    except zlib.error:
        return b""


def _packed_format(stream: BinaryIO) -> str:
    """What a ZIP file is: a Word file, a book, or just files."""
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        names = set()
    stream.seek(0)
    return "docx" if "word/document.xml" in names else "epub" if "META-INF/container.xml" in names else "zip"
