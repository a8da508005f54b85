"""What a URL answered, as drafts: in the format that its content shows, else that the server or the URL states.

The readers do the reading; here is only what a file has not: the server's word on type and encoding, and a URL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from io import BytesIO
from pathlib import PurePosixPath

from index.articles.article import Draft
from index.articles.readers.decoding import decode_as, is_wide_utf8
from index.articles.readers.files import Source
from index.articles.readers.formats import format_of
from index.articles.readers.reading import READERS, read_bytes
from index.errors import Unreadable
from index.web.fetching import Reply
from index.web.urls import canonical

_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "application/json": ".json",
    "application/ld+json": ".json",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/rss+xml": ".rss",
    "application/atom+xml": ".atom",
    "application/xml": ".xml",
    "text/xml": ".xml",
}
# Formats of one article, whose address is the reply's; a record, an entry or a file in an archive has its own or none.
_ONE_ARTICLE = frozenset(("html", "text", "markdown", "pdf", "docx"))
_LETTERS = frozenset(("html", "text", "markdown"))


def kind_of(reply: Reply) -> str:
    """The format of a reply's content, one of those that the readers know."""
    suffix = _SUFFIXES.get(reply.media_type) or PurePosixPath(reply.url.path).suffix
    return format_of(BytesIO(reply.content), f"reply{suffix}")


def read_reply(reply: Reply, origin: str) -> Iterator[Draft | Unreadable]:
    """The drafts in a reply.

    Args:
        reply: an answer 200.
        origin: the URL that was asked for, which names the drafts and rejections.
    """
    kind = kind_of(reply)
    if kind not in READERS:
        yield from _packed(reply, origin)
        return
    content = _in_utf8(reply) if kind in _LETTERS else reply.content
    try:
        for draft in READERS[kind](Source(BytesIO(content), origin)):
            yield _addressed(draft, reply, kind) if isinstance(draft, Draft) and kind in _ONE_ARTICLE else draft
    except Unreadable as unreadable:
        yield unreadable


def _packed(reply: Reply, origin: str) -> Iterator[Draft | Unreadable]:
    """The drafts in an archive, of which there must be some: a file that somebody names is not passed over."""
    nothing = Unreadable("it holds no file in a format that is read", origin=origin)
    drafts = read_bytes(reply.content, origin)
    yield next(drafts, nothing)
    yield from drafts


def _addressed(draft: Draft, reply: Reply, kind: str) -> Draft:
    url = canonical(draft.content, reply.url) if kind == "html" else reply.url
    return replace(draft, url=draft.url or str(url))


def _in_utf8(reply: Reply) -> bytes:
    """The content, read in the encoding that the server states unless it is UTF-8 whatever that states."""
    header = Message()
    header["Content-Type"] = reply.headers.get("content-type", "")
    label = header.get_param("charset")
    if not isinstance(label, str) or is_wide_utf8(reply.content):
        return reply.content
    text = decode_as(reply.content, label)
    return reply.content if text is None else text.encode("utf-8", "replace")
