"""The dense side of one generation: a main index, the rows newer than it in memory, and which of them are alive.

A view never changes. A newer one is made from it by adding the truth's newer rows, at a cost that goes with what is
new; both share the memory of the rows that they have in common. Scores are always computed anew from the vectors, in
one way for all. Results are exact, but for what an inverted main index may miss.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from index.library.contract import Scored, Vectors
from index.library.local import bits
from index.library.local.bits import Bits, Positions
from index.library.local.finders import Exact, Finder
from index.library.local.places import Places
from index.library.local.reading import Keys, Reading, VectorRows
from index.library.local.remembered import Recent, Remembered
from index.library.local.vectors import Main

DEPTH = 3
SPARE = 16
"""So many times the rows asked for are looked at where an inverted index found them, and `SPARE` more: what it takes
for the best need not be it. Where rows are scanned it is only the spare ones, since scores may differ by rounding."""

NOISE = 1e-5
"""How far the score that a scan gives may lie from the exact one."""

FEW_ROWS = 2_000
"""Up to this many allowed rows, all their scores are computed instead of searching for the best ones."""


class Store(Protocol):
    """The vectors of some rows."""

    def take(self, positions: Positions) -> tuple[Positions, Vectors]:
        """The vectors at these positions, which ascend, with the positions: without those that are damaged."""
        ...


class Held:
    """A `Store` in memory, of shape (n, dimensions)."""

    def __init__(self, vectors: Vectors) -> None:
        self.vectors = vectors

    def take(self, positions: Positions) -> tuple[Positions, Vectors]:
        """See `Store.take`."""
        return positions, self.vectors[positions]


class Ranked(NamedTuple):
    """Keys with exact scores, best first, ties by key."""

    keys: Keys
    scores: npt.NDArray[np.float32]

    def first(self, limit: int) -> Ranked:
        """The best of them."""
        return Ranked(self.keys[:limit], self.scores[:limit])


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in any order: `keys` and `articles` of shape (n,), their vectors, and which are `alive`, None when all are.

    `finder` finds the roughly nearest; `places` tells where the rows of an article are; `passing` keeps which rows pass
    the filters used last.
    """

    keys: Keys
    articles: Keys
    store: Store
    alive: Bits | None
    finder: Finder
    places: Places
    passing: Recent[Bits]

    def without(self, dead: Keys) -> Rows:
        """These rows with the passages of more articles dead."""
        gone = self.places.of(dead)
        if not len(gone):
            return self
        alive = bits.every(len(self.keys)) if self.alive is None else self.alive
        return replace(self, alive=alive & ~bits.of(gone, len(self.keys)))

    def living(self) -> Keys:
        """The keys of the rows that are alive."""
        return self.keys if self.alive is None else self.keys[bits.positions(self.alive)]

    def chosen(self, articles: Keys | None, wanted: Keys | None, unwanted: Keys | None) -> Bits:
        """The rows of these articles, of the wanted keys and of none of the unwanted ones; None asks for nothing."""
        size = len(self.keys)
        found = bits.every(size) if articles is None else bits.of(self.places.of(articles), size)
        if wanted is not None:
            found &= bits.of(np.flatnonzero(np.isin(self.keys, wanted)), size)
        if unwanted is not None:
            found &= ~bits.of(np.flatnonzero(np.isin(self.keys, unwanted)), size)
        return found

    def nearest(self, vector: Vectors, limit: int, allowed: Bits | None, few_rows: int) -> Ranked:
        """The `limit` allowed rows of highest inner product with `vector`; see `FEW_ROWS`."""
        if allowed is not None and bits.count(allowed) <= few_rows:
            return self._ranked(bits.positions(allowed), vector).first(limit)
        most = limit + SPARE if self.finder.exact else DEPTH * limit + SPARE
        while True:
            found = self.finder.roughly(vector, most, allowed)
            best = self._ranked(np.sort(found.positions), vector).first(limit)
            if found.floor == -math.inf or found.floor < best.scores[-1] - NOISE:
                return best
            most *= 4

    def _ranked(self, positions: Positions, vector: Vectors) -> Ranked:
        """Scores in double precision, each computed alone, so that equal vectors have equal scores."""
        sound, vectors = self.store.take(positions)
        products: npt.NDArray[np.float64] = np.einsum("ij,j->i", vectors.astype(np.float64), vector.astype(np.float64))
        return ranked(self.keys[sound], products.astype(np.float32))


