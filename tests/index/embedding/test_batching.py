"""Grouping by length."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.embedding.batching import batches


def test_groups_of_similar_length_longest_first() -> None:
    assert list(batches([5, 100, 7, 90, 6], 200)) == [[1, 3], [2, 4, 0]]


def test_padding_counts_against_the_budget() -> None:
    assert list(batches([10, 1, 1, 1], 30)) == [[0, 1, 2], [3]]


def test_a_text_over_the_budget_goes_alone() -> None:
    assert list(batches([50, 3, 60], 20)) == [[2], [0], [1]]


def test_texts_without_tokens() -> None:
    assert list(batches([0, 0, 0], 2)) == [[0, 1], [2]]


def test_equal_lengths_keep_their_order() -> None:
    assert list(batches([4, 4, 4, 4], 8)) == [[0, 1], [2, 3]]


@given(st.lists(st.integers(0, 600), max_size=60), st.integers(1, 2000))
def test_every_text_comes_once_and_no_group_is_over_the_budget(lengths: list[int], budget: int) -> None:
    groups = list(batches(lengths, budget))
    assert sorted(place for group in groups for place in group) == list(range(len(lengths)))
    for group in groups:
        assert len(group) == 1 or len(group) * max(1, *(lengths[place] for place in group)) <= budget
