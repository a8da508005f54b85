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
    "pairs": Belief(0.43, 0.85, 1.57),
    "sentences": Belief(-0.32, 0.55, 3.26),
    "hybrid": Belief(0.83, 1.08, 0.58),
    "dense": Belief(0.85, 1.03, 0.58),
    "lexical": Belief(0.13, 0.42, 0.45),
}
"""By the same names as the curves of `search.score`. Area under the ROC curve of questions that were read as pairs:
NQ .88, SciFact .72, a news quiz .71, SQuAD 2.0 .67 (150 questions each with an answer and 150 without), whose questions
without an answer were written to look as if they had one. Tried beside these on 400 questions of SQuAD, to no gain:
coverage of words .57, the gap to the second .51, the mean of the others .61, the best sentence as a pair .67, its
cosine .69, all of it together .69, held out by article. On 1,400, a linear probe of what the cross-encoder's tenth
layer made of the best sentence: .72, without it .67, and no better than with 400. What would tell is a reader trained
on such questions."""


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
