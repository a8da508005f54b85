"""The vectors of each pipeline, and the passages that wait for one. What is written here is written in a transaction.

A pipeline has a table of vectors, ``vectors_`` and its number. For every pipeline that is kept, each passage either
has its vector there or is `awaited`, maybe claimed by somebody until a time. Vectors come in any order, so `arrivals`
tells in which generation each one came, and by that the derived parts catch up; like tombstones, arrivals that every
derived part is past are forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.library.fingerprints import crowded, mismatch, unpacked
from index.library.local.checksums import vectors_sum
from index.library.local.connection import Connection


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline's row.

    `dimensions` is None before its first vector; `arrived` counts all vectors that ever came; `awaited` the passages
    that have none; `checksum` is of the table of vectors.
    """

    number: int
    fingerprint: str | None
    dimensions: int | None
    arrived: int
    awaited: int
    checksum: int


COLUMNS = "number, fingerprint, dimensions, arrived, awaited, checksum"


def pipelines(truth: Connection) -> list[Pipeline]:
    """All pipelines that are kept, by number."""
    return [Pipeline(*row) for row in truth.all(f"SELECT {COLUMNS} FROM pipelines ORDER BY number")]  # noqa: S608 - ours


def kept(truth: Connection, fingerprint: str) -> Pipeline:
    """The pipeline with this fingerprint; raises FingerprintMismatch when none is kept."""
    every = pipelines(truth)
    for pipeline in every:
        if pipeline.fingerprint == fingerprint:
            return pipeline
    (in_use,) = truth.all("SELECT pipeline FROM library")
    stored = next(one.fingerprint for one in every if (one.number,) == in_use)
    raise mismatch(truth.path.parent, unpacked(stored), unpacked(fingerprint) or {})


def succeed(truth: Connection, fingerprint: str) -> None:
    """Keep the vectors of one more pipeline, for which all passages wait from now on, unless they are kept already.

    Raises:
        LibraryError: those of two others are kept.
    """
    every = pipelines(truth)
    if fingerprint in [one.fingerprint for one in every]:
        return
    if len(every) > 1:
        raise crowded(truth.path.parent, [unpacked(one.fingerprint) for one in every])
    # Its number is never used again: what was derived from another pipeline is known by it.
    sql = "INSERT INTO pipelines (fingerprint, arrived, awaited) SELECT ?, 0, passages FROM library"
    number = truth.run(sql, [fingerprint])
    truth.run(f"CREATE TABLE vectors_{number} (key INTEGER PRIMARY KEY, vector BLOB NOT NULL)")
    truth.run("INSERT INTO awaited (pipeline, key) SELECT ?, key FROM passages", [number])


def forget(truth: Connection) -> bool:
    """Delete the vectors that are not in use; False when there were none."""
    others = truth.all("SELECT number FROM pipelines WHERE number NOT IN (SELECT pipeline FROM library)")
    for (number,) in others:
        truth.run(f"DROP TABLE vectors_{number}")
        truth.run("DELETE FROM awaited WHERE pipeline = ?", [number])
        truth.run("DELETE FROM arrivals WHERE pipeline = ?", [number])
        truth.run("DELETE FROM pipelines WHERE number = ?", [number])
    return bool(others)


