"""Whether probabilities hold: bins, calibration error and squared error of small cases worked out by hand."""

from __future__ import annotations

import pytest

from search.evaluation.reliability import Bin, expected_error, squared_error, table


def test_cases_fall_into_bins() -> None:
    chances = [0.0, 0.04, 0.05, 0.5, 0.55, 1.0]
    outcomes = [False, True, False, True, False, True]
    assert table(chances, outcomes) == [
        Bin(0.0, 0.05, 2, pytest.approx(0.02), 0.5),
        Bin(0.05, 0.2, 1, 0.05, 0.0),
        Bin(0.4, 0.6, 2, pytest.approx(0.525), 0.5),
        Bin(0.8, 1.0, 1, 1.0, 1.0),
    ]


def test_no_cases_make_no_bins() -> None:
    assert table([], []) == []


def test_what_holds_has_no_error() -> None:
    assert expected_error([0.5] * 20, [True, False] * 10) == 0.0
    assert expected_error([0.0] * 10 + [1.0] * 10, [False] * 10 + [True] * 10) == 0.0


def test_the_error_is_how_far_the_parts_are_off() -> None:
    assert expected_error([0.2] * 10, [False] * 10) == pytest.approx(0.2)
    assert expected_error([0.9, 0.1], [False, False]) == pytest.approx(0.5)


def test_the_squared_error() -> None:
    assert squared_error([1.0, 0.5, 0.0], [True, True, True]) == pytest.approx((0 + 0.25 + 1) / 3)
