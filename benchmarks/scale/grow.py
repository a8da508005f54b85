"""More passages than there are: real vectors and real sentences, perturbed and recombined, and how well that is done.

A grown vector is a real one moved along the differences between its nearest real neighbours: a draw from the local
Gaussian around it, so that it stays on the surface that real passages lie on, and keeps the local dimension. How far it
is moved is the only choice; `likeness` compares what comes out with a real sample of the same size, so that the choice
can be checked: distances of questions and passages to their neighbours, intrinsic dimension, and how much an IVF index
finds by the number of lists that it looks at.

Every grown row depends on its number alone: a larger collection begins with the smaller one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import faiss
import numpy as np
import numpy.typing as npt

NEIGHBOURS = 12
STEP = 1.0
"""How far a grown vector is moved, in standard deviations of its neighbourhood."""

BLOCK = 10_000
"""Rows are drawn in blocks of this many, each from its own seed."""

Vectors = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]


class Soil:
    """Real vectors and who is near to whom, shape (n, dimensions) and (n, NEIGHBOURS)."""

    def __init__(self, real: Vectors, step: float = STEP) -> None:
        self.real = real
        self.step = step
        _, near = nearest(real, real, NEIGHBOURS + 1)
        self._near = near[:, 1:]

    def block(self, number: int) -> Vectors:
        """The block of grown rows of this number; the first rows of all are the real ones as they are."""
        first = number * BLOCK
        rng = np.random.default_rng([first, len(self.real)])
        origins = np.arange(first, first + BLOCK) % len(self.real)
        weights = rng.standard_normal((BLOCK, NEIGHBOURS), dtype=np.float32) * (self.step / np.sqrt(NEIGHBOURS))
        weights[np.arange(first, first + BLOCK) < len(self.real)] = 0
        grown = self.real[origins]
        for at in range(NEIGHBOURS):  # one neighbour at a time keeps the memory small
            grown += weights[:, at, None] * (self.real[self._near[origins, at]] - self.real[origins])
        return unit(grown)

    def blocks_from(self, start: int, rows: int) -> Iterator[Vectors]:
        """The grown rows from `start` to `rows`, block by block."""
        for first in range(start - start % BLOCK, rows, BLOCK):
            yield self.block(first // BLOCK)[max(0, start - first) : rows - first]

    def rows(self, rows: int) -> Vectors:
        """The first `rows` grown rows, shape (rows, dimensions)."""
        return np.concatenate(list(self.blocks_from(0, rows)))


def unit(rows: Vectors) -> Vectors:
    """The rows at unit length."""
    lengths: Vectors = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / lengths


def nearest(asked: Vectors, rows: Vectors, count: int) -> tuple[Vectors, Numbers]:
    """Exact search: inner products and row numbers, shapes (len(asked), count), best first."""
    scores, numbers = faiss.knn(asked, rows, count, metric=faiss.METRIC_INNER_PRODUCT)
    return scores, numbers


class Likeness(NamedTuple):
    """What a collection of vectors is like.

    Attributes:
        passage_distance: quantiles .1, .5, .9 of a passage's distance to its nearest neighbour.
        question_distance: the same of a question's distance to its 10th passage.
        dimension: the intrinsic dimension around questions and passages: Levina and Bickel, "Maximum Likelihood
            Estimation of Intrinsic Dimension" (2004), over 50 neighbours.
        ivf: the recall of a question's exact first 10 by an IVF index of sqrt(n) lists, by the lists looked at.
    """

    passage_distance: list[float]
    question_distance: list[float]
    dimension: tuple[float, float]
    ivf: dict[int, float]


def likeness(rows: Vectors, asked: Vectors, some: Numbers) -> Likeness:
    """What these rows are like, seen from questions and from some of the rows."""
    by_question, truth = nearest(asked, rows, 51)
    by_passage, _ = nearest(rows[some], rows, 51)
    lists = round(len(rows) ** 0.5)
    index = faiss.index_factory(rows.shape[1], f"IVF{lists},Flat", faiss.METRIC_INNER_PRODUCT)
    index.cp.min_points_per_centroid = 1  # faiss writes to the terminal when there are fewer
    index.train(rows)
    index.add(rows)
    found = {}
    for probes in (1, 2, 4, 8, 16, 32):
        index.nprobe = probes
        found[probes] = round(recall(index.search(asked, 10)[1], truth[:, :10]), 3)
    return Likeness(
        _quantiles(_distances(by_passage)[:, 1]),
        _quantiles(_distances(by_question)[:, 9]),
        (_dimension(_distances(by_question)), _dimension(_distances(by_passage)[:, 1:])),
        found,
    )


def recall(found: Sequence[Sequence[int]] | Numbers, truth: Sequence[Sequence[int]] | Numbers) -> float:
    """The mean share of what should be found that was found."""
    return float(np.mean([len(set(one) & set(all_)) / len(all_) for one, all_ in zip(found, truth, strict=True)]))


def _distances(products: Vectors) -> Vectors:
    distances: Vectors = np.sqrt(np.maximum(2 - 2 * products, 1e-12))
    return distances


def _quantiles(values: Vectors) -> list[float]:
    return [round(float(value), 3) for value in np.quantile(values, [0.1, 0.5, 0.9])]


def _dimension(distances: Vectors) -> float:
    ratios = np.log(distances[:, -1:] / distances[:, :-1])
    return round(float(1 / np.mean(np.mean(ratios, axis=1))), 1)
