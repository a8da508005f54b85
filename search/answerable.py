"""Whether the library can answer at all, as one probability.

It rests on how probable it is that the best candidate answers, and on how far it stands out of the
others. The curves are fitted with those of `search.score`, by ``make calibrate``, on questions with and without an
answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from index.library.contract import Scored
from search.score import logistic

SURE = 1e-9
"""Probabilities are kept so far from 0 and 1."""


class Belief(NamedTuple):
    """A logistic curve from the best candidate's log-odds and its question's margin."""

    intercept: float
    odds: float
    margin: float


BELIEFS: Mapping[str, Belief] = {
    "pairs": Belief(-0.56, 0.55, 2.44),
    "sentences": Belief(-0.56, 0.55, 2.44),
    "hybrid": Belief(-0.56, 0.55, 2.44),
    "dense": Belief(-0.56, 0.55, 2.44),
    "lexical": Belief(-0.56, 0.55, 0.0),
}
"""By the same names as the curves of `search.score`."""


def answerable(way: str, scored: Sequence[Scored], margin: float) -> float:
    """How probable it is, 0..1, that the library answers the question; 0 without candidates.

    Args:
        way: one of `BELIEFS`.
        scored: the candidates with the probabilities that they answer, best first.
        margin: how far the best candidate stands out (`search.score.margin`).
    """
    if not scored:
        return 0.0
    intercept, odds, by_margin = BELIEFS[way]
    return logistic(intercept + odds * log_odds(scored[0].score) + by_margin * margin)


def log_odds(probability: float) -> float:
    """The natural logarithm of the odds, within what `SURE` allows."""
    kept = min(1 - SURE, max(SURE, probability))
    return math.log(kept / (1 - kept))
