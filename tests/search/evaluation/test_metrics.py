"""Figures against values worked out by hand."""

from __future__ import annotations

import sys
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embedding.contract import Span
from index.errors import MissingExtra
from search.evaluation import metrics


def test_ranking_figures_by_hand() -> None:
    judgements = {"q1": {"a": 1, "b": 2, "z": 0}, "q2": {"c": 1}, "q3": {"d": 1}}
    rankings = {"q1": ["x", "b", "z", "a"], "q2": [f"x{n}" for n in range(10)] + ["c"]}
    found = metrics.ranking(judgements, rankings)
    # q1: DCG = 2/log2(3) + 1/log2(5) = 1.2619 + 0.4307; the best order gives 2 + 1/log2(3) = 2.6309.
    assert found["q1"] == pytest.approx({"ndcg@10": 0.6433, "mrr@10": 0.5, "recall@10": 1, "recall@100": 1}, abs=5e-5)
    assert found["q2"] == {"ndcg@10": 0, "mrr@10": 0, "recall@10": 0, "recall@100": 1}
    assert found["q3"] == {"ndcg@10": 0, "mrr@10": 0, "recall@10": 0, "recall@100": 0}
    assert metrics.means(found) == pytest.approx(
        {"ndcg@10": 0.2144, "mrr@10": 0.1667, "recall@10": 0.3333, "recall@100": 0.6667}, abs=5e-5
    )


def test_the_order_given_is_the_order_judged() -> None:
    names = [f"d{number:03}" for number in range(100)]
    for order in (names, names[::-1]):
        found = metrics.ranking({"q": {order[1]: 1}}, {"q": order})
        assert found["q"]["mrr@10"] == 0.5


def test_no_questions_have_no_means() -> None:
    assert metrics.means({}) == {}


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    with pytest.raises(MissingExtra, match=r"pip install 'pincite\[evaluate\]'") as caught:
        metrics.ir_measures()
    assert caught.value.detail == {"extra": "evaluate"}


def test_the_first_relevant_document() -> None:
    assert metrics.first_relevant({"a": 0, "b": 1, "c": 2}, ["x", "a", "c", "b"]) == 3
    assert metrics.first_relevant({"a": 1}, ["x"]) is None


def test_a_passage_covers_a_span_only_whole() -> None:
    golds = [("a", Span(10, 20)), ("b", Span(0, 5))]
    passages = [("a", Span(0, 19)), ("a", Span(11, 40)), ("c", Span(0, 99)), ("a", Span(10, 20)), ("b", Span(0, 5))]
    assert metrics.covering_rank(golds, passages) == 4
    assert metrics.covering_rank(golds, passages[:3]) is None
    assert metrics.covering_rank(golds[1:], passages) == 5


def test_shares_of_ranks() -> None:
    assert metrics.share_within([1, 3, None, 5], 1) == 0.25
    assert metrics.share_within([1, 3, None, 5], 5) == 0.75


@pytest.mark.parametrize(
    ("positive", "negative", "expected"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0),
        ([0.1], [0.9], 0.0),
        ([0.5], [0.5], 0.5),
        # Of the six pairs 0.8 wins 3, and 0.4 wins one (0.3), ties one (0.4) and loses one (0.6): 4.5 / 6.
        ([0.8, 0.4], [0.3, 0.4, 0.6], 0.75),
    ],
)
def test_auroc_by_hand(positive: list[float], negative: list[float], expected: float) -> None:
    assert metrics.auroc(positive, negative) == pytest.approx(expected)


SCORES = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=12)


@given(SCORES, SCORES)
def test_auroc_counts_pairs(positive: list[float], negative: list[float]) -> None:
    wins = sum(1.0 if one > other else 0.5 if one == other else 0.0 for one, other in product(positive, negative))
    assert metrics.auroc(positive, negative) == pytest.approx(wins / (len(positive) * len(negative)))


def test_latency_by_hand() -> None:
    assert metrics.latency([30.0, 10.0, 20.0, 40.0]) == {"latency_median_ms": 25.0, "latency_p95_ms": 40.0}
    assert metrics.latency([float(time) for time in range(1, 101)]) == {
        "latency_median_ms": 50.5,
        "latency_p95_ms": 95.0,
    }
