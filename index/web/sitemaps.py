"""The pages that a sitemap lists, or that all sitemaps in it list: the newest, at most so many.

Reads lists only. Pages are not asked for here, and nothing is remembered: a list that is the same says nothing of the
pages on it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO

import httpx

from index.articles import dates
from index.articles.readers.files import Source
from index.articles.readers.sitemaps import Listed, sitemap_entries
from index.errors import Unreadable
from index.web.fetching import Reply
from index.web.urls import web_url

MOST_SITEMAPS = 500

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Pages:
    """The newest of the pages that were listed; those of one time in their order, those without a time last.

    Attributes:
        most: how many are kept.
        seen: how many were listed.
        all_read: whether all sitemaps were read; those that cannot list a newer page are not.
        problems: what could not be read of the lists.
    """

    most: int
    seen: int = 0
    all_read: bool = True
    problems: list[Unreadable] = field(default_factory=list)
    _kept: list[tuple[datetime, int, Listed, httpx.URL]] = field(default_factory=list)

    def add(self, page: Listed, base: httpx.URL) -> None:
        """Keep a page if it is among the newest so far; its address is completed by `base`."""
        self.seen += 1
        item = (_moment(page), -self.seen, page, base)
        if len(self._kept) < self.most:
            heapq.heappush(self._kept, item)
        else:
            heapq.heappushpop(self._kept, item)

    def are_newer_than(self, sitemap: Listed) -> bool:
        """Whether no page of this sitemap could be kept: as many as are wanted changed after it last did."""
        return sitemap.changed is not None and len(self._kept) == self.most and _moment(sitemap) <= self._kept[0][0]

    def newest_first(self) -> Iterator[tuple[Listed, httpx.URL]]:
        """The pages that were kept, each with the URL of its list."""
        for _, _, page, base in sorted(self._kept, key=lambda item: item[:2], reverse=True):
            yield page, base


def is_sitemap(reply: Reply) -> bool:
    """Whether a reply is a sitemap, packed or not."""
    try:
        next(_entries(reply), None)
    except Unreadable:
        return False
    return True


def listed_pages(reply: Reply, most: int, visit: Callable[[httpx.URL], Reply]) -> Pages:
    """The newest pages that a sitemap lists.

    Args:
        reply: the sitemap.
        most: how many pages are kept.
        visit: asks for another sitemap.
    """
    pages = Pages(most)
    seen: set[str] = set()
    waiting = _read(reply, pages)
    while waiting and len(seen) < MOST_SITEMAPS and not pages.are_newer_than(waiting[-1][0]):
        listed, base = waiting.pop()
        if listed.url not in seen:
            seen.add(listed.url)
            try:
                waiting += _read(visit(web_url(listed.url, base)), pages)
            except Unreadable as unreadable:
                pages.problems.append(unreadable)
            waiting.sort(key=lambda item: _moment(item[0]))
    pages.all_read = not waiting
    return pages


def _read(reply: Reply, pages: Pages) -> list[tuple[Listed, httpx.URL]]:
    """The sitemaps that one sitemap lists, the newest last; its pages are kept in `pages`."""
    further = []
    try:
        for item in _entries(reply):
            if isinstance(item, Unreadable):
                pages.problems.append(item)
            elif item.is_sitemap:
                further.append((item, reply.url))
            else:
                pages.add(item, reply.url)
    except Unreadable as unreadable:
        pages.problems.append(unreadable)
    return sorted(further, key=lambda item: _moment(item[0]))


def _entries(reply: Reply) -> Iterator[Listed | Unreadable]:
    return sitemap_entries(Source(BytesIO(reply.content), str(reply.url)))


def _moment(listed: Listed) -> datetime:
    """When it last changed; before all others where that is not stated."""
    return dates.instant(listed.changed) if listed.changed else _NEVER
