"""How often one host is asked: never two requests within a second, nor sooner than it says itself. Several threads may
share one pace."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import httpx

from index.errors import Unreadable

LONGEST_WAIT = 120.0


class Pace:
    """Keeps a distance between the requests to each host.

    Args:
        seconds: the least time between two requests to one host.
        clock: seconds that only ever go up.
        sleep: waits for so many seconds.
    """

    def __init__(
        self,
        seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._ready: dict[str, float] = {}
        self._turns = threading.Lock()

    def wait(self, url: httpx.URL, delay: float = 0.0) -> None:
        """Wait until the URL's host may be asked; the next one then waits at least `delay` seconds.

        Raises:
            Unreadable: the host's turn is too far off.
        """
        with self._turns:
            now = self._clock()
            turn = max(now, self._ready.get(url.host, now))
            if turn - now > LONGEST_WAIT:
                message = f"{url.host} wants to be asked again in {turn - now:.0f} seconds only; try again then"
                raise Unreadable(message, origin=str(url))
            self._ready[url.host] = turn + max(self._seconds, delay)
        if turn > now:
            self._sleep(turn - now)

    def hold(self, url: httpx.URL, seconds: float) -> None:
        """Leave the URL's host alone for so long."""
        with self._turns:
            self._ready[url.host] = max(self._ready.get(url.host, 0.0), self._clock() + seconds)
