"""What has died, and when. A row that lives is never touched: the death of an article or a note is a row of its own.

It says in which revision they died, so that snapshots of before still see their rows, and later ones leave them out.
The rows themselves are removed when nobody can be reading them any longer, and their death forgotten after that.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from index.library.milvus.engine import Engine
from index.library.milvus.expressions import outside, quoted
from index.library.milvus.state import State

SWEPT_SECONDS = 120.0
"""How long, at least, rows that died are still there for the snapshots of before."""

EACH = 3_000
"""Deaths in a row of the ledger; written out in full they fit."""


class Death(NamedTuple):
    """The records that died in a revision, and when (seconds since 1970)."""

    revision: int
    when: float
    records: Sequence[int]


@dataclass(frozen=True, slots=True)
class Dead:
    """Records that had died by a revision and whose rows are still there, and that a row is of none of them."""

    records: frozenset[int] = frozenset()
    expression: str = ""


class Deaths:
    """All deaths that anybody must know of, read once and kept. Safe to use from several threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = threading.Lock()
        self._kept: dict[str, Death] = {}
        self._known = 0  # the revision up to which all are kept
        self._last: tuple[tuple[int, int], Dead] = ((0, 0), Dead())

    def until(self, state: State) -> Dead:
        """Who had died by this state."""
        asked = state.swept, state.died
        with self._reading:
            if state.died > max(self._known, state.swept):
                self._read(state)
            if self._last[0] != asked:
                died = (one for one in self._kept.values() if state.swept < one.revision <= state.died)
                records = frozenset(record for one in died for record in one.records)
                self._last = asked, Dead(records, outside("record", records))
            return self._last[1]

    def _read(self, state: State) -> None:
        """Read those of which this state is the first to tell; what is not committed yet stays unread."""
        first = max(self._known, state.swept) + 1
        asked = f"id >= {quoted(_name(first))} and id < {quoted(_name(state.died + 1))}"
        found = {row["id"]: Death(**json.loads(row["value"])) for row in self._engine.rows("ledger", asked, ["value"])}
        self._kept = {name: one for name, one in self._kept.items() if one.revision > state.swept} | found
        self._known = state.died

    def due(self, state: State) -> list[Death]:
        """Those whose rows may be removed, by revision."""
        until = time.time() - SWEPT_SECONDS
        waiting = sorted(one for one in self._kept.values() if state.swept < one.revision <= state.died)
        return list(takewhile(lambda one: one.when < until, waiting))

    def record(self, revision: int, records: Sequence[int]) -> None:
        """Write down who is to die with the commit of this revision."""
        when = time.time()
        deaths = [Death(revision, when, records[at : at + EACH]) for at in range(0, len(records), EACH)]
        rows = [
            {"id": f"{_name(revision)} {at:06}", "value": json.dumps(one._asdict())} for at, one in enumerate(deaths)
        ]
        self._engine.insert("ledger", rows)

    def undo(self, revision: int) -> None:
        """Forget who was to die with a revision that was never committed."""
        self._forget(_name(revision), _name(revision + 1))

    def forget(self, until: int) -> None:
        """Forget the deaths up to this revision, whose rows are gone."""
        self._forget(_name(0), _name(until + 1))

    def _forget(self, first: str, end: str) -> None:
        self._engine.delete("ledger", f"id >= {quoted(first)} and id < {quoted(end)}")


def _name(revision: int) -> str:
    return f"dead {revision:019}"
