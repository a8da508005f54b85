"""The truth: the SQLite file that holds all that was acknowledged. Opens it, reads it and writes it.

What is read and written stands in `reading` and `writing`; here are the file, its connections and its transactions.
Reading never waits: every `Pinned` keeps the generation that it began with (SQLite's WAL mode).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from index.errors import LibraryError
from index.library.local import schema
from index.library.local.connection import Connection
from index.library.local.reading import Card, Reading, card
from index.library.local.writing import Writing

WAL_BYTES = 32 * 2**20
"""From this size on, the write-ahead log is moved into the main file after a write."""


log = logging.getLogger(__name__)


class Pinned(Reading):
    """A reading that holds its generation until it is let go."""

    def __init__(self, truth: Truth, connection: Connection) -> None:
        super().__init__(connection)
        self._owner = truth
        self._connection = connection

    def let_go(self) -> None:
        """End the transaction; the connection is used again."""
        self._connection.rollback()
        self._owner.take_back(self._connection)


class Truth:
    """The SQLite file of a library, which must exist; several threads may use it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[Connection] | None = []
        self._log = path.with_name(path.name + "-wal")
        self._watch = Connection(path, "ro")
        self._writer: Connection | None = None

    @property
    def _main(self) -> Connection:
        """The one connection that writes."""
        if self._writer is None:
            self._writer = Connection(self.path, "rw")
            self._writer.run("PRAGMA wal_autocheckpoint = 0")  # `shorten_log` does it, at a time without readers
            self._writer.run("PRAGMA journal_size_limit = 0")
        return self._writer

    def check(self) -> bool:
        """Whether the format is the newest known; raises what `schema.check` raises."""
        return schema.check(self._watch, self.path)

    def migrate(self) -> None:
        """Bring the format up to date. The write lock must be held."""
        schema.migrate(self._main)

    def card(self) -> Card:
        """The library's row about itself, as it is now."""
        return card(self._watch)

    def pin(self) -> Pinned:
        """Begin to read the newest generation."""
        with ExitStack() as on_failure:
            connection = self._idle.pop() if self._idle else Connection(self.path, "ro")
            on_failure.callback(connection.close)
            connection.run("BEGIN")
            pinned = Pinned(self, connection)
            on_failure.pop_all()
            return pinned

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Read the newest generation for a moment."""
        pinned = self.pin()
        try:
            yield pinned
        finally:
            pinned.let_go()

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Write one batch; what is not committed inside is undone. The write lock must be held."""
        self._main.run("BEGIN IMMEDIATE")
        try:
            yield Writing(self._main)
        finally:
            self._main.rollback()

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """Change what no generation shows, in one transaction. The write lock must be held."""
        with self._main.transaction():
            yield self._main

    def shorten_log(self) -> None:
        """Move the write-ahead log into the main file when it is long. The write lock must be held.

        The next write begins the log anew, unless a reader still needs it, that is one who began before this.
        """
        try:
            if self._log.stat().st_size > WAL_BYTES:
                self._main.run("PRAGMA wal_checkpoint(PASSIVE)")
        except (OSError, LibraryError) as error:  # what was written stays written
            log.warning("%s cannot be shortened (%s); the next write tries again", self._log, error)

    def take_back(self, connection: Connection) -> None:
        """Keep a connection that is no longer needed for the next reading."""
        if self._idle is None:
            connection.close()
        else:
            self._idle.append(connection)

    def close(self) -> None:
        """Close every connection; the last one of all processes moves the log into the main file."""
        idle, self._idle = self._idle or [], None
        for connection in (*idle, self._watch, self._writer):
            if connection is not None:
                connection.close()
