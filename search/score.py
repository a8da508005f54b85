"""From what the stages found to one score a candidate: a probability, so that a threshold can be set.

Arithmetic only; the weights were fitted once, by hand, on questions whose answers are known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from index.library.contract import Scored
from search.fuse import normalise
from search.rerank import Reading

PAIR_LOW, PAIR_HIGH = -10.0, 10.0
"""The range of the cross-encoder's raw scores, brought to 0..1."""

HIGHEST_PLACE = 2.0
"""A sentence is nearer than any whole passage by less than this, unless the candidates are all alike."""


class Curve(NamedTuple):
    """What a reader's verdict (0 to about 1) weighs beside the fused score (0..1), and the logistic curve from their
    sum to the probability that the passage answers."""

    weight: float
    intercept: float
    slope: float

    def probability(self, fused: float, verdict: float) -> float:
        """The probability, 0..1."""
        return 1 / (1 + math.exp(-(self.intercept + self.slope * (fused + self.weight * verdict))))


PAIRS = Curve(1.5, -7.7, 3.7)
"""Fitted on 200 questions of SQuAD 2.0 (half of them without an answer), 120 of NQ and 80 of SciFact, 8 passages each.
Of the sums, those from 1 to 1.5 answer in .05 of the cases (the curve says .05), 1.5 to 2 in .18 (.22), above 2 in .65
(.60)."""

SENTENCES = Curve(1.0, -11.8, 6.4)
"""Fitted on 380 questions of XQuAD in Turkish, over Turkish and over English passages: sums from 1 to 1.5 answer in .02
of the cases (the curve says .03), 1.5 to 2 in .34 (.31), above 2 in .88 (.88)."""


def probabilities(ranking: Sequence[Scored], readings: Mapping[int, Reading], dense: Sequence[Scored]) -> list[Scored]:
    """How probable it is (0..1) that each candidate answers, best first, ties by key; what was not read counts as if it
    had been read to no avail.

    Args:
        ranking: the candidates after fusing.
        readings: of those that were read.
        dense: the candidates by meaning, best first, for what a cosine is worth.
    """
    scale = Scale.of(dense)
    usual = PAIRS if any(reading.pair is not None for reading in readings.values()) else SENTENCES

    def probability(key: int, fused: float) -> float:
        reading = readings.get(key)
        if reading is None:
            return usual.probability(fused, 0.0)
        if reading.pair is not None:
            return PAIRS.probability(fused, pair_verdict(reading.pair))
        return SENTENCES.probability(fused, scale.place(max(reading.likenesses)))

    scored = [Scored(key, probability(key, fused)) for key, fused in normalise(ranking).items()]
    return sorted(scored, key=lambda one: (-one.score, one.key))


class Scale(NamedTuple):
    """What cosines are worth for a question: models differ in that, and so do questions.

    `usual` is that of passages that have nothing to do with it (the mean of the worse half of the candidates), `best`
    that of the nearest passage.
    """

    usual: float
    best: float

    @classmethod
    def of(cls, dense: Sequence[Scored]) -> Scale:
        """The scale of these candidates, best first."""
        cosines = [score for _, score in dense]
        return cls(fmean(cosines[len(cosines) // 2 :]), cosines[0]) if cosines else cls(0.0, 0.0)

    def place(self, cosine: float) -> float:
        """Where a cosine lies: 0 for the usual one, 1 for the nearest passage's, a little above 1 beyond it."""
        span = self.best - self.usual
        return min(HIGHEST_PLACE, max(0.0, (cosine - self.usual) / span)) if span > 0 else 0.0


def pair_verdict(raw: float) -> float:
    """A cross-encoder's raw score as 0..1."""
    return min(1.0, max(0.0, (raw - PAIR_LOW) / (PAIR_HIGH - PAIR_LOW)))
