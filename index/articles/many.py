"""Cleaning many drafts, pages among them in other processes: telling an article from a page takes most of the time.

Keeps the order of the drafts, and a few of them in memory. Pages go to another process a handful at a time. Knows
nothing of where drafts come from or articles go.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import groupby
from typing import NamedTuple

from index.articles.article import Article, Draft
from index.articles.clean import clean
from index.errors import InvalidArticle, Unreadable

FEW = 256
"""Up to so many pages are cleaned here: two other processes take two seconds of a core to start, a page 20 ms. Of 180
pages, embedded meanwhile, words found everything after 5.3 to 5.7 s and meaning after 28.8; with other processes from
the 65th page on after 6.0 to 6.9 and 29.7."""

AHEAD = 12
AHEAD_CHARACTERS = 20_000_000
"""How many pages a process may be ahead of the ones that are waited for, and how much may wait in all."""

HANDFUL = 4
HANDFUL_CHARACTERS = 1_000_000
"""How many pages are handed over together, and how much of them: each hand-over wakes three threads."""

Cleaned = Article | InvalidArticle | Unreadable


class _Waiting(NamedTuple):
    """Drafts, and how to have what became of them."""

    drafts: Sequence[Draft | Unreadable]
    results: Callable[[], list[Cleaned]]
    done: Callable[[], bool]


def tried(draft: Draft | Unreadable) -> Cleaned:
    """The article that a draft holds, or why it holds none."""
    if isinstance(draft, Unreadable):
        return draft
    try:
        return clean(draft)
    except InvalidArticle as error:
        return error


def all_tried(drafts: Sequence[Draft | Unreadable]) -> list[Cleaned]:
    """As `tried`, of each."""
    return list(map(tried, drafts))


def clean_many(drafts: Iterable[Draft | Unreadable], processes: int = 1) -> Iterator[tuple[str, Cleaned]]:
    """Each draft's origin, and its article or why it has none, in the order given.

    Args:
        drafts: what readers saw, or why they could not.
        processes: how many other processes clean pages, from the 257th page on; 1 for none. A script that asks for
            more must be guarded by ``if __name__ == "__main__"``, as Python's multiprocessing demands.

    Yields:
        Pairs; a page whose process was killed, as happens when memory runs out, is `Unreadable`, and the rest goes on.
    """
    waiting: deque[_Waiting] = deque()
    with _Pool(processes) as pool:
        for elsewhere, group in groupby(drafts, pool.is_wanted):
            for handful in _handfuls(group) if elsewhere else ([draft] for draft in group):
                waiting.append(pool.begin(handful) if elsewhere else _cleaned_here(handful))
                while waiting and (waiting[0].done() or _are_enough(waiting, AHEAD * processes)):
                    yield from _ended(waiting.popleft())
        for last in waiting:
            yield from _ended(last)


def _handfuls(drafts: Iterable[Draft | Unreadable]) -> Iterator[list[Draft | Unreadable]]:
    """Drafts, some at a time."""
    handful: list[Draft | Unreadable] = []
    for draft in drafts:
        handful.append(draft)
        if len(handful) == HANDFUL or _size(handful) > HANDFUL_CHARACTERS:
            yield handful
            handful = []
    if handful:
        yield handful


def _size(drafts: Iterable[Draft | Unreadable]) -> int:
    return sum(len(draft.content) for draft in drafts if isinstance(draft, Draft))


def _are_enough(waiting: Iterable[_Waiting], most: int) -> bool:
    """Whether so much waits that no more may be read."""
    drafts = [draft for one in waiting for draft in one.drafts]
    return len(drafts) > most or _size(drafts) > AHEAD_CHARACTERS


def _cleaned_here(drafts: Sequence[Draft | Unreadable]) -> _Waiting:
    cleaned = all_tried(drafts)
    return _Waiting(drafts, lambda: cleaned, lambda: True)


def _ended(one: _Waiting) -> Iterator[tuple[str, Cleaned]]:
    return zip((draft.origin for draft in one.drafts), one.results(), strict=True)


class _Pool:
    """Other processes, started when they are worth it, and again when one was killed."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._pages = 0
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._close()

    def is_wanted(self, draft: Draft | Unreadable) -> bool:
        """Whether a draft that comes next is to be cleaned in another process."""
        is_page = isinstance(draft, Draft) and draft.markup == "html" and self._processes > 1
        self._pages += is_page
        return is_page and self._pages > FEW

    def begin(self, drafts: Sequence[Draft | Unreadable]) -> _Waiting:
        """Begin to clean drafts in another process."""
        try:
            future = self._running().submit(all_tried, drafts)
        except BrokenProcessPool:
            self._close()
            future = self._running().submit(all_tried, drafts)
        return _Waiting(drafts, lambda: _received(future, drafts), future.done)

    def _running(self) -> ProcessPoolExecutor:
        if self._executor is None:
            self._executor = _executor(self._processes)
        return self._executor

    def _close(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None


def _executor(processes: int) -> ProcessPoolExecutor:
    """Processes that share nothing with this one: threads of other libraries make forking it unsafe."""
    fresh = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(processes, mp_context=fresh, initializer=_leave_interrupts_alone)


def _leave_interrupts_alone() -> None:
    """The process that waits is the one that ends on Ctrl-C; it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _received(future: Future[list[Cleaned]], drafts: Sequence[Draft | Unreadable]) -> list[Cleaned]:
    """What another process made of drafts. When any was killed, each draft is tried again in one of its own."""
    try:
        return future.result()
    except BrokenProcessPool:
        return list(map(_alone, drafts))


def _alone(draft: Draft | Unreadable) -> Cleaned:
    with _executor(1) as alone:
        try:
            return alone.submit(tried, draft).result()
        except BrokenProcessPool:
            reason = "the process that read it was ended, as happens when memory runs out; the page may be too large"
            return Unreadable(reason, origin=draft.origin)
