"""A graph that is compiled for the processor, and the threads that run it: one pass now, or many side by side.

OpenVINO is imported here and in `graph` only, and both only when a model is loaded with it. Knows arrays, no texts.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov

from index.embedding.graph import ROUNDED_TOGETHER
from index.embedding.hardware import Precision

Inputs = Mapping[str, npt.NDArray[Any]]

_MOST_STREAMS = 8
STEP_BACK = 5
"""Added to the niceness of background threads: beside one of the others they get a quarter of a core."""


def cores() -> int:
    """How many threads to use: as many as there are cores for this process, or fewer if OMP_NUM_THREADS says so."""
    allowed = len(os.sched_getaffinity(0))
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(allowed, int(wanted)) if wanted.isdigit() and int(wanted) else allowed


class Network:
    """A compiled graph with one or more streams, each of which runs one pass at a time. Safe to use from threads.

    Args:
        model: the graph.
        precision: what to calculate in.
        streams: how many passes run side by side; the threads are shared out among them.
        in_background: let the threads of others go first when there are fewer cores than threads.
    """

    def __init__(self, model: ov.Model, precision: Precision, streams: int = 1, *, in_background: bool = False) -> None:
        self.streams = streams = min(streams, _MOST_STREAMS)
        # Threads inherit their niceness: those of the pool have it, so those of the graph compiled by one of them do.
        self._pool = ThreadPoolExecutor(streams, initializer=_step_back if in_background else None)
        compiled = self._pool.submit(_compiled, model, precision, streams).result()
        self._free: SimpleQueue[ov.InferRequest] = SimpleQueue()
        for _ in range(streams):
            self._free.put(compiled.create_infer_request())

    def __call__(self, inputs: Inputs) -> npt.NDArray[np.float32]:
        """The graph's output for these inputs, as soon as a stream is free."""
        request = self._free.get()
        try:
            result: npt.NDArray[np.float32] = request.infer(dict(inputs))[0]
        finally:
            self._free.put(request)
        return result

    def each(self, passes: Iterable[Inputs]) -> Iterator[npt.NDArray[np.float32]]:
        """The outputs for one input after another, in order, side by side on all streams.

        Inputs are taken only as streams become free, so that several callers get their turns alike.
        """
        running: deque[Future[npt.NDArray[np.float32]]] = deque()
        try:
            for inputs in passes:
                if len(running) > self.streams:
                    yield running.popleft().result()
                running.append(self._pool.submit(self, inputs))
            while running:
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()


def _compiled(model: ov.Model, precision: Precision, streams: int) -> ov.CompiledModel:
    settings: dict[str, Any] = {
        "NUM_STREAMS": streams,
        "INFERENCE_NUM_THREADS": max(cores(), streams),
        "ENABLE_CPU_PINNING": False,  # the cores are shared with the rest of the server
    }
    if precision == "int8":  # what is not in int8 is bfloat16 where that is native, by default
        settings["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = ROUNDED_TOGETHER
    else:
        settings["INFERENCE_PRECISION_HINT"] = {"float32": "f32", "bfloat16": "bf16"}[precision]
    return ov.Core().compile_model(model, "CPU", settings)


def _step_back() -> None:
    os.setpriority(os.PRIO_PROCESS, 0, os.getpriority(os.PRIO_PROCESS, 0) + STEP_BACK)  # of this thread, on Linux