def ranked(keys: Keys, scores: npt.NDArray[np.float32]) -> Ranked:
    """These, best first, ties by key."""
    order = np.lexsort((keys, -scores))
    return Ranked(keys[order], scores[order])


def main_rows(main: Main) -> Rows:
    """The rows of a main index."""
    places = Places(main.articles)
    return Rows(main.keys, main.articles, main.rows, main.alive, main.finder, places, Recent())


def tail_rows(keys: Keys, articles: Keys, vectors: Vectors, alive: Bits | None = None) -> Rows:
    """Rows in memory."""
    return Rows(keys, articles, Held(vectors), alive, Exact(vectors), Places(articles), Recent())


@dataclass(frozen=True, slots=True)
class View:
    """All rows of one generation and pipeline, in parts: a main index if there is one, then the tail."""

    generation: int
    pipeline: int
    main_generation: int
    main: Rows | None
    tail: Rows
    vectors: Vectors
    """The tail's, shape (n, dimensions)."""
    remembered: Remembered
    few_rows: int = FEW_ROWS

    @property
    def parts(self) -> list[Rows]:
        """The main index, if any, and the tail."""
        return [part for part in (self.main, self.tail) if part is not None]

    def living(self) -> Keys:
        """The keys of all rows that are alive, ascending."""
        return np.sort(np.concatenate([part.living() for part in self.parts]))

    def owners(self, allowed: list[Bits | None]) -> Keys:
        """The keys of the articles with a row among those allowed for each part (None: all), ascending."""
        found = [
            part.articles if some is None else part.articles[bits.positions(some)]
            for part, some in zip(self.parts, allowed, strict=True)
        ]
        return np.unique(np.concatenate(found))

    def nearest(self, vector: Vectors, limit: int, allowed: list[Bits | None]) -> list[Scored]:
        """The `limit` rows of highest inner product with `vector` among those allowed for each part (None: all), best
        first, ties by key."""
        parts = zip(self.parts, allowed, strict=True)
        found = [part.nearest(vector, limit, some, self.few_rows) for part, some in parts]
        keys, scores = (np.concatenate(columns) for columns in zip(*found, strict=True))
        best = ranked(keys, scores).first(limit)
        return [Scored(key, score) for key, score in zip(best.keys.tolist(), best.scores.tolist(), strict=True)]

    def caught_up(self, reading: Reading) -> View:
        """The view of a later generation of the same pipeline, which `reading` shows."""
        dead = reading.tombstones(self.generation)
        main = self.main and self.main.without(dead)
        kept = replace(self, generation=reading.generation, main=main, tail=self.tail.without(dead))
        return kept._longer(reading.arrivals(self.generation))

    def _longer(self, chunks: Iterable[VectorRows]) -> View:
        """With more rows in the tail. They go into the spare room behind it, which older views do not look at."""
        tail, vectors = self.tail, self.vectors
        for chunk in chunks:
            before, after = len(tail.keys), len(tail.keys) + len(chunk.keys)
            alive = None if tail.alive is None else bits.longer(tail.alive, before, after)
            vectors = _appended(vectors, chunk.vectors)
            keys, articles = np.concatenate([tail.keys, chunk.keys]), np.concatenate([tail.articles, chunk.articles])
            tail = tail_rows(keys, articles, vectors, alive)
        return replace(self, tail=tail, vectors=vectors)


def fresh_view(reading: Reading, main: Main | None, remembered: Remembered, few_rows: int = FEW_ROWS) -> View:
    """The view that `reading` shows, from a main index that is of its pipeline and not newer, and whose tombstones and
    arrivals are still there."""
    none, vectors = np.empty(0, np.int64), np.empty((0, reading.dimensions), np.float32)
    rest = (tail_rows(none, none, vectors), vectors, remembered, few_rows)
    card = reading.card
    if main is None:
        return View(card.generation, card.pipeline, 0, None, *rest)._longer(reading.vector_rows())
    return View(main.generation, card.pipeline, main.generation, main_rows(main), *rest).caught_up(reading)


def _appended(before: Vectors, more: Vectors) -> Vectors:
    used, needed = len(before), len(before) + len(more)
    room = before.base if isinstance(before.base, np.ndarray) else before
    if len(room) < needed:
        room = np.empty((max(1024, 2 * needed), more.shape[1]), np.float32)
        if used:
            room[:used] = before
    room[used:needed] = more
    return room[:needed]
