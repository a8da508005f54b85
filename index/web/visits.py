"""What was seen at each URL when it was last read, so that what has not changed is not sent again.

A file of JSON lines, one a visit, the last one of a URL counting. It is written only after the articles of a visit are
stored, and losing it costs requests, never an article: a line that was cut short, or is no visit, is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.web.fetching import Reply

SPARE_LINES = 1000


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
    """The last visit of each URL.

    Args:
        path: the file; it is made with the first visit.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._visits: dict[str, Visit] = {}
        lines = 0
        if path.exists():
            for line in path.read_text("utf-8", "replace").splitlines():
                lines += 1
                self._visits.update(_read(line))
        if lines > 2 * len(self._visits) + SPARE_LINES:
            self._rewrite()

    def get(self, url: str) -> Visit | None:
        """The last visit of a URL."""
        return self._visits.get(url)

    def articles(self) -> set[str]:
        """The ids of all articles that came from the web."""
        return {article for visit in self._visits.values() for article in visit.articles}

    def remember(self, urls: Iterable[str], visit: Visit) -> None:
        """Keep a visit under each of these URLs: the one that was asked for and the one that answered."""
        news = {url: visit for url in urls if self._visits.get(url) != visit}
        self._visits |= news
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(map(_line, news.items()))

    def _rewrite(self) -> None:
        """Leave out the lines that later ones replaced."""
        beside = self._path.with_name(f"{self._path.name}.new")
        with beside.open("w", encoding="utf-8") as file:
            file.writelines(map(_line, self._visits.items()))
        beside.replace(self._path)


def _line(item: tuple[str, Visit]) -> str:
    url, visit = item
    return json.dumps({"url": url, **asdict(visit)}) + "\n"


def _read(line: str) -> dict[str, Visit]:
    """The visit in a line by its URL; nothing where the line is none."""
    try:
        found: dict[str, Any] = json.loads(line)
        url, articles = found.pop("url"), found.pop("articles")
        visit = Visit(tuple(map(str, articles)), **{name: str(value) for name, value in found.items()})
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}
    return {str(url): visit}
