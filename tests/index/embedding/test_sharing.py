"""Passes that several callers share."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from index.embedding.sharing import Shared


class Slow:
    """Doubles numbers; the first pass ends when it is let go, so that the others have to wait. Remembers its passes."""

    def __init__(self) -> None:
        self.passes: list[list[int]] = []
        self.started, self.may_end = threading.Event(), threading.Event()

    def __call__(self, items: list[int]) -> Sequence[int]:
        self.passes.append(items)
        self.started.set()
        assert self.may_end.wait(10)
        if 13 in items:
            raise ValueError("13 is unlucky")
        return [2 * item for item in items]


def together(slow: Slow, shared: Shared[int, int], items: list[int]) -> list[int | BaseException | None]:
    """What each item's caller gets when the first one's pass holds up the others, which come in this order."""
    with ThreadPoolExecutor(len(items)) as pool:
        futures = [pool.submit(shared, items[0])]
        assert slow.started.wait(10)
        for item in items[1:]:
            waiting = len(shared._waiting)
            futures.append(pool.submit(shared, item))
            while len(shared._waiting) == waiting:
                pass
        slow.may_end.set()
        return [future.exception(10) or future.result() for future in futures]


def test_who_comes_alone_is_served_alone() -> None:
    slow = Slow()
    slow.may_end.set()
    shared = Shared(slow, lambda _: 1, 10)
    assert [shared(1), shared(2)] == [2, 4]
    assert slow.passes == [[1], [2]]


def test_who_waits_shares_the_next_pass() -> None:
    slow = Slow()
    assert together(slow, Shared(slow, lambda _: 1, 10), [1, 2, 3, 4]) == [2, 4, 6, 8]
    assert slow.passes == [[1], [2, 3, 4]]


def test_passes_keep_within_the_budget_and_the_order() -> None:
    slow = Slow()
    assert together(slow, Shared(slow, lambda item: item, 6), [1, 2, 4, 3, 20, 1]) == [2, 4, 8, 6, 40, 2]
    assert slow.passes == [[1], [2, 4], [3], [20], [1]]


def test_an_error_is_the_culprits_alone() -> None:
    slow = Slow()
    *others, unlucky = together(slow, Shared(slow, lambda _: 1, 10), [1, 2, 3, 13])
    assert others == [2, 4, 6]
    assert isinstance(unlucky, ValueError)
    assert slow.passes == [[1], [2, 3, 13], [2], [3], [13]]


def test_too_few_results_are_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Shared(lambda items: items[1:], lambda _: 1, 10)(1)


def test_passes_run_side_by_side() -> None:
    both = threading.Barrier(2, timeout=10)

    def meet(items: list[int]) -> list[int]:
        both.wait()
        return items

    shared = Shared(meet, lambda _: 1, 1, side_by_side=2)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(shared, range(4))) == [0, 1, 2, 3]
