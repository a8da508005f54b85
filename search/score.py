"""From what the stages found to one score a candidate: the probability that it answers, so that a threshold can be set.

Arithmetic only. The curves are fitted on judged questions by ``make calibrate``, which writes them, and how well they
hold, to ``benchmarks/results/calibration.json``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from index.library.contract import Scored
from search.fuse import normalise
from search.query import Mode
from search.rerank import UNREAD, Reading

PAIR_LOW, PAIR_HIGH = -10.0, 10.0
"""The range of the cross-encoder's raw scores, brought to 0..1."""

NOWHERE: Mapping[int, float] = {}
"""No candidate's cosine is raised."""

LOWEST_PLACE, HIGHEST_PLACE = -1.0, 2.0
"""Between these lies how near a passage comes by its tokens, unless the candidates are all alike."""


class Curve(NamedTuple):
    """A logistic curve from a candidate's standing and its question's margin to the probability that it answers.

    Attributes:
        weight: what a reader's verdict (0 to 1, by tokens -1 to 2) counts beside the place among the candidates (0 to
            1); their sum is the standing. Chosen by which order is best, not by the fit.
        intercept, standing, margin: the curve's own, fitted.
    """

    weight: float
    intercept: float
    standing: float
    margin: float

    def probability(self, standing: float, margin: float) -> float:
        """The probability, 0..1."""
        return logistic(self.intercept + self.standing * standing + self.margin * margin)


CURVES: Mapping[str, Curve] = {
    "pairs": Curve(1.5, -6.72, 2.52, 1.76),
    "sentences": Curve(2.0, -9.19, 2.88, 4.11),
    "hybrid": Curve(0.0, -9.7, 7.0, 5.73),
    "dense": Curve(0.0, -11.27, 8.41, 6.02),
    "lexical": Curve(0.0, -7.8, 5.95, 1.48),
}
"""By who read the candidate, and by the mode where nothing was read."""


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
        """Where a cosine lies, `LOWEST_PLACE` to `HIGHEST_PLACE`: 0 for the usual one, 1 for the nearest passage's."""
        span = self.best - self.usual
        return min(HIGHEST_PLACE, max(LOWEST_PLACE, (cosine - self.usual) / span)) if span > 0 else 0.0


def margin(dense: Sequence[Scored], lexical: Sequence[Scored]) -> float:
    """How far the best candidate stands out of the usual ones, 0..1; 0 without candidates.

    By meaning, where there are candidates by meaning: the share that the nearest one has come of the way from the usual
    one to the same text. By words alone: the share of the best score by which it is above the usual one.
    """
    usual, best = Scale.of(dense or lexical)
    span = 1 - usual if dense else best
    return (best - usual) / span if span > 0 else 0.0


class Standing(NamedTuple):
    """Where a candidate stands: by which of the `CURVES` it is judged, and the sum of its place and its verdict."""

    way: str
    sum: float


def standings(
    ranking: Sequence[Scored],
    readings: Mapping[int, Reading],
    scale: Scale,
    mode: Mode,
    abroad: Mapping[int, float] = NOWHERE,
) -> dict[int, Standing]:
    """Where each candidate stands; what was not read counts as if it had been read to no avail.

    Args:
        ranking: the candidates before reading, best first.
        readings: of those that were read.
        scale: what a cosine is worth.
        mode: how the candidates were found.
        abroad: by how much the cosines of which candidates are raised.
    """
    usual = way_of(readings, mode)
    found = {}
    for key, place in normalise(ranking).items():
        reading = readings.get(key, UNREAD)
        if reading.pair is not None:
            found[key] = Standing("pairs", place + CURVES["pairs"].weight * pair_verdict(reading.pair))
        elif reading.likeness is not None:
            verdict = scale.place(reading.likeness + abroad.get(key, 0.0))
            found[key] = Standing("sentences", place + CURVES["sentences"].weight * verdict)
        else:
            found[key] = Standing(usual, place)
    return found


def way_of(readings: Mapping[int, Reading], mode: Mode) -> str:
    """Which of the `CURVES` a question is judged by as a whole."""
    if not readings:
        return mode
    return "pairs" if any(reading.pair is not None for reading in readings.values()) else "sentences"


def probabilities(standings: Mapping[int, Standing], margin: float) -> list[Scored]:
    """How probable it is (0..1) that each candidate answers, best first, ties by key."""
    scored = [Scored(key, CURVES[way].probability(value, margin)) for key, (way, value) in standings.items()]
    return sorted(scored, key=lambda one: (-one.score, one.key))


def pair_verdict(raw: float) -> float:
    """A cross-encoder's raw score as 0..1."""
    return min(1.0, max(0.0, (raw - PAIR_LOW) / (PAIR_HIGH - PAIR_LOW)))


def logistic(value: float) -> float:
    """The logistic function, 0..1."""
    return 1 / (1 + math.exp(-value))
