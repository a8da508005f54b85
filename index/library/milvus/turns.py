"""Whose turn it is to write. Milvus has no locks and no compare-and-set, but its reads can be strong, which is enough.

Whoever wants to write leaves its name, then reads all names: alone, it has the turn. Of two who come at once at least
one sees the other, and who is not alone withdraws and comes again a little later. A turn ends by itself after a time,
unless it is renewed, so that a killed process keeps nobody waiting for long; clocks may differ by a few seconds.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from index.errors import LibraryBusy
from index.library.milvus.engine import Engine
from index.library.milvus.expressions import quoted

TURN_SECONDS = 20.0
RENEWED_SECONDS = 5.0
SHORTEST_PAUSE, LONGEST_PAUSE = 0.005, 0.5


class Turns:
    """The turns to write to one library, among all processes that have it open."""

    def __init__(self, engine: Engine, wait: float) -> None:
        self._engine, self._wait = engine, wait
        self._here = threading.Lock()  # among this process's threads nobody needs to ask the server
        self._name = ""
        self._until = 0.0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn, and have it for as long as the block goes on.

        Raises:
            LibraryBusy: others had it for longer than the wait.
        """
        deadline = time.monotonic() + self._wait
        if not self._here.acquire(timeout=self._wait):
            raise self._busy()
        try:
            pause = SHORTEST_PAUSE
            while not self._alone():
                if time.monotonic() >= deadline:
                    raise self._busy()
                time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - no secret
                pause = min(2 * pause, LONGEST_PAUSE)
            try:
                yield
            finally:
                self._withdraw()
        finally:
            self._here.release()

    def renew(self) -> None:
        """Keep the turn; called between the parts of a long write.

        Raises:
            LibraryBusy: it has ended meanwhile: the process stood still, and somebody else may be writing.
        """
        left = self._until - time.time()
        if left <= 0:
            raise LibraryBusy(f"The turn to write to {self._engine.address} has ended. Nothing was stored; try again.")
        if left < TURN_SECONDS - RENEWED_SECONDS:
            before = self._name
            self._leave_name()  # a second name first, so that others never see none
            self._engine.delete("ledger", f"id in [{quoted(before)}]")

    def _alone(self) -> bool:
        self._leave_name()
        found = self._engine.rows("ledger", 'id >= "turn" and id < "turo"', ["value"])
        others = [row for row in found if row["id"] != self._name]
        ended = [row["id"] for row in others if float(row["value"]) < time.time()]
        if ended:
            self._engine.delete("ledger", f"id in [{', '.join(map(quoted, ended))}]")
        if len(ended) == len(others):
            return True
        self._withdraw()
        return False

    def _leave_name(self) -> None:
        self._name, self._until = f"turn {uuid.uuid4().hex}", time.time() + TURN_SECONDS
        self._engine.insert("ledger", [{"id": self._name, "value": str(self._until)}])

    def _withdraw(self) -> None:
        self._engine.delete("ledger", f"id in [{quoted(self._name)}]")

    def _busy(self) -> LibraryBusy:
        message = f"Others were writing to {self._engine.address} for {self._wait:g} seconds. Try again later."
        return LibraryBusy(message, path=str(self._engine.address), waited_seconds=self._wait)
