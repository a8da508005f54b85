"""Whether probabilities hold: of what is said to answer in so many of a hundred cases, how many do.

Plain arithmetic over probabilities and outcomes; knows no questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

EDGES = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Where the bins of a table begin and end."""

PARTS = 10
"""The calibration error is taken over so many parts of equal size."""


class Bin(NamedTuple):
    """Cases whose probability lies in one stretch: its ends, how many there are, what was said and what came true."""

    low: float
    high: float
    cases: int
    said: float
    true: float


def table(chances: Sequence[float], outcomes: Sequence[bool]) -> list[Bin]:
    """The bins between `EDGES` that hold any case; a case on an edge is in the upper bin."""
    bins = []
    for low, high in pairwise(EDGES):
        inside = [at for at, chance in enumerate(chances) if low <= chance < high or chance == high == EDGES[-1]]
        if inside:
            said, true = fmean(chances[at] for at in inside), fmean(outcomes[at] for at in inside)
            bins.append(Bin(low, high, len(inside), said, true))
    return bins


def expected_error(chances: Sequence[float], outcomes: Sequence[bool]) -> float:
    """The expected calibration error, 0..1: how far what was said is off, on average over parts of equal size.

    Source: Nixon et al., "Measuring Calibration in Deep Learning" (2019), its adaptive form.
    """
    order = sorted(range(len(chances)), key=lambda at: chances[at])
    ends = [len(order) * part // PARTS for part in range(PARTS + 1)]
    parts = [order[start:end] for start, end in pairwise(ends) if end > start]
    off = (abs(sum(chances[at] for at in part) - sum(outcomes[at] for at in part)) for part in parts)
    return sum(off) / len(order)


def squared_error(chances: Sequence[float], outcomes: Sequence[bool]) -> float:
    """The mean squared error (Brier 1950), 0..1."""
    return fmean((chance - outcome) ** 2 for chance, outcome in zip(chances, outcomes, strict=True))