class Shelf:
    """One pipeline's vectors, for writing in the transaction that makes `generation`."""

    def __init__(self, truth: Connection, number: int, generation: int) -> None:
        self.number = number
        self._truth = truth
        self._generation = generation
        self._table = f"vectors_{number}"

    def held(self, digests: Iterable[bytes]) -> dict[bytes, bytes]:
        """The vectors, as they are stored, of those of the digests that a passage with a vector has."""
        sql = f"""
            SELECT p.digest, v.vector FROM passages p JOIN {self._table} v ON v.key = p.key
            WHERE p.digest IN (?)"""  # noqa: S608 - our own table
        return dict(self._truth.among(sql, list(dict.fromkeys(digests))))

    def add(self, vectors: Sequence[tuple[int, bytes]]) -> None:
        """Store vectors of passages, by key, that have none."""
        by_key = sorted(vectors)
        self._truth.many(f"INSERT INTO {self._table} VALUES (?, ?)", by_key)  # noqa: S608 - our own table
        arrivals = [(self.number, self._generation, key) for key, _ in by_key]
        self._truth.many("INSERT INTO arrivals VALUES (?, ?, ?)", arrivals)
        sql = "UPDATE pipelines SET arrived = arrived + ?, checksum = checksum + ? WHERE number = ?"
        self._truth.run(sql, (len(vectors), vectors_sum(by_key), self.number))

    def expect(self, keys: Sequence[int]) -> None:
        """Let these passages, which have no vector, wait for one."""
        self._truth.many("INSERT INTO awaited (pipeline, key) VALUES (?, ?)", [(self.number, key) for key in keys])
        self._count_awaited(len(keys))

    def fill(self, vectors: Sequence[tuple[int, bytes]]) -> None:
        """Store vectors of passages, by key, that wait for them."""
        self._no_longer_awaited([key for key, _ in vectors])
        self.add(vectors)

    def bury(self, keys: Sequence[int]) -> None:
        """Remove what there is of passages that are deleted."""
        gone = vectors_sum(self._truth.among(f"SELECT key, vector FROM {self._table} WHERE key IN (?)", keys))  # noqa: S608 - ours
        self._truth.run("UPDATE pipelines SET checksum = checksum - ? WHERE number = ?", (gone, self.number))
        self._truth.many(f"DELETE FROM {self._table} WHERE key = ?", [(key,) for key in keys])  # noqa: S608 - ours
        self._no_longer_awaited(self.awaited(keys))

    def awaited(self, keys: Sequence[int]) -> list[int]:
        """Those of the keys whose passages wait for a vector."""
        sql = f"SELECT key FROM awaited WHERE pipeline = {self.number} AND key IN (?)"  # noqa: S608 - a number
        return [key for (key,) in self._truth.among(sql, keys)]

    def settle(self, dimensions: int) -> None:
        """The first vectors decide on the dimensions."""
        self._truth.run("UPDATE pipelines SET dimensions = ? WHERE number = ?", (dimensions, self.number))

    def _no_longer_awaited(self, keys: Sequence[int]) -> None:
        rows = [(self.number, key) for key in keys]
        self._truth.many("DELETE FROM awaited WHERE pipeline = ? AND key = ?", rows)
        self._count_awaited(-len(keys))

    def _count_awaited(self, more: int) -> None:
        self._truth.run("UPDATE pipelines SET awaited = awaited + ? WHERE number = ?", (more, self.number))


def claimed(truth: Connection, number: int, owner: str, count: int, until: float) -> list[int]:
    """Claim up to `count` passages that nobody else has claimed, for `owner` until that time; their keys."""
    sql = "SELECT key FROM awaited WHERE pipeline = ? AND owner IS NULL ORDER BY key LIMIT ?"
    keys = [key for (key,) in truth.all(sql, (number, count))]
    claims = [(owner, until, number, key) for key in keys]
    truth.many("UPDATE awaited SET owner = ?, until = ? WHERE pipeline = ? AND key = ?", claims)
    return keys


def release(truth: Connection, number: int, keys: Sequence[int]) -> None:
    """Let others claim these passages."""
    sql = "UPDATE awaited SET owner = NULL, until = NULL WHERE pipeline = ? AND key = ?"
    truth.many(sql, [(number, key) for key in keys])


def owners(truth: Connection) -> list[str]:
    """Who has claimed passages."""
    return [owner for (owner,) in truth.all("SELECT DISTINCT owner FROM awaited WHERE owner IS NOT NULL")]


def unclaim(truth: Connection, dead: Iterable[str], now: float) -> None:
    """Let go of what was claimed until before `now`, and of what these owners claimed."""
    truth.run("UPDATE awaited SET owner = NULL, until = NULL WHERE owner IS NOT NULL AND until < ?", [now])
    truth.many("UPDATE awaited SET owner = NULL, until = NULL WHERE owner = ?", [(owner,) for owner in dead])
