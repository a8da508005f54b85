"""The rows of one revision: those that were born by then and had not died. Knows rows, not what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.library.milvus.deaths import Dead
from index.library.milvus.engine import Engine, Rows
from index.library.milvus.state import State


class View:
    """What is seen of a library at one state.

    Args:
        engine: where the rows are.
        state: what is seen.
        dead: who had died by then.
        level: how fresh what is read must be, so that all rows of the revision are there.
    """

    def __init__(self, engine: Engine, state: State, dead: Dead, level: str) -> None:
        self.engine, self.state, self.dead, self.level = engine, state, dead, level

    def seen(self, *more: str | None) -> str:
        """That a row is seen, and what else must hold of it."""
        return " and ".join(filter(None, (f"born <= {self.state.revision}", self.dead.expression, *more)))

    def rows(self, kind: str, more: str, fields: Sequence[str], limit: int | None = None) -> Rows:
        """The rows for which an expression holds, by primary key."""
        return self.engine.rows(kind, self.seen(more), fields, self.level, limit)

    def pages(self, kind: str, fields: Sequence[str]) -> Iterator[Rows]:
        """All rows, some at a time."""
        return self.engine.pages(kind, self.seen(), fields, self.level)

    def among(self, kind: str, field: str, values: Sequence[str | int], fields: Sequence[str], more: str = "") -> Rows:
        """The rows in which a field has one of these values, and for which an expression holds."""
        found = self.engine.among(
            kind, field, list(dict.fromkeys(values)), ("born", "record", *fields), self.level, more
        )
        return [row for row in found if row["born"] <= self.state.revision and row["record"] not in self.dead.records]
