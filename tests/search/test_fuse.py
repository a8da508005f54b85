"""Fusing: expected numbers, worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.library.contract import Scored
from search.fuse import fuse, normalise, reciprocal_ranks, weighted_sum

DENSE = [Scored(7, 0.9), Scored(3, 0.8), Scored(5, 0.7)]
LEXICAL = [Scored(3, 12.0), Scored(9, 4.0)]

rankings = st.lists(
    st.tuples(st.integers(0, 50), st.floats(-1e6, 1e6)), unique_by=lambda pair: pair[0], max_size=20
).map(lambda pairs: sorted((Scored(*pair) for pair in pairs), key=lambda scored: -scored.score))


def test_normalise_moves_the_best_to_one_and_the_worst_to_zero() -> None:
    assert normalise(DENSE) == pytest.approx({7: 1.0, 3: 0.5, 5: 0.0})


def test_normalise_of_equals_is_one() -> None:
    assert normalise([Scored(1, 2.5), Scored(2, 2.5)]) == {1: 1.0, 2: 1.0}
    assert normalise([]) == {}


def test_weighted_sum_by_hand() -> None:
    expected = {7: 0.6, 3: 0.6 * 0.5 + 0.4, 5: 0.0, 9: 0.0}
    assert weighted_sum(DENSE, LEXICAL, dense_weight=0.6) == pytest.approx(expected)


def test_minmax_fusion_ranks_what_both_sides_like_first() -> None:
    fused = fuse(DENSE, LEXICAL, "minmax", dense_weight=0.5)
    assert [key for key, _ in fused] == [3, 7, 5, 9]
    assert [score for _, score in fused] == pytest.approx([0.75, 0.5, 0.0, 0.0])


def test_reciprocal_ranks_by_hand() -> None:
    expected = {7: 61 / 2 * 1 / 61, 3: 61 / 2 * (1 / 62 + 1 / 61), 5: 61 / 2 * 1 / 63, 9: 61 / 2 * 1 / 62}
    assert reciprocal_ranks([DENSE, LEXICAL]) == pytest.approx(expected)


def test_rrf_gives_one_to_what_is_first_everywhere() -> None:
    assert fuse([Scored(1, 0.3)], [Scored(1, 8.0)], "rrf") == [Scored(1, pytest.approx(1.0))]


def test_ties_break_by_key() -> None:
    fused = fuse([Scored(8, 1.0), Scored(2, 1.0)], [], "minmax", dense_weight=0.5)
    assert fused == [Scored(2, 0.5), Scored(8, 0.5)]


@given(rankings, rankings, st.sampled_from(["minmax", "rrf"]))
def test_fused_scores_lie_between_zero_and_one_and_cover_both_sides(
    dense: list[Scored], lexical: list[Scored], method: str
) -> None:
    fused = fuse(dense, lexical, method)  # type: ignore[arg-type]
    assert {key for key, _ in fused} == {key for key, _ in dense} | {key for key, _ in lexical}
    assert all(-1e-9 <= score <= 1 + 1e-9 for _, score in fused)
    assert fused == sorted(fused, key=lambda scored: (-scored.score, scored.key))
