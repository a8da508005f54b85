"""Web archives (WARC, also packed by record): each HTML page and each PDF that a server answered with is an article."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

from index.articles.article import Draft
from index.articles.readers.decoding import decode_html
from index.articles.readers.files import Source, missing, too_large
from index.articles.readers.pdf import read_pdf
from index.errors import Unreadable

try:
    from warcio.archiveiterator import ArchiveIterator

    # What it says of damage quotes the archive, on standard error; what is wrong is told by `read_warc`.
    ArchiveIterator.INC_RECORD = ""
    logging.getLogger("warcio").setLevel(logging.CRITICAL)
except ImportError:  # the extra is not installed
    ArchiveIterator = None

try:
    import brotli  # not by warcio, which does not know its present form
except ImportError:
    brotli = None

_PACKED = ("identity", "gzip", "x-gzip", "deflate")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)


def read_warc(source: Source) -> Iterator[Draft | Unreadable]:
    """The pages in the order of their records; only one is in memory at a time. Images, redirects and the like are no
    articles, and are passed over; so is plain text, which on the web is `robots.txt` and its kind.

    Raises:
        Unreadable: the archive is damaged from here on.
    """
    if ArchiveIterator is None:
        raise missing("archives", "WARC", source.origin)
    number = 0
    try:
        records = ArchiveIterator(source.stream)
        for number, record in enumerate(records, 1):
            if kind := _page_kind(record):
                yield _page(record, kind, source, number)
        if records.offset < source.stream.tell():  # what is left is no whole record, and warcio says nothing of it
            raise Unreadable("it breaks off after this record", origin=source.origin, record=number or None)  # noqa: TRY301
    except Unreadable:
        raise
    except Exception as error:  # noqa: BLE001, RUF100 (damaged files raise nearly everything)
        told = "" if isinstance(error, AttributeError) else f": {error!r:.200}"  # warcio's, where a header breaks off
        reason = f"it is damaged, or breaks off, after this record{told}"
        raise Unreadable(reason, origin=source.origin, record=number or None) from None


def _page_kind(record: Any) -> Reading | None:
    """How to read what the server answered with; None for what is no article."""
    if record.rec_type != "response" or record.http_headers is None or record.http_headers.get_statuscode() != "200":
        return None
    kind = (record.http_headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()
    return _KINDS.get(kind)


def _html(data: bytes, record: Any, source: Source) -> Draft:
    return Draft(source.origin, decode_html(data, source.origin, _charset(record)), markup="html")


def _pdf(data: bytes, _: Any, source: Source) -> Draft:
    (draft,) = read_pdf(replace(source, stream=BytesIO(data)))
    return draft


Reading = Callable[[bytes, Any, Source], Draft]
_KINDS: dict[str, Reading] = {"text/html": _html, "application/xhtml+xml": _html, "application/pdf": _pdf}


def _charset(record: Any) -> str | None:
    """The encoding that the server stated."""
    found = _CHARSET.search(record.http_headers.get_header("Content-Type") or "")
    return found.group(1) if found else None


def _page(record: Any, kind: Reading, source: Source, number: int) -> Draft | Unreadable:
    packed = (record.http_headers.get_header("Content-Encoding") or "").strip().lower()
    if packed and packed not in _PACKED and not (packed == "br" and brotli):
        install = "; install the extra: pip install 'pincite[archives]'" if packed == "br" else ""
        return Unreadable(f"its page is packed as {packed!r}{install}", origin=source.origin, record=number)
    data = _content(record, packed, source.largest)
    if len(data) > source.largest:
        return Unreadable(too_large(source.largest), origin=source.origin, record=number)
    if record.raw_stream.limit > 0:
        return Unreadable("it breaks off within this record", origin=source.origin, record=number)
    try:
        draft = kind(data, record, source)
    except Unreadable as unreadable:
        return Unreadable(unreadable.reason, origin=source.origin, record=number)
    headers = record.rec_headers
    return replace(
        draft,
        origin=f"{source.origin}#{number}",
        url=headers.get_header("WARC-Target-URI"),
        metadata={"fetched": headers.get_header("WARC-Date")},
        place="archive record",
    )


def _content(record: Any, packed: str, largest: int) -> bytes:
    """The page's bytes, unpacked, no more than one beyond the limit."""
    if packed == "br":
        record.http_headers.remove_header("Content-Encoding")
    data = record.content_stream().read(largest + 1)
    return _unbrotlied(data, largest) if packed == "br" else bytes(data)


def _unbrotlied(data: bytes, largest: int) -> bytes:
    """What was packed with Brotli; what was not, whatever its server stated, as it is."""
    unpacking = brotli.Decompressor()
    try:
        text = unpacking.process(data, output_buffer_limit=largest + 1)
        while len(text) <= largest and not unpacking.can_accept_more_data() and not unpacking.is_finished():
            text += unpacking.process(b"", output_buffer_limit=largest + 1)
    except brotli.error:
        return data
    return bytes(text[: largest + 1])
