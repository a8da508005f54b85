"""A connection to the truth's SQLite file, with SQLite's errors turned into the library's.

Knows SQLite, but no table: those are `schema`'s, `reading`'s and `writing`'s.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from index.errors import LibraryBusy, LibraryDamaged, LibraryError

Row = tuple[Any, ...]
Mode = Literal["ro", "rw", "rwc"]

PAGE_BYTES = 8192
"""Measured: 100,000 vectors of 384 float32 take 164 MB in pages of this size."""

NO_TEXT = "Could not decode to UTF-8"
"""What Python says of damaged text, without a code."""

CHUNK = 500
"""How many values one statement is given at most."""


class Connection:
    """One SQLite connection; its calls take turns, so that threads may share it.

    The truth is written with ``synchronous=FULL``: in WAL mode the weaker NORMAL survives a killed process too, but may
    lose the last commits with the power, and a write that was acknowledged must not be lost.
    """

    def __init__(self, path: Path, mode: Mode) -> None:
        self.path = path
        self._turn = threading.RLock()
        with _translated(path):
            self._sqlite = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False
            )
        try:
            self.run("PRAGMA busy_timeout = 10000")
            self.run("PRAGMA synchronous = FULL")
            self.run("PRAGMA cache_size = -32000")  # KiB
        except LibraryError:
            self.close()
            raise

    def run(self, sql: str, values: Sequence[object] = ()) -> int:
        """Execute one statement; returns the last row id."""
        with self._turn, _translated(self.path):
            return self._sqlite.execute(sql, values).lastrowid or 0

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Execute one statement for every row of values."""
        with self._turn, _translated(self.path):
            self._sqlite.executemany(sql, rows)

    def all(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Every row of a query."""
        with self._turn, _translated(self.path):
            return self._sqlite.execute(sql, values).fetchall()

    def each(self, sql: str, values: Sequence[object] = ()) -> Iterator[Any]:
        """The rows of a query one by one, for a table that is too large to hold. Write nothing meanwhile."""
        with self._turn, _translated(self.path):
            yield from self._sqlite.execute(sql, values)

    def first(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """The first row of a query, or None."""
        rows = self.all(sql, values)
        return rows[0] if rows else None

    def among(self, sql: str, values: Sequence[object]) -> Iterator[Any]:
        """The rows of a query whose ``IN (?)`` stands for any of `values`, asked in chunks."""
        for at in range(0, len(values), CHUNK):
            chunk = values[at : at + CHUNK]
            yield from self.all(sql.replace("(?)", f"({','.join('?' * len(chunk))})"), chunk)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements inside take effect together, or none does. Other writers wait from the beginning."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        finally:
            self.rollback()

    def rollback(self) -> None:
        """End the transaction, if there is one, and forget what was done in it."""
        with self._turn, _translated(self.path):
            self._sqlite.rollback()

    def close(self) -> None:
        """Close the connection; what was not committed is forgotten."""
        with self._turn:
            self._sqlite.close()


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """SQLite's errors as the library's, naming the file and the way out."""
    try:
        yield
    except UnicodeDecodeError as error:  # SQLite's own message quotes damaged names
        message = f"{path} is damaged. Nothing was changed; restore the library from a copy."
        raise LibraryDamaged(message, path=str(path), reason=str(error)) from error
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the primary one
        facts = {"path": str(path), "reason": str(error)}
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise LibraryBusy(f"{path} is locked by another process. Try again later.", **facts) from error
        if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB} or NO_TEXT in str(error):
            message = f"{path} is damaged ({error}). Nothing was changed; restore the library from a copy."
            raise LibraryDamaged(message, **facts) from error
        if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}:
            message = f"{path} cannot be opened for this ({error}). Check that the folder exists and may be written."
            raise LibraryError(message, **facts) from error
        if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
            message = f"{path} cannot be read or written ({error}). Check the disk, then try again; nothing was stored."
            raise LibraryError(message, **facts) from error
        raise
