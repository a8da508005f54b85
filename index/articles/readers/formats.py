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
    ".mht": "mhtml",
    ".mhtml": "mhtml",
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
_MHTML = re.compile(rb"(?:[A-Za-z-]+: [^\n]*\n(?:[ \t][^\n]*\n)*){0,12}?Content-Type: multipart/related", re.IGNORECASE)
_SIGNS = ((b"%PDF-", "pdf"), (b"WARC/", "warc"))

OTHERS = {
    "rtf": "it is RTF; save it as DOCX or as text",
    "office97": "it is an old Office file; save it as DOCX",
    "opendocument": "it is an OpenDocument file; save it as DOCX",
    "office": "it is a spreadsheet or presentation; save its text as DOCX, HTML or text",
    "media": "it is a picture, a sound or a film, and holds no text",
}
"""Formats that are known and not read, and what to do about it."""

_OTHER_SIGNS = (
    (b"{\\rtf", "rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office97"),
    (b"\x89PNG\r\n\x1a\n", "media"),
    (b"\xff\xd8\xff", "media"),
    (b"GIF87a", "media"),
    (b"GIF89a", "media"),
    (b"OggS\x00", "media"),
    (b"ID3\x03\x00", "media"),
    (b"ID3\x04\x00", "media"),
    (b"\x1aE\xdf\xa3", "media"),
)


def format_of(stream: BinaryIO, origin: str) -> str:
    """A file's format, one of the values of `SUFFIXES` or a key of `OTHERS`; text when nothing else can be told.

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
    signs = (kind for sign, kind in (*_SIGNS, *_OTHER_SIGNS) if head.startswith(sign))
    patterns = (kind for pattern, kind in ((_FEED, "feed"), (_HTML, "html"), (_MHTML, "mhtml")) if pattern.match(text))
    return next(signs, None) or next(patterns, None)


def _unpacked(head: bytes) -> bytes:
    """The first bytes of a gzip file's content."""
    try:
        return zlib.decompressobj(wbits=31).decompress(head, 16)
    except zlib.error:
        return b""


def _packed_format(stream: BinaryIO) -> str:
    """What a ZIP file is: a Word file, a book, another program's document, or just files."""
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        names = set()
    stream.seek(0)
    signs = (
        ("word/document.xml", "docx"),
        ("META-INF/container.xml", "epub"),
        ("META-INF/manifest.xml", "opendocument"),
        ("[Content_Types].xml", "office"),
    )
    return next((kind for sign, kind in signs if sign in names), "zip")
