"""Compiled graphs and the threads that run them."""

from __future__ import annotations

import os
import threading

import numpy as np
import openvino as ov
import pytest
from openvino import opset15 as ops

from index.embedding.network import FOREGROUND, Network, cores


def doubled() -> ov.Model:
    """A graph that doubles numbers."""
    given = ops.parameter([-1], np.float32, name="given")
    return ov.Model([ops.multiply(given, np.float32(2))], [given], "doubled")


def numbers(*values: float) -> dict[str, np.ndarray]:
    return {"given": np.array(values, np.float32)}


def test_one_pass() -> None:
    assert Network(doubled(), "float32")(numbers(1, 2.5)).tolist() == [2, 5]


@pytest.mark.parametrize("streams", [1, 2])
def test_many_passes_come_in_order(streams: int) -> None:
    network = Network(doubled(), "float32", streams)
    found = network.each(numbers(*range(count)) for count in range(1, 40))
    assert [result.tolist() for result in found] == [[2.0 * value for value in range(count)] for count in range(1, 40)]


def test_nothing_to_run() -> None:
    assert list(Network(doubled(), "float32").each([])) == []


def test_inputs_are_taken_only_as_they_are_needed() -> None:
    taken: list[int] = []

    def inputs() -> object:
        for value in range(100):
            taken.append(value)
            yield numbers(value)

    results = Network(doubled(), "float32", 2).each(inputs())  # type: ignore[arg-type]
    assert next(results).tolist() == [0]
    assert len(taken) <= 4
    results.close()  # type: ignore[attr-defined]
    assert len(taken) <= 4


def test_an_error_of_one_pass_reaches_its_caller() -> None:
    network = Network(doubled(), "float32", 2)
    with pytest.raises(RuntimeError):
        list(network.each([numbers(1), {"given": np.ones((2, 2), np.float32)}, numbers(3)]))
    assert network(numbers(4)).tolist() == [8]


def test_many_threads_share_a_network() -> None:
    network, found = Network(doubled(), "float32", 2), {}

    def ask(value: int) -> None:
        found[value] = network(numbers(value)).tolist()

    threads = [threading.Thread(target=ask, args=(value,)) for value in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {value: [2.0 * value] for value in range(20)}


def test_background_passes_wait_until_nobody_waits_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FOREGROUND, "patience", 60)
    network = Network(doubled(), "float32", in_background=True)
    done: list[list[float]] = []
    thread = threading.Thread(target=lambda: done.append(network(numbers(1)).tolist()))
    with FOREGROUND:
        with FOREGROUND:
            thread.start()
        assert Network(doubled(), "float32")(numbers(3)).tolist() == [6]
        assert done == []
    thread.join(60)
    assert done == [[2]]


def test_background_passes_are_not_starved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FOREGROUND, "patience", 0.01)
    network = Network(doubled(), "float32", 2, in_background=True)
    with FOREGROUND:
        assert [result.tolist() for result in network.each([numbers(1), numbers(2)])] == [[2], [4]]


@pytest.mark.parametrize(("given", "expected"), [("1", 1), ("1000000", None), ("0", None), ("", None), ("many", None)])
def test_cores(given: str, expected: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", given)
    assert cores() == (expected or len(os.sched_getaffinity(0)))
