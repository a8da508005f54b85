"""Citing: from a place in an article to a Citation whose id is enough to check it later.

Knows articles and offsets; how a passage was found is none of its business.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import NamedTuple

from index.articles.article import Article
from index.errors import InvalidCitation
from search.answer import Citation, TextPositionSelector, TextQuoteSelector
from search.fragments import deep_link

# How much of the surrounding text a TextQuoteSelector carries on each side, in code points.
CONTEXT = 32

_ID = re.compile(r"([A-Za-z0-9_-]+)\.([0-9a-f]{16})\.([0-9]{1,9})-([0-9]{1,9})\.([0-9a-f]{1,12})-([0-9a-f]{16})")


class Fingerprint(NamedTuple):
    """What is kept of a quote: the sum of its code points (finds places fast) and a 64-bit BLAKE2b (proves them)."""

    total: int
    digest: str


@dataclass(frozen=True, slots=True)
class Reference:
    """What a citation's id says: the place, and a fingerprint of the quote that stood there.

    Keeping the quote's fingerprint in the id means that nothing has to be stored to check a citation, not even the
    text of replaced revisions.
    """

    article_id: str
    revision: str
    start: int
    end: int
    quote: Fingerprint

    def encoded(self) -> str:
        """The citation id: letters, digits and ``-_.`` only, so that it can stand in a URL as it is."""
        name = base64.urlsafe_b64encode(self.article_id.encode()).decode().rstrip("=")
        return f"{name}.{self.revision}.{self.start}-{self.end}.{self.quote.total:x}-{self.quote.digest}"


def decode(citation_id: str) -> Reference:
    """The reference inside a citation id.

    Raises:
        InvalidCitation: it is not an id that `Reference.encoded` could have made.
    """
    match = _ID.fullmatch(citation_id)
    if match is None:
        raise InvalidCitation("This is not a citation id of Pincite.", field="citation_id")
    name, revision, start, end, total, digest = match.groups()
    try:
        article_id = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidCitation("This citation id is damaged.", field="citation_id") from error
    if int(start) >= int(end):
        raise InvalidCitation("This citation id points at an empty place.", field="citation_id")
    return Reference(article_id, revision, int(start), int(end), Fingerprint(int(total, 16), digest))


def fingerprint(quote: str) -> Fingerprint:
    """The fingerprint of a quote."""
    return Fingerprint(sum(map(ord, quote)), hashlib.blake2b(quote.encode(), digest_size=8).hexdigest())


def cite(article: Article, start: int, end: int) -> Citation:
    """The citation of ``article.text[start:end]``; `article` must carry its text.

    Raises:
        ValueError: the place is empty or outside the text.
    """
    if not 0 <= start < end <= len(article.text):
        raise ValueError(f"no text at {start}..{end} of {article.id!r}, which has {len(article.text)} code points")
    quote = article.text[start:end]
    revision = article.revision
    quoted = TextQuoteSelector(quote, article.text[max(0, start - CONTEXT) : start], article.text[end : end + CONTEXT])
    return Citation(
        id=Reference(article.id, revision, start, end, fingerprint(quote)).encoded(),
        article_id=article.id,
        revision=revision,
        title=article.title,
        source=article.source,
        author=article.author,
        published=article.published,
        url=article.url,
        deep_link=deep_link(article.url, article.text, start, end) if article.url else None,
        quote=quote,
        start=start,
        end=end,
        selectors=(quoted, TextPositionSelector(start, end)),
    )
