"""Forward passes that several callers share: what comes while one runs goes into the next, together.

Nobody waits for company: a question that comes alone is answered alone. Knows nothing of models.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

In = TypeVar("In")
Out = TypeVar("Out")


class Shared(Generic[In, Out]):
    """One function for many callers, called for several of them at once, first come first served.

    Every caller gets its own result or its own error: where a pass fails, each of its items is tried alone.

    Args:
        together: results for items, in their order.
        cost: what an item counts for.
        budget: the most that the items of one pass may count for together; one that costs more goes alone.
        side_by_side: how many passes may run at a time.
    """

    def __init__(
        self,
        together: Callable[[list[In]], Sequence[Out]],
        cost: Callable[[In], int],
        budget: int,
        side_by_side: int = 1,
    ) -> None:
        self._together, self._cost, self._budget = together, cost, budget
        self._waiting: deque[tuple[In, int, Future[Out]]] = deque()
        self._threads, self._taking = ThreadPoolExecutor(side_by_side), threading.Lock()

    def __call__(self, item: In) -> Out:
        """The result for this item. Waits for the passes before its own, each of them within the budget."""
        place: Future[Out] = Future()
        self._waiting.append((item, self._cost(item), place))
        self._threads.submit(self._pass)  # finds nobody waiting if the pass before took this item along
        return place.result()

    def _pass(self) -> None:
        with self._taking:
            taken = self._next()
        if taken:
            self._run(taken)

    def _next(self) -> list[tuple[In, Future[Out]]]:
        left, taken = self._budget, list[tuple[In, Future[Out]]]()
        while self._waiting and (not taken or self._waiting[0][1] <= left):
            item, cost, place = self._waiting.popleft()
            left -= cost
            taken.append((item, place))
        return taken

    def _run(self, taken: list[tuple[In, Future[Out]]]) -> None:
        try:
            results = self._together([item for item, _ in taken])
            for (_, place), result in zip(taken, results, strict=True):
                place.set_result(result)
        except Exception as error:
            if len(taken) == 1:
                taken[0][1].set_exception(error)
                return
            for alone in taken:
                self._run([alone])
