"""Permits: how much is worked on at once, and how much may wait for it. Knows no HTTP.

What waits is bounded, and first come is first served; who finds the queue full is told at once, and when to come again.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Literal

from index.errors import TooManyRequests

Kind = Literal["read", "write"]
"""What requests are, as far as permits go."""

WEIGHT = 0.1
"""Of the newest time that work took, in the running average."""


class Permits:
    """So many permits, and a queue before them. For one event loop.

    Args:
        most: how many may work at once.
        queue: how many more may be here without working: waiting, or sending their bodies.
    """

    def __init__(self, most: int, queue: int) -> None:
        self.most, self.queue = most, queue
        self.working = 0
        self.inside = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._usual_seconds = 0.1

    @property
    def waiting(self) -> int:
        """How many are here and do not work."""
        return self.inside - self.working

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place in here, whether working or waiting.

        Raises:
            TooManyRequests: there is none.
        """
        if self.inside >= self.most + self.queue:
            wait = max(1, math.ceil(self.inside * self._usual_seconds / self.most))
            raise TooManyRequests(f"The server is busy. Ask again in {wait} s.", retry_after_seconds=wait)
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1

    @asynccontextmanager
    async def working_on(self) -> AsyncIterator[None]:
        """A permit, waited for in turn, given back at the end of the block."""
        await self._acquire()
        begun = time.monotonic()
        try:
            yield
        finally:
            self._usual_seconds += WEIGHT * (time.monotonic() - begun - self._usual_seconds)
            self._release()

    async def _acquire(self) -> None:
        if self.working < self.most:
            self.working += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release()  # it was our turn, and we left
            else:
                self._waiting.remove(turn)
            raise

    def _release(self) -> None:
        """Hand the permit to the next who waits, if any."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.working -= 1
