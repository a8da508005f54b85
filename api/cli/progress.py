"""Progress of long work on a terminal: articles seen, passages embedded, speed. Silent where there is no terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class IndexProgress:
    """Counts articles and embedded passages on one line that rewrites itself."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("indexing", total=None, articles=0, passages=0, embedded=0)
        self._articles = self._passages = self._embedded = 0

    def on_embedded(self, count: int) -> None:
        """`count` more passages have their vectors."""
        self._embedded += count
        self._progress.update(self._task, completed=self._embedded, embedded=self._embedded)

    def on_article(self, passages: int = 0) -> None:
        """One more article is dealt with, of so many new passages."""
        self._articles += 1
        self._passages += passages
        self._progress.update(self._task, articles=self._articles, passages=self._passages)

    def on_waiting(self, passages: int) -> None:
        """All is stored, and so many passages still wait for their vectors: from now on the end is known."""
        self._progress.update(self._task, total=self._embedded + passages)


@contextmanager
def index_progress(console: Console) -> Iterator[IndexProgress]:
    """A progress line for indexing, on `console` when it is a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("indexing"),
        BarColumn(bar_width=24),
        TextColumn(
            "{task.fields[articles]:,} articles, {task.fields[passages]:,} passages, {task.fields[embedded]:,} embedded"
        ),
        TimeElapsedColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        yield IndexProgress(progress)


def embedding_progress(console: Console, passages: int) -> AbstractContextManager[Callable[[int], None]]:
    """A progress bar for so many passages to embed, told how many more are, on `console` when it is a terminal."""
    return counting_progress(console, "embedding", passages)


@contextmanager
def counting_progress(console: Console, doing: str, total: int) -> Iterator[Callable[[int], None]]:
    """The same for any work that can be counted."""
    columns = (TextColumn(doing), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(doing, total=total)
        yield lambda count: progress.update(task, advance=count)
