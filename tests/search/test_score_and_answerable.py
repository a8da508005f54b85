"""From readings to probabilities, and from those to whether there is an answer at all."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.library.contract import Scored
from search.answerable import BELIEFS, answerable, log_odds
from search.rerank import Reading
from search.score import (
    CURVES,
    Curve,
    Scale,
    Standing,
    logistic,
    margin,
    pair_verdict,
    probabilities,
    standings,
    way_of,
)

RANKING = [Scored(1, 0.9), Scored(2, 0.5), Scored(3, 0.1)]
DENSE = [Scored(1, 0.90), Scored(2, 0.84), Scored(3, 0.80), Scored(4, 0.80)]
SCALE = Scale(0.80, 0.90)


def test_a_raw_score_becomes_a_verdict() -> None:
    assert [pair_verdict(raw) for raw in (-11, -10, 0, 5, 12)] == [0.0, 0.0, 0.5, 0.75, 1.0]


def test_the_scale_of_cosines() -> None:
    assert Scale.of(DENSE) == (pytest.approx(0.80), 0.90)
    assert [SCALE.place(cosine) for cosine in (0.2, 0.75, 0.80, 0.85, 0.90, 0.95, 1.5)] == [
        -1.0,
        pytest.approx(-0.5),
        pytest.approx(0.0),
        pytest.approx(0.5),
        pytest.approx(1.0),
        pytest.approx(1.5),
        2.0,
    ]
    assert Scale.of([]).place(0.5) == 0.0
    assert Scale.of([Scored(1, 0.5)]).place(0.9) == 0.0


def test_the_margin_by_meaning_is_the_share_of_the_way_to_the_same_text() -> None:
    assert margin(DENSE, []) == margin(DENSE, [Scored(1, 30.0)]) == pytest.approx(0.5)
    assert margin([Scored(1, 1.0)], []) == 0.0


def test_the_margin_by_words_is_the_share_above_the_usual_score() -> None:
    assert margin([], [Scored(1, 20.0), Scored(2, 8.0), Scored(3, 5.0), Scored(4, 5.0)]) == pytest.approx(0.75)
    assert margin([], [Scored(1, 20.0)]) == 0.0
    assert margin([], []) == 0.0


def test_a_curve_goes_up_with_what_speaks_for_an_answer() -> None:
    curve = Curve(weight=1.0, intercept=-2.0, standing=3.0, margin=1.0)
    assert curve.probability(0.0, 0.0) == pytest.approx(1 / (1 + math.exp(2)))
    assert curve.probability(0.5, 0.5) == 0.5


def test_a_reading_adds_its_verdict_to_the_place() -> None:
    found = standings(RANKING, {1: Reading(pair=-10.0), 2: Reading(pair=10.0)}, SCALE, "hybrid")
    pairs = CURVES["pairs"].weight
    assert found == {1: Standing("pairs", 1.0), 2: Standing("pairs", 0.5 + pairs), 3: Standing("pairs", 0.0)}


def test_how_near_the_tokens_come_counts() -> None:
    readings = {1: Reading(likeness=0.75), 2: Reading(likeness=0.95, likenesses=(0.1, 0.9))}
    found = standings(RANKING, readings, SCALE, "hybrid")
    sentences = CURVES["sentences"].weight
    assert found[1] == Standing("sentences", pytest.approx(1.0 - sentences * 0.5))
    assert found[2] == Standing("sentences", pytest.approx(0.5 + sentences * 1.5))


def test_each_candidate_is_judged_by_its_own_reader_and_the_rest_by_the_usual_one() -> None:
    readings = {1: Reading(pair=0.0), 2: Reading(likeness=0.85)}
    assert [standing.way for standing in standings(RANKING, readings, SCALE, "hybrid").values()] == [
        "pairs",
        "sentences",
        "pairs",
    ]


def test_without_readings_the_mode_judges() -> None:
    for mode in ("hybrid", "dense", "lexical"):
        assert standings(RANKING, {}, SCALE, mode) == {
            1: Standing(mode, 1.0),
            2: Standing(mode, 0.5),
            3: Standing(mode, 0.0),
        }


def test_a_pair_that_fits_overtakes_the_first() -> None:
    found = probabilities(standings(RANKING, {1: Reading(pair=-10.0), 2: Reading(pair=10.0)}, SCALE, "hybrid"), 0.5)
    curve = CURVES["pairs"]
    assert found == [
        Scored(2, curve.probability(0.5 + curve.weight, 0.5)),
        Scored(1, curve.probability(1.0, 0.5)),
        Scored(3, curve.probability(0.0, 0.5)),
    ]


def test_equals_come_in_the_order_of_their_keys() -> None:
    equal = {key: Standing("hybrid", 0.5) for key in (3, 1, 2)}
    assert [key for key, _ in probabilities(equal, 0.0)] == [1, 2, 3]


def test_the_way_of_a_question() -> None:
    assert way_of({}, "dense") == "dense"
    assert way_of({1: Reading(likeness=0.5)}, "hybrid") == "sentences"
    assert way_of({1: Reading(likeness=0.5), 2: Reading(pair=1.0)}, "hybrid") == "pairs"


@pytest.mark.parametrize("way", CURVES)
def test_scores_are_probabilities_that_keep_the_order(way: str) -> None:
    """Whatever was fitted: a better standing is more probable, the worst hardly, the best that stands out probable."""
    curve = CURVES[way]
    chances = [curve.probability(step / 10, 0.3) for step in range(31)]
    assert all(0 < low < high < 1 for low, high in itertools.pairwise(chances))
    assert curve.probability(0.0, 0.0) < 0.01
    assert curve.probability(1.0 + curve.weight, 0.9) > 0.35  # words alone are never surer than .4


@pytest.mark.parametrize("way", BELIEFS)
def test_an_answer_is_believed_by_the_best_candidate(way: str) -> None:
    sure = [answerable(way, [Scored(1, chance), Scored(2, 0.0)], 0.3) for chance in (0.0, 0.01, 0.1, 0.5, 0.9, 1.0)]
    assert all(0 <= low < high <= 1 for low, high in itertools.pairwise(sure))
    assert answerable(way, [], 0.3) == 0.0
    belief = BELIEFS[way]
    assert answerable(way, [Scored(1, 0.5)], 0.2) == pytest.approx(logistic(belief.intercept + 0.2 * belief.margin))


def test_log_odds_stay_finite() -> None:
    assert log_odds(0.5) == 0.0
    assert log_odds(0.0) == pytest.approx(math.log(1e-9))
    assert log_odds(1.0) == pytest.approx(-math.log(1e-9))


@given(
    st.dictionaries(st.integers(0, 9), st.floats(0, 1), min_size=1).map(
        lambda scores: sorted(map(Scored, scores.keys(), scores.values()), key=lambda one: -one.score)
    ),
    st.dictionaries(
        st.integers(0, 9),
        st.builds(Reading, pair=st.floats(-20, 20)) | st.builds(Reading, likeness=st.floats(-1, 1)),
    ),
    st.floats(0, 1),
)
def test_any_reading_gives_probabilities_of_all_candidates(
    ranking: list[Scored], readings: dict[int, Reading], outstanding: float
) -> None:
    found = probabilities(standings(ranking, readings, SCALE, "hybrid"), outstanding)
    assert {key for key, _ in found} == {key for key, _ in ranking}
    assert all(0 < score < 1 for _, score in found)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
