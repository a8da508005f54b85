"""Agreement of clusters and pairs against values worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import InvalidInput
from search.evaluation.grouping import b_cubed, pair_agreement, pairs_of

GOLD = {"a": "fire", "b": "fire", "c": "fire", "d": "flood", "e": "flood"}


def test_b_cubed_by_hand() -> None:
    # a and b share {a, b} (precision 1, recall 2/3); c, d and e share {c, d, e}: c has precision 1/3 and recall 1/3,
    # d and e precision 2/3 and recall 1.
    found = b_cubed([["a", "b"], ["c", "d", "e"]], GOLD)
    assert found == pytest.approx(((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5, (2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5, 11 / 15))


def test_articles_in_no_cluster_stand_alone_and_strangers_do_not_count() -> None:
    assert b_cubed([["a", "x", "y"]], GOLD) == pytest.approx((1.0, (3 * 1 / 3 + 2 * 1 / 2) / 5, 4 / 7))


def test_everything_in_one_cluster() -> None:
    assert b_cubed([GOLD], GOLD) == pytest.approx(((3 * 3 / 5 + 2 * 2 / 5) / 5, 1.0, 2 * 0.52 / 1.52))


@given(st.dictionaries(st.text("abc", min_size=1), st.sampled_from("xyz"), min_size=1))
def test_the_true_clusters_agree_with_themselves(gold: dict[str, str]) -> None:
    clusters = [[article for article, home in gold.items() if home == one] for one in "xyz"]
    assert b_cubed(clusters, gold) == pytest.approx((1.0, 1.0, 1.0))


def test_clusters_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(InvalidInput, match="'a' is in two clusters"):
        b_cubed([["a"], ["a", "b"]], GOLD)
    with pytest.raises(InvalidInput, match="no clusters to compare with"):
        b_cubed([], {})
    with pytest.raises(InvalidInput, match="no pairs to compare with"):
        pair_agreement([("a", "b")], [])


def test_pairs_of_clusters() -> None:
    assert pairs_of([["b", "a", "c"], ["e", "d"], ["f"]]) == {("a", "b"), ("a", "c"), ("b", "c"), ("d", "e")}


def test_pairs_by_hand() -> None:
    gold = [("a", "b"), ("c", "d"), ("e", "f")]
    # Two of three are found, and one of the three found is false.
    assert pair_agreement([("b", "a"), ("c", "d"), ("a", "c")], gold) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert pair_agreement([], gold) == (1.0, 0.0, 0.0)
    assert pair_agreement([("x", "y")], gold) == (0.0, 0.0, 0.0)
