"""Cleaning many drafts, pages among them in other processes: telling an article from a page takes most of the time.

Keeps the order of the drafts, and a few of them in memory. Knows nothing of where drafts come from or articles go.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import NamedTuple

from index.articles.article import Article, Draft
from index.articles.clean import clean
from index.errors import InvalidArticle, Unreadable

FEW = 64
"""Up to so many pages are cleaned here: other processes take as long to start."""

AHEAD = 8
"""How many pages a process may be ahead of the one that is waited for."""

Cleaned = Article | InvalidArticle | Unreadable


class _Waiting(NamedTuple):
    """A draft, and how to have what became of it."""

    draft: Draft | Unreadable
    result: Callable[[], Cleaned]
    done: Callable[[], bool]


def tried(draft: Draft | Unreadable) -> Cleaned:
    """The article that a draft holds, or why it holds none."""
    if isinstance(draft, Unreadable):
        return draft
    try:
        return clean(draft)
    except InvalidArticle as error:
        return error


def clean_many(drafts: Iterable[Draft | Unreadable], processes: int = 1) -> Iterator[tuple[str, Cleaned]]:
    """Each draft's origin, and its article or why it has none, in the order given.

    Args:
        drafts: what readers saw, or why they could not.
        processes: how many other processes clean pages, from the 65th page on; 1 for none. A script that asks for
            more must be guarded by ``if __name__ == "__main__"``, as Python's multiprocessing demands.

    Yields:
        Pairs; a page whose process was killed, as happens when memory runs out, is `Unreadable`, and the rest goes on.
    """
    waiting: deque[_Waiting] = deque()
    with _Pool(processes) as pool:
        for draft in drafts:
            waiting.append(pool.begin(draft))
            while waiting and (waiting[0].done() or len(waiting) > AHEAD * processes):
                yield _ended(waiting.popleft())
        yield from map(_ended, waiting)


def _ended(one: _Waiting) -> tuple[str, Cleaned]:
    return one.draft.origin, one.result()


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

    def begin(self, draft: Draft | Unreadable) -> _Waiting:
        """Begin to clean a draft, or clean it at once."""
        if isinstance(draft, Draft) and draft.markup == "html" and self._processes > 1:
            self._pages += 1
            if self._pages > FEW:
                return self._sent(draft)
        cleaned = tried(draft)
        return _Waiting(draft, lambda: cleaned, lambda: True)

    def _sent(self, draft: Draft) -> _Waiting:
        try:
            future = self._running().submit(tried, draft)
        except BrokenProcessPool:
            self._close()
            future = self._running().submit(tried, draft)
        return _Waiting(draft, lambda: _received(future, draft), future.done)

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


def _received(future: Future[Cleaned], draft: Draft) -> Cleaned:
    """What another process made of a draft. When any was killed, the draft is tried again in one of its own."""
    try:
        return future.result()
    except BrokenProcessPool:
        pass
    with _executor(1) as alone:
        try:
            return alone.submit(tried, draft).result()
        except BrokenProcessPool:
            reason = "the process that read it was ended, as happens when memory runs out; the page may be too large"
            return Unreadable(reason, origin=draft.origin)
