"""Progress of long work on a terminal: articles seen, passages embedded, speed. Silent where there is no terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class IndexProgress:
    """Counts articles and embedded passages on one line that rewrites itself."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("indexing", total=None, articles=0, passages=0)
        self._articles = 0
        self._passages = 0

    def on_embedded(self, count: int) -> None:
        """`count` more passages have their vectors."""
        self._passages += count
        self._progress.update(self._task, passages=self._passages)

    def on_article(self) -> None:
        """One more article is dealt with."""
        self._articles += 1
        self._progress.update(self._task, articles=self._articles)


@contextmanager
def index_progress(console: Console) -> Iterator[IndexProgress]:
    """A progress line for indexing, on `console` when it is a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("indexing"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[articles]:,} articles, {task.fields[passages]:,} passages embedded"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        yield IndexProgress(progress)
