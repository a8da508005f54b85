"""Token buckets: bursts pass, floods wait, and one caller's flood is nobody else's."""

from __future__ import annotations

import pytest

from api.middleware.rates import Rates
from index.errors import TooManyRequests


class Clock:
    """A clock that is set by hand."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def taken(rates: Rates, name: str, times: int) -> int:
    """How many of so many requests pass."""
    passed = 0
    for _ in range(times):
        try:
            rates.take(name)
        except TooManyRequests:
            continue
        passed += 1
    return passed


def test_a_burst_of_ten_seconds_passes_and_then_one_by_one() -> None:
    clock = Clock()
    rates = Rates(60, clock)
    assert taken(rates, "desk", 25) == 10
    clock.seconds += 3
    assert taken(rates, "desk", 25) == 3
    clock.seconds += 3600
    assert taken(rates, "desk", 25) == 10


def test_the_error_says_when_to_come_again() -> None:
    rates = Rates(6, Clock())
    rates.take("desk")
    with pytest.raises(TooManyRequests, match=r"may ask 6 times a minute. Ask again in 10 s") as caught:
        rates.take("desk")
    assert caught.value.detail == {"retry_after_seconds": 10}


def test_callers_do_not_share_a_bucket() -> None:
    rates = Rates(60, Clock())
    assert taken(rates, "one", 20) == 10
    assert taken(rates, "other", 20) == 10


def test_no_limit_is_no_limit() -> None:
    assert taken(Rates(0, Clock()), "desk", 10_000) == 10_000
