"""Compiled graphs and the threads that run them."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset15 as ops

from index.embedding.network import STEP_BACK, Network, cores


def doubled() -> ov.Model:
    """A graph that doubles numbers."""
    given = ops.parameter([-1], np.float32, name="given")
    return ov.Model([ops.multiply(given, np.float32(2))], [given], "doubled")


def niceness() -> dict[int, int]:
    """Of every thread of this process."""
    found = {}
    for path in Path("/proc/self/task").iterdir():
        with suppress(ProcessLookupError):  # it has ended meanwhile
            found[int(path.name)] = os.getpriority(os.PRIO_PROCESS, int(path.name))
    return found


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


def test_background_threads_step_back_and_no_others() -> None:
    before = niceness()
    own = before[threading.get_native_id()]
    ahead = Network(doubled(), "float32", 2)
    assert len(list(ahead.each([numbers(1)] * 8))) == 8
    behind = Network(doubled(), "float32", 2, in_background=True)
    assert len(list(behind.each([numbers(1)] * 8))) == 8
    after = niceness()
    assert {after[thread] for thread in after.keys() - before.keys()} == {own, min(own + STEP_BACK, 19)}
    assert all(after[thread] == before[thread] for thread in after.keys() & before.keys())


@pytest.mark.parametrize(("given", "expected"), [("1", 1), ("1000000", None), ("0", None), ("", None), ("many", None)])
def test_cores(given: str, expected: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", given)
    assert cores() == (expected or len(os.sched_getaffinity(0)))
