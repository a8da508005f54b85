"""From a URL to drafts: a page, a feed with its entries' pages, a sitemap with its pages.

What each URL had is handed over by itself, and remembered once whoever took it says that it is stored. Knows no
library; whether it holds an article is asked through a function.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

import httpx

from index.articles.article import Draft
from index.errors import Unreadable
from index.web.fetching import Reply
from index.web.replies import kind_of, read_reply
from index.web.sitemaps import is_sitemap, listed_pages
from index.web.urls import web_url
from index.web.visiting import Visitor, fresh_seconds
from index.web.visits import Visit, Visits

MOST_PAGES = 500


@dataclass(slots=True)
class Found:
    """What one URL had.

    Attributes:
        drafts: to be stored, or why there are none.
        known: ids of articles that have not changed and that the library holds.
        articles: to be set by whoever stored the drafts, to the ids of their articles; left None if one was rejected.
            What is not stored whole is asked for again next time.
    """

    drafts: Iterable[Draft | Unreadable] = ()
    known: Sequence[str] = ()
    articles: Sequence[str] | None = None


Finding = Generator[Found, None, Sequence[str] | None]
"""Yields what was found; returns the ids of all its articles, None if something could not be stored."""


class Follower:
    """Follows URLs to their articles.

    Args:
        visitor: asks for URLs.
        visits: what was seen before.
        held: whether the library still holds all articles with these ids.
        report: takes a line for people.
        most_pages: how many pages of a sitemap are read.
    """

    def __init__(
        self,
        visitor: Visitor,
        visits: Visits,
        held: Callable[[Sequence[str]], bool],
        report: Callable[[str], None],
        most_pages: int = MOST_PAGES,
    ) -> None:
        self._visitor = visitor
        self._visits = visits
        self._held = held
        self._report = report
        self._most_pages = most_pages
        self._fresh: dict[str, float] = {}
        self._done: dict[str, Sequence[str] | None] = {}

    def follow(self, url: str) -> Iterator[Found]:
        """What a URL has, thing by thing; each must be stored before the next is asked for."""
        self._done.clear()
        try:
            reply = self._visit(web_url(url))
        except Unreadable as unreadable:
            yield Found((unreadable,))
            return
        self._fresh[url] = fresh_seconds(reply)
        if reply.status == HTTPStatus.NOT_MODIFIED:
            yield from self._unchanged(reply)
        elif is_sitemap(reply):
            yield from self._sitemap(url, reply)
        elif kind_of(reply) == "feed":
            yield from self._feed(url, reply)
        else:
            yield from self._single(url, reply)

    def fresh_seconds(self, url: str) -> float:
        """For how long the server said, at the last visit, that the URL's answer stays the same."""
        return self._fresh.get(url, 0.0)

    def _visit(self, url: httpx.URL) -> Reply:
        return self._visitor.visit(url, self._conditions)

    def _conditions(self, url: str) -> Mapping[str, str]:
        """What is sent to hear of changes only: nothing, where an article of the last visit is no longer there."""
        visit = self._visits.get(url)
        return visit.conditions if visit and self._held(visit.articles) else {}

    def _unchanged(self, reply: Reply) -> Finding:
        visit = self._visits.get(str(reply.url))
        if visit is None:
            yield Found((Unreadable("it answers 304 (Not Modified) to a first visit", origin=str(reply.url)),))
            return None
        yield Found(known=visit.articles)
        return visit.articles

    def _single(self, url: str, reply: Reply, listed: str = "", entry: Draft | None = None) -> Finding:
        """Whatever is no list: a page, a document, an archive."""
        found = Found(_completed(draft, entry) for draft in read_reply(reply, url))
        yield found
        if found.articles is not None:
            self._remember(url, reply, found.articles, listed)
        return found.articles

    def _feed(self, url: str, reply: Reply) -> Finding:
        """The entries that are whole, then the pages of those that are not."""
        entries = list(read_reply(reply, url))
        found = Found([entry for entry in entries if not _page_of(entry)])
        yield found
        parts = [found.articles]
        for entry in entries:
            if link := _page_of(entry):
                draft = entry if isinstance(entry, Draft) else None
                parts.append((yield from self._listed(link, reply.url, _digest(entry), draft)))
        articles = _joined(parts)
        if articles is not None:
            self._remember(url, reply, articles)
        return articles

    def _sitemap(self, url: str, reply: Reply) -> Finding:
        pages = listed_pages(reply, self._most_pages, lambda further: self._visitor.visit(further, lambda _: {}))
        if pages.seen > self._most_pages or not pages.all_read:
            self._report(
                f"{url} lists {pages.seen:,} pages{'' if pages.all_read else ' and more'}; "
                f"the newest {self._most_pages:,} are read. --pages sets another number."
            )
        yield Found(pages.problems)
        parts = []
        for page, base in pages.newest_first():
            parts.append((yield from self._listed(page.url, base, page.changed or "")))
        return _joined(parts)

    def _listed(self, link: str, base: httpx.URL, listed: str, entry: Draft | None = None) -> Finding:
        """A page that a feed or sitemap lists, once, whatever becomes of it."""
        try:
            target = web_url(link, base)
            url = str(target)
            if url not in self._done:
                self._done[url] = None
                self._done[url] = yield from self._page(target, listed, entry)
        except Unreadable as unreadable:
            yield Found((unreadable,))
            return None
        return self._done[url]

    def _page(self, target: httpx.URL, listed: str, entry: Draft | None) -> Finding:
        """A page that is asked for only if what is `listed` of it has changed."""
        url = str(target)
        last = self._visits.get(url)
        if last and listed and last.listed == listed and self._held(last.articles):
            yield Found(known=last.articles)
            return last.articles
        reply = self._visit(target)
        if reply.status != HTTPStatus.NOT_MODIFIED:
            return (yield from self._single(url, reply, listed, entry))
        articles = yield from self._unchanged(reply)
        if last and articles is not None:
            self._visits.remember({url}, replace(last, listed=listed))
        return articles

    def _remember(self, url: str, reply: Reply, articles: Sequence[str], listed: str = "") -> None:
        self._visits.remember({str(web_url(url)), str(reply.url)}, Visit.of(reply, articles, listed))


def _page_of(entry: Draft | Unreadable) -> str | None:
    """The address of an entry's page, where the entry has not the whole text."""
    if isinstance(entry, Unreadable):
        return str(entry.detail.get("url") or "") or None
    return entry.url if entry.metadata.get("summary_only") else None


def _digest(entry: Draft | Unreadable) -> str:
    """Changes when what a feed says of a page does; empty for an entry that says nothing of it."""
    if isinstance(entry, Unreadable):
        return ""
    said = "\0".join((entry.title or "", entry.published or "", entry.content))
    return hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _completed(draft: Draft | Unreadable, entry: Draft | None) -> Draft | Unreadable:
    """A page's draft with what its entry in the feed says, which clocks and people wrote for readers of feeds."""
    if entry is None or isinstance(draft, Unreadable):
        return draft
    return replace(
        draft,
        author=draft.author or entry.author,
        published=draft.published or entry.published,
        tags=draft.tags or entry.tags,
    )


def _joined(parts: Iterable[Sequence[str] | None]) -> list[str] | None:
    """All ids together; None if something could not be stored."""
    joined: list[str] = []
    for part in parts:
        if part is None:
            return None
        joined += part
    return joined
