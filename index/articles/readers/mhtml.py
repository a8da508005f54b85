"""Pages saved by Chrome and others as one file (MHTML, RFC 2557): the page itself, without its pictures and styles."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage

from index.articles.article import Draft
from index.articles.readers.decoding import decode_html
from index.articles.readers.files import Source, whole
from index.errors import Unreadable

_PAGES = ("text/html", "application/xhtml+xml")


def read_mhtml(source: Source) -> Iterator[Draft]:
    """The first HTML part as a draft, with the address that the page was saved from.

    Raises:
        Unreadable: there is none.
    """
    message = email.message_from_bytes(whole(source), policy=email.policy.default)
    try:
        page = next(
            part for part in message.walk() if part.get_content_type() in {"text/html", "application/xhtml+xml"}
        )
        data = page.get_payload(decode=True)
        addresses = [str(page.get("Content-Location", "")), str(message.get("Snapshot-Content-Location", ""))]
    except (StopIteration, LookupError, ValueError, TypeError) as error:
        raise Unreadable(f"there is no page in it {error}".strip(), origin=source.origin) from None
    if not isinstance(page, EmailMessage) or not isinstance(data, bytes):
        raise Unreadable("there is no page in it", origin=source.origin)
    url = next((address.strip() for address in addresses if address.strip().startswith("http")), None)
    text = decode_html(data, source.origin, page.get_content_charset())
    yield Draft(source.origin, text, markup="html", url=url, place="saved page")
