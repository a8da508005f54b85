"""The dense side of one generation: a main index, the rows newer than it in memory, and which of them are alive.

A view never changes. A newer one is made from it by adding the truth's newer rows; both share the memory of the rows
that they have in common. Results are exact whatever part a row lies in, because scores are computed anew from the
vectors, in one way for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from index.library.contract import Scored, Vectors
from index.library.local.reading import Keys, Reading, VectorRows
from index.library.local.vectors import Found, Main, Mask, Positions, scan

SPARE = 16
"""How many rows are looked at beyond those asked for, since approximate scores may order neighbours otherwise."""

NOISE = 1e-5
"""How far an approximate score may lie from the exact one."""

FEW = 2_000
"""Up to this many allowed rows, all their scores are computed instead of scanning for the best ones."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in any order: `keys` and `articles` of shape (n,), `vectors` of shape (n, dimensions), and `alive`, None
    when all are. `search` finds the roughly nearest among allowed positions."""

    keys: Keys
    articles: Keys
    vectors: Vectors
    alive: Mask | None
    search: Callable[[Vectors, int, Mask | None], Found]

    def of_articles(self, chosen: Mask) -> Mask:
        """At which positions rows of these articles are, given for each article key whether it is one of them."""
        return chosen[self.articles]

    def of_keys(self, keys: Keys) -> Mask:
        """At which positions these rows are; `keys` ascending."""
        return np.isin(self.keys, keys, assume_unique=True)

    def without(self, dead: Keys) -> Rows:
        """These rows with the passages of more articles dead."""
        gone = np.isin(self.articles, dead)
        if not gone.any():
            return self
        return replace(self, alive=~gone if self.alive is None else self.alive & ~gone)


def main_rows(main: Main) -> Rows:
    """The rows of a main index."""
    return Rows(main.keys, main.articles, main.vectors, None, main.scan)


def tail_rows(keys: Keys, articles: Keys, vectors: Vectors, alive: Mask | None = None) -> Rows:
    """Rows in memory."""

    def search(vector: Vectors, count: int, allowed: Mask | None) -> Found:
        return scan(vectors, vector, count, allowed)

    return Rows(keys, articles, vectors, alive, search)


@dataclass(frozen=True, slots=True)
class View:
    """All rows of one generation and pipeline, in parts: a main index if there is one, then the tail."""

    generation: int
    pipeline: int
    main_generation: int
    main: Rows | None
    tail: Rows

    @property
    def parts(self) -> list[Rows]:
        """The main index, if any, and the tail."""
        return [part for part in (self.main, self.tail) if part is not None]

    def living(self) -> Keys:
        """The keys of all rows that are alive, ascending."""
        alive = [part.keys if part.alive is None else part.keys[part.alive] for part in self.parts]
        return np.sort(np.concatenate(alive))

    def allowed(
        self, articles: Keys | None, wanted: Keys | None = None, unwanted: Keys | None = None
    ) -> list[Mask | None]:
        """For each part, which positions may be found; None for all.

        Args:
            articles: only these articles' rows; None for all.
            wanted: only rows of these keys, ascending; None for all.
            unwanted: no rows of these keys, ascending; None for none.
        """
        chosen = None if articles is None else self._chosen(articles)
        allowed: list[Mask | None] = []
        for part in self.parts:
            masks = [] if part.alive is None else [part.alive]
            masks += [] if chosen is None else [part.of_articles(chosen)]
            masks += [] if wanted is None else [part.of_keys(wanted)]
            masks += [] if unwanted is None else [~part.of_keys(unwanted)]
            allowed.append(np.logical_and.reduce(masks) if masks else None)
        return allowed

    def _chosen(self, articles: Keys) -> Mask:
        """For each article key up to the highest here, whether it is one of these."""
        highest = max((int(part.articles.max()) for part in self.parts if len(part.articles)), default=0)
        chosen = np.zeros(highest + 1, np.bool_)
        chosen[articles[articles <= highest]] = True
        return chosen

    def owners(self, allowed: list[Mask | None]) -> Keys:
        """The keys of the articles with a row at an allowed position (see `allowed`), ascending."""
        found = [
            part.articles if mask is None else part.articles[mask]
            for part, mask in zip(self.parts, allowed, strict=True)
        ]
        return np.unique(np.concatenate(found))

    def nearest(self, vector: Vectors, limit: int, allowed: list[Mask | None]) -> list[Scored]:
        """The `limit` rows of highest inner product with `vector` at allowed positions (see `allowed`), best first,
        ties by key."""
        count = limit + SPARE
        while True:
            found = [_candidates(part, vector, count, mask) for part, mask in zip(self.parts, allowed, strict=True)]
            best = _ranked(self.parts, found, vector)[:limit]
            if all(some.complete or some.scores[-1] < best[-1].score - NOISE for some in found):
                return best
            count *= 4

    def caught_up(self, reading: Reading) -> View:
        """The view of a later generation of the same pipeline, which `reading` shows."""
        dead = reading.tombstones(self.generation)
        tail = _longer(self.tail.without(dead), reading.arrivals(self.generation))
        return replace(self, generation=reading.generation, main=self.main and self.main.without(dead), tail=tail)


def fresh_view(reading: Reading, main: Main | None) -> View:
    """The view that `reading` shows, from a main index that is of its pipeline and not newer, and whose tombstones and
    arrivals are still there."""
    none = tail_rows(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, reading.dimensions), np.float32))
    pipeline = reading.card.pipeline
    if main is None:
        return View(reading.generation, pipeline, 0, None, _longer(none, reading.vector_rows()))
    return View(main.generation, pipeline, main.generation, main_rows(main), none).caught_up(reading)


def _longer(tail: Rows, chunks: Iterable[VectorRows]) -> Rows:
    """The tail with more rows. They go into the spare room behind it, which older views do not look at."""
    for keys, articles, vectors in chunks:
        alive = None if tail.alive is None else np.concatenate([tail.alive, np.ones(len(keys), np.bool_)])
        tail = tail_rows(
            np.concatenate([tail.keys, keys]),
            np.concatenate([tail.articles, articles]),
            _appended(tail.vectors, vectors),
            alive,
        )
    return tail


def _appended(before: Vectors, more: Vectors) -> Vectors:
    used, needed = len(before), len(before) + len(more)
    room = before.base if isinstance(before.base, np.ndarray) else before
    if len(room) < needed:
        room = np.empty((max(1024, 2 * needed), more.shape[1]), np.float32)
        if used:
            room[:used] = before
    room[used:needed] = more
    return room[:needed]


def _candidates(part: Rows, vector: Vectors, count: int, allowed: Mask | None) -> Found:
    """At least the `count` roughly best allowed rows of a part, or all of them when they are few."""
    if allowed is not None:
        positions = np.flatnonzero(allowed)
        if len(positions) <= FEW:
            return Found(positions, np.empty(0, np.float32), complete=True)
    found = part.search(vector, min(count, len(part.keys)), allowed)
    return found._replace(complete=found.complete or count >= len(part.keys))


def _ranked(parts: list[Rows], found: list[Found], vector: Vectors) -> list[Scored]:
    """All candidates with their exact scores, best first, ties by key."""
    keys = np.concatenate([part.keys[some.positions] for part, some in zip(parts, found, strict=True)])
    scores = np.concatenate([_exact(part, some.positions, vector) for part, some in zip(parts, found, strict=True)])
    order = np.lexsort((keys, -scores))
    return [Scored(int(keys[at]), float(scores[at])) for at in order]


def _exact(part: Rows, positions: Positions, vector: Vectors) -> Vectors:
    """Inner products in double precision, each computed alone, so that equal vectors have equal scores."""
    rows = part.vectors[positions].astype(np.float64)
    scores: npt.NDArray[np.float64] = np.einsum("ij,j->i", rows, vector.astype(np.float64))
    return scores.astype(np.float32)
