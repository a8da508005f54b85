"""Bytes to text: which encoding a file is in. Knows no formats beyond where HTML states its encoding."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from index.errors import Unreadable

HEAD_BYTES = 1024
WIDE_SHARE = 0.3

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_STATED = re.compile(rb"<meta[^>]+?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_STATED_IN_XML = re.compile(rb"<\?xml[^>]+?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]+)")
# The HTML standard reads these labels as the larger encodings that they are mistaken for.
_READ_AS = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}


def decode(data: bytes, origin: str) -> str:
    """The text of a file: by its byte order mark, else as UTF-8, else in the encoding that its letters suggest.

    Raises:
        Unreadable: these bytes are not text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data, encoding, origin)
    if wide := _unmarked_wide(data[:HEAD_BYTES]):
        return _decoded(data, wide, origin)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _guessed(data, origin)
    if "\x00" in text:
        raise Unreadable("it is not text: it has NUL bytes", origin=origin)
    return text


def decode_html(data: bytes, origin: str, stated: str | None = None) -> str:
    """The text of a page: as `decode`, but the encoding that its server stated, or else the page, goes before guessing.

    A page that is valid UTF-8 beyond ASCII is UTF-8 whatever it states: browsers save pages so and leave the label.

    Raises:
        Unreadable: these bytes are not text.
    """
    head = data[:4096]
    within = _STATED.search(head) or _STATED_IN_XML.search(head)
    labels = [label for label in (stated, within and within.group(1).decode("ascii")) if label]
    if not labels or any(data.startswith(mark) for mark, _ in _MARKS) or is_wide_utf8(data):
        return decode(data, origin)
    texts = (decode_as(data, label) for label in labels)
    return next((text for text in texts if text is not None), None) or decode(data, origin)


def decode_as(data: bytes, label: str) -> str | None:
    """The text in the encoding of this name, read as browsers read it; None where no encoding for text is named so."""
    try:
        name = codecs.lookup(label).name
        return data.decode(_READ_AS.get(name, name), "replace")
    except (LookupError, UnicodeError):
        return None


def is_wide_utf8(data: bytes) -> bool:
    """Whether this is UTF-8 beyond ASCII, which no other encoding looks like by chance."""
    try:
        return not data.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return False


def is_marked_wide(head: bytes) -> bool:
    """Whether a file starts with the byte order mark of UTF-16 or UTF-32."""
    return any(head.startswith(mark) for mark, name in _MARKS if name != "utf-8-sig")


def _unmarked_wide(head: bytes) -> str | None:
    """UTF-16 without a mark, told by the zeros in every second byte of what is mostly Latin letters."""
    half = len(head) // 2
    even, odd = (head[start : 2 * half : 2].count(0) for start in (0, 1))
    if half < 4 or max(even, odd) < WIDE_SHARE * half or min(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _decoded(data: bytes, encoding: str, origin: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(f"it starts as {encoding} and breaks off: {error}", origin=origin) from None


def _guessed(data: bytes, origin: str) -> str:
    best = from_bytes(data).best()
    if best is None:
        raise Unreadable("its encoding cannot be told; save it as UTF-8", origin=origin)
    return str(best)
