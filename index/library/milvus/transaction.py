"""One write on its way into a library on Milvus: rows of the next revision, then the ledger's row that commits them.

Rows that live are not touched: who dies is written down (`deaths`). Before the first row the ledger says which revision
was begun, so that whatever is cut short before the commit is undone by the next write, be it of another process.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from index.library.milvus.deaths import Deaths
from index.library.milvus.engine import PAGE, WRITTEN, Engine, Rows
from index.library.milvus.expressions import among
from index.library.milvus.state import Ledger, State
from index.library.milvus.view import View


class Transaction:
    """One write, by whoever has the turn. Whatever was cut short before is undone when it is made.

    Args:
        engine: where to.
        deaths: who has died.
        renew: keeps the turn; raises when it has ended.

    Attributes:
        before: the state that it starts from.
        view: the rows of that state.
        revision: the one that it makes.
    """

    def __init__(self, engine: Engine, deaths: Deaths, renew: Callable[[], None]) -> None:
        self._engine, self._deaths, self._renew, self._ledger = engine, deaths, renew, Ledger(engine)
        self.before = self._ledger.newest() or State()
        self.revision = self.before.revision + 1
        self._begun = False
        self._new: defaultdict[str, Rows] = defaultdict(list)  # rows that are to be written together
        self._dead: list[int] = []
        self._useless: list[tuple[str, str]] = []
        self._undo()
        self.view = View(engine, self.before, deaths.until(self.before), "Strong")

    def insert(self, kind: str, rows: Rows) -> None:
        """Add rows; they are written when there are many, and with the commit."""
        self._new[kind] += rows
        if len(self._new[kind]) >= PAGE:
            self._flush()

    def die(self, records: Sequence[int]) -> None:
        """Let these records die."""
        self._dead += records

    def delete_afterwards(self, kind: str, expression: str) -> None:
        """Remove rows that no snapshot shows, once this is committed and nobody needs them any longer."""
        self._useless.append((kind, expression))

    def commit(self, state: State, *, shown: bool = True) -> State:
        """Let everybody see it as this state, which is completed and returned; `shown` where it changes what snapshots
        show."""
        self._flush()
        if self._dead:
            self._begin()
            self._deaths.record(self.revision, sorted(set(self._dead)))
        committed = replace(
            state,
            revision=self.revision,
            generation=state.generation + shown,
            died=self.revision if self._dead else state.died,
            swept=self._sweep(),
            committed=time.time(),
        )
        self._renew()
        self._ledger.commit(committed)
        self.tidy()
        if committed.swept > self.before.swept:
            self._deaths.forget(self.before.swept)
        if self._begun:
            self._ledger.end(self.revision)
        return committed

    def tidy(self) -> None:
        """Remove what nobody needs any longer; after the commit, or where there is nothing to commit."""
        for kind, expression in self._useless:
            self._engine.delete(kind, expression)

    def sweep_is_due(self) -> bool:
        """Whether somebody died long ago whose rows are still there."""
        return bool(self._deaths.due(self.before))

    def _sweep(self) -> int:
        """Remove the rows of who died long ago; the revision up to which this is done.

        Only the commit tells of it. Until then they are left out as before; those who died are forgotten one sweep
        later, for the sake of processes that have not seen the commit yet.
        """
        due = self._deaths.due(self.before)
        records = [record for one in due for record in one.records]
        for at in range(0, len(records), PAGE):
            for kind in ("records", "passages", *self._shelves()):
                self._renew()
                self._engine.delete(kind, among("record", records[at : at + PAGE]))
        return due[-1].revision if due else self.before.swept

    def _undo(self) -> None:
        """Take back what was begun and never committed."""
        for revision in self._ledger.begun():
            if revision > self.before.revision:
                for pipeline in self.before.pipelines:
                    if pipeline.dimensions is None:  # its dimensions may have been others
                        self._engine.drop(pipeline.kind)
                for kind in ("records", "passages", "awaited", *self._shelves()):
                    self._engine.delete(kind, f"born == {revision}")
                self._deaths.undo(revision)
            self._ledger.end(revision)

    def _shelves(self) -> list[str]:
        return [one.kind for one in self.before.pipelines if one.dimensions and self._engine.has(one.kind)]

    def _flush(self) -> None:
        for kind, rows in self._new.items():
            for at in range(0, len(rows), WRITTEN):
                self._begin()
                self._engine.insert(kind, rows[at : at + WRITTEN])
        self._new.clear()

    def _begin(self) -> None:
        """Leave word before the first row, and keep the turn before each later one."""
        self._renew()
        if not self._begun:
            self._ledger.begin(self.revision)
            self._begun = True
