"""How often somebody may ask: a token bucket for each, in memory.

A bucket holds what may be asked at once and fills up steadily, so a burst is fine and a flood is not. What a server
forgets when it starts anew is at most one burst.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from index.errors import TooManyRequests

BURST_SECONDS = 10


class Rates:
    """Token buckets by name. Safe to use from several threads.

    Args:
        per_minute: how many requests a minute each may make; 0 for any number.
        clock: seconds from any moment.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_minute / 60
        self._most = max(1.0, self._per_second * BURST_SECONDS)
        self._clock = clock
        self._gate = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str) -> None:
        """Count one request.

        Raises:
            TooManyRequests: there were too many.
        """
        if not self._per_second:
            return
        with self._gate:
            now = self._clock()
            left, then = self._buckets.get(name, (self._most, now))
            left = min(self._most, left + (now - then) * self._per_second)
            taken = left >= 1
            self._buckets[name] = (left - taken, now)
        if not taken:
            wait = math.ceil((1 - left) / self._per_second)
            message = f"This key may ask {round(60 * self._per_second)} times a minute. Ask again in {wait} s."
            raise TooManyRequests(message, retry_after_seconds=wait)
