"""Web archives (WARC, also packed by record): each HTML page that a server answered with is an article."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from index.articles.article import Draft
from index.articles.readers.decoding import decode_html
from index.articles.readers.files import Source, missing, too_large
from index.errors import Unreadable

try:
    from warcio.archiveiterator import ArchiveIterator
except ImportError:  # the extra is not installed
    ArchiveIterator = None

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_PAGES = ("text/html", "application/xhtml+xml")


def read_warc(source: Source) -> Iterator[Draft | Unreadable]:
    """The pages in the order of their records; only one is in memory at a time. Images, redirects and the like are no
    articles, and are passed over.

    Raises:
        Unreadable: the archive is damaged from here on.
    """
    if ArchiveIterator is None:
        raise missing("archives", "WARC", source.origin)
    number = 0
    try:
        for number, record in enumerate(ArchiveIterator(source.stream), 1):
            if _is_page(record):
                yield _page(record, source, number)
    except Unreadable:
        raise
    except Exception as error:  # noqa: BLE001, RUF100 (damaged files raise nearly everything)
        raise Unreadable(
            f"it is a damaged WARC file after this record: {error!r:.200}", origin=source.origin, record=number
        ) from None


def _is_page(record: Any) -> bool:
    if record.rec_type != "response" or record.http_headers is None:
        return False
    kind = record.http_headers.get_header("Content-Type") or ""
    return record.http_headers.get_statuscode() == "200" and kind.strip().lower().startswith(_PAGES)


def _charset(record: Any) -> str | None:
    """The encoding that the server stated."""
    found = _CHARSET.search(record.http_headers.get_header("Content-Type") or "")
    return found.group(1) if found else None


def _page(record: Any, source: Source, number: int) -> Draft | Unreadable:
    data = record.content_stream().read(source.largest + 1)
    if len(data) > source.largest:
        return Unreadable(too_large(source.largest), origin=source.origin, record=number)
    try:
        text = decode_html(data, source.origin, _charset(record))
    except Unreadable as unreadable:
        return Unreadable(unreadable.reason, origin=source.origin, record=number)
    headers = record.rec_headers
    return Draft(
        f"{source.origin}#{number}",
        text,
        markup="html",
        url=headers.get_header("WARC-Target-URI"),
        metadata={"fetched": headers.get_header("WARC-Date")},
        place="archive record",
    )
