"""Keeps the dense side's view at the newest generation, and makes a new main index when the tail has grown long.

A new main is made in a thread, from a reading of its own, with less right to the processor than questions have; it is
taken up by the first view made after it is done. Another process that reads the library takes it up in the same way
when its own tail has grown long.
"""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from index.library.local import finders, vectors
from index.library.local.lock import FileLock
from index.library.local.reading import Reading
from index.library.local.remembered import Remembered
from index.library.local.truth import Truth
from index.library.local.vectors import INVERTED_ROWS, Main, Pointer
from index.library.local.view import FEW_ROWS, View, fresh_view

TAIL_ROWS = 10_000
"""A new main is due when the tail is longer than this, or more rows are dead. Such a tail is scanned in about 2 ms."""

NICENESS = 10

log = logging.getLogger(__name__)


class VectorUpkeep:
    """The vectors of one library in one process.

    Args:
        folder: where the main index lies.
        truth: what it is derived from.
        tail_rows: see `TAIL_ROWS`.
        inverted_rows: see `INVERTED_ROWS`.
        few_rows: see `FEW_ROWS`.
        builds: whether this process may write in `folder`.
    """

    def __init__(
        self,
        folder: Path,
        truth: Truth,
        *,
        builds: bool,
        tail_rows: int = TAIL_ROWS,
        inverted_rows: int = INVERTED_ROWS,
        few_rows: int = FEW_ROWS,
    ) -> None:
        self._folder = folder
        self._truth = truth
        self._tail_rows = tail_rows
        self._inverted_rows = inverted_rows
        self._few_rows = few_rows
        self._builds = builds
        self._building = FileLock(folder.with_name("build.lock"))
        self._thread: threading.Thread | None = None
        self._renewed: Main | None = None
        self._view: View | None = None
        self._main_in_use: Main | None = None
        self._remembered = Remembered()

    def at(self, reading: Reading) -> View:
        """The view of the generation that `reading` shows. Readings must come by ascending generation."""
        view, renewed = self._view, self._renewed
        if renewed is not None and renewed.generation <= reading.generation:
            self._renewed = None
            view = self._fresh(reading, renewed) if fits(renewed, reading) else view
        if view is None or not fits(view, reading):
            view = self._fresh(reading, self._main(reading))
        elif view.generation < reading.generation:
            view = view.caught_up(reading)
        self._view = view
        if len(view.tail.keys) > self._tail_rows or self._damage_noticed():
            self.renew()
        return view

    def _fresh(self, reading: Reading, main: Main | None) -> View:
        self._main_in_use = main
        return fresh_view(reading, main, self._remembered, self._few_rows)

    def _damage_noticed(self) -> bool:
        """Whether damaged rows were read of the main index in use, which is then forgotten so that it is made anew."""
        main = self._main_in_use
        if main is None or not main.rows.damaged:
            return False
        pointer = vectors.pointer_of(self._folder)
        if self._builds and pointer is not None and pointer.generation == main.generation:
            log.warning("%s holds damaged vectors; the main vector index is made anew", main.rows.path)
            vectors.forget(self._folder)
        return True

    def is_current(self, view: View) -> bool:
        """Whether `view` is the newest one and no newer main waits to be taken up."""
        return view is self._view and self._renewed is None

    def generation(self) -> int | None:
        """The generation of the view; None when none was asked for yet."""
        return None if self._view is None else self._view.generation

    def main_generation(self) -> int:
        """The generation of the main index on disk; 0 when there is none."""
        pointer = vectors.pointer_of(self._folder)
        return pointer.generation if pointer is not None else 0

    def renewal_due(self, reading: Reading) -> bool:
        """Whether the main index on disk lacks too many rows, holds too many dead ones, or is of another truth."""
        pointer = vectors.pointer_of(self._folder)
        if not reading.dimensions:
            return False
        if pointer is None:
            return reading.burden(0) > self._tail_rows
        return not fits(pointer, reading) or reading.burden(pointer.through) > self._tail_rows

    def renew(self) -> None:
        """Make a new main index, or take up the one that another process made, in a thread of its own."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._renew, name="pincite-main-index")
            self._thread.start()

    def close(self) -> None:
        """Wait for the thread."""
        if self._thread is not None:
            self._thread.join()

    def _main(self, reading: Reading) -> Main | None:
        """The main index on disk; one that cannot be used is forgotten, so that it is made anew."""
        pointer, card = vectors.pointer_of(self._folder), reading.card
        if pointer is None or pointer.generation > card.generation or pointer.pipeline != card.pipeline:
            return None
        main = vectors.load(self._folder, reading.dimensions)
        if main is not None and fits(main, reading):
            return main
        if self._builds and vectors.pointer_of(self._folder) == pointer:
            vectors.forget(self._folder)
        return None

    def _renew(self) -> None:
        give_way()
        try:
            if self._builds:
                self._build_when_due()
            view = self._view
            if view is not None and self.main_generation() > view.main_generation:
                self._renewed = vectors.load(self._folder, view.vectors.shape[1])
        except Exception:  # a thread has nobody to raise it to
            log.exception("no new main vector index in %s; the tail goes on growing", self._folder)

    def _build_when_due(self) -> None:
        with self._building.tried() as taken, self._truth.reading() as reading:
            if taken and self.renewal_due(reading):
                self._build(reading)
                log.info("%s has a new main index of generation %d", self._folder, reading.generation)

    def _build(self, reading: Reading) -> None:
        """Make the old main index longer where that can be, else a new one."""
        pointer = vectors.pointer_of(self._folder)
        if pointer is not None and fits(pointer, reading) and pointer.extends(self._inverted_rows):
            try:
                vectors.extend(self._folder, reading, pointer)
            except vectors.DAMAGE as error:
                log.warning("the main vector index in %s is damaged (%s); it is made anew", self._folder, error)
            else:
                return
        vectors.build(self._folder, reading, self._inverted_rows)


def give_way() -> None:
    """Let the calling thread do its work beside the questions: with half of the processors at most, and only while
    nobody else wants them."""
    finders.use_threads(max(1, (os.cpu_count() or 1) // 2))
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)  # on Linux, of this thread alone


def fits(derived: Main | Pointer | View, reading: Reading) -> bool:
    """Whether it is of the pipeline in use, all that changed since can still be read, and it shows nothing newer."""
    card = reading.card
    return derived.pipeline == card.pipeline and card.pruned <= derived.generation <= card.generation
