"""From readings to probabilities, and from those to whether there is an answer at all."""

from __future__ import annotations

import math

import pytest

from index.articles.passage import Passage
from index.library.contract import Scored
from search.answer import Citation, Hit, Scores, TextPositionSelector, TextQuoteSelector
from search.answerable import answerable, coverage
from search.rerank import Reading
from search.score import PAIRS, SENTENCES, Scale, pair_verdict, probabilities

RANKING = [Scored(1, 0.9), Scored(2, 0.5), Scored(3, 0.1)]
DENSE = [Scored(1, 0.90), Scored(2, 0.84), Scored(3, 0.80), Scored(4, 0.80)]


def logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def hit(text: str, cosine: float | None = None) -> Hit:
    selectors = (TextQuoteSelector(text, "", ""), TextPositionSelector(0, len(text)))
    cited = Citation("id", "a", "r", None, None, None, None, None, None, text, 0, len(text), selectors)
    return Hit(1, 0.5, Scores(dense=cosine), Passage("a", 0, 0, len(text), text), (), cited)


def test_a_raw_score_becomes_a_verdict() -> None:
    assert [pair_verdict(raw) for raw in (-11, -10, 0, 5, 12)] == [0.0, 0.0, 0.5, 0.75, 1.0]


def test_the_scale_of_cosines() -> None:
    scale = Scale.of(DENSE)
    assert scale == (pytest.approx(0.80), 0.90)
    assert [scale.place(cosine) for cosine in (0.7, 0.85, 0.90, 0.95, 1.5)] == [
        0.0,
        pytest.approx(0.5),
        pytest.approx(1.0),
        pytest.approx(1.5),
        2.0,
    ]
    assert Scale.of([]).place(0.5) == 0.0
    assert Scale.of([Scored(1, 0.5)]).place(0.9) == 0.0


def test_a_pair_that_fits_overtakes_the_first() -> None:
    found = probabilities(RANKING, {1: Reading(pair=-10.0), 2: Reading(pair=10.0)}, DENSE)
    assert found == [
        Scored(2, pytest.approx(logistic(-7.7 + 3.7 * (0.5 + 1.5)))),
        Scored(1, pytest.approx(logistic(-7.7 + 3.7))),
        Scored(3, pytest.approx(logistic(-7.7))),
    ]
    assert PAIRS.probability(0.5, 1.0) == found[0].score


def test_the_nearest_sentence_counts() -> None:
    found = probabilities(RANKING, {1: Reading(likenesses=(0.70, 0.75)), 2: Reading(likenesses=(0.1, 0.95))}, DENSE)
    assert [key for key, _ in found] == [2, 1, 3]
    assert found[0].score == pytest.approx(SENTENCES.probability(0.5, 1.5))


def test_answerable_where_candidates_were_read() -> None:
    sure = answerable("?", [hit("x")], DENSE, [Scored(1, 0.5), Scored(2, 0.1)])
    assert sure == pytest.approx(logistic(-0.56 + 2.44 * 0.5))
    unsure = answerable("?", [hit("x")], [], [Scored(1, 0.0)])
    assert unsure == pytest.approx(logistic(-0.56 + 0.55 * math.log(1e-9)), rel=1e-6)


def test_answerable_by_words_and_by_standing_out() -> None:
    hits = [hit("The bridge is shut.", 0.9), hit("Ferries run.", 0.7)]
    assert coverage("bridge shut", hits[0]) == 1.0
    assert coverage("?", hits[0]) == 0.0
    assert answerable("bridge shut", hits, DENSE) == pytest.approx(logistic(-2 + 4 + 10 * 0.1))
    assert answerable("bridge shut", [hit("The bridge is shut.")], []) == pytest.approx(logistic(2))
    assert answerable("bridge shut", [], DENSE) == 0.0
