"""What was seen at each URL when it was last read, so that what has not changed is not sent again.

It is remembered only when the articles of a visit are stored: losing it costs requests, never an article.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.journal import Journal
from index.web.fetching import Reply


@dataclass(frozen=True, slots=True)
class Visit:
    """What is remembered of a URL.

    Attributes:
        articles: the ids of the articles that came from it.
        etag, changed: what the server called this version (``ETag``, ``Last-Modified``), empty if it did not.
        listed: what the feed or sitemap that lists the page said of it, empty if none did.
    """

    articles: tuple[str, ...]
    etag: str = ""
    changed: str = ""
    listed: str = ""

    @classmethod
    def of(cls, reply: Reply, articles: Iterable[str], listed: str = "") -> Visit:
        """The visit that got this answer."""
        headers = reply.headers
        return cls(tuple(articles), headers.get("etag", ""), headers.get("last-modified", ""), listed)

    @property
    def conditions(self) -> Mapping[str, str]:
        """The headers that ask for the content only if it has changed."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.changed}
        return {name: value for name, value in headers.items() if value}


class Visits:
    """The last visit of each URL."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def get(self, url: str) -> Visit | None:
        """The last visit of a URL."""
        return _read(self._journal.get(url))

    def articles(self) -> set[str]:
        """The ids of all articles that came from the web."""
        visits = (_read(value) for _, value in self._journal.items())
        return {article for visit in visits if visit for article in visit.articles}

    def remember(self, urls: Iterable[str], visit: Visit) -> None:
        """Keep a visit under each of these URLs: the one that was asked for and the one that answered."""
        value = asdict(visit) | {"articles": list(visit.articles)}
        self._journal.put(dict.fromkeys(urls, value))


class NoVisits(Visits):
    """Remembers nothing, for whoever names a URL once and wants to have it read now."""

    def __init__(self) -> None:
        super().__init__(Journal(Path(os.devnull)))

    def remember(self, urls: Iterable[str], visit: Visit) -> None:
        """Forgotten at once."""


def _read(value: Any) -> Visit | None:
    """The visit that was kept; None where it is none."""
    try:
        articles, others = value["articles"], {name: str(value[name]) for name in ("etag", "changed", "listed")}
        return Visit(tuple(map(str, articles)), **others)
    except (TypeError, KeyError):
        return None
