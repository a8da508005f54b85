"""Vectors in a file, one behind the other: exact scores are computed from them, a few rows at a time.

Rows are read, not mapped: the operating system keeps what is read often, and gives that memory back when it is needed
elsewhere. Every row has a sum that is compared when it is read, so that a damaged one never decides a score and a large
file need not be read whole to be trusted. Knows nothing of keys and of searching.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.library.contract import Vectors
from index.library.local.bits import Positions

Sums = npt.NDArray[np.uint32]

ITEM_BYTES = 4
CHUNK = 8192


def sums_of(rows: Vectors) -> Sums:
    """The sum of each row's 32-bit words, which no single wrong bit and no lost page leaves as it was."""
    words = np.ascontiguousarray(rows).view(np.uint32)
    sums: Sums = words.sum(axis=1, dtype=np.uint32)
    return sums


class RowFile:
    """The first rows of a file, shape (rows, dimensions), float32 little-endian; `sums` has one sum a row.

    Others may append to the file and even remove it meanwhile.
    """

    def __init__(self, path: Path, dimensions: int, sums: Sums) -> None:
        self.path = path
        self.dimensions = dimensions
        self.damaged = False
        self._sums = sums
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)

    def __len__(self) -> int:
        return len(self._sums)

    def take(self, positions: Positions) -> tuple[Positions, Vectors]:
        """The rows at these positions, which ascend, with the positions: without those that are damaged."""
        rows = self._read(positions)
        sound = sums_of(rows) == self._sums[positions]
        if sound.all():
            return positions, rows
        self.damaged = True
        return positions[sound], rows[sound]

    def chunks(self, start: int = 0) -> Iterator[Vectors]:
        """All rows from `start` on, some thousands at a time."""
        for some in _spans(len(self), start):
            yield self._read(some)

    def sound(self) -> bool:
        """Whether no row is damaged."""
        return all(len(self.take(some)[0]) == len(some) for some in _spans(len(self)))

    def mapped(self) -> Vectors:
        """All rows as one array, read when they are looked at."""
        shape = (len(self), self.dimensions)
        return np.memmap(self.path, "<f4", "r", shape=shape) if len(self) else np.empty(shape, np.float32)

    def _read(self, positions: Positions) -> Vectors:
        """Neighbouring rows are read in one go."""
        size = self.dimensions * ITEM_BYTES
        begins = np.flatnonzero(np.diff(positions, prepend=-2) != 1)
        lengths = np.diff(begins, append=len(positions)) * size
        places = zip(lengths.tolist(), (positions[begins] * size).tolist(), strict=True)
        content = b"".join([os.pread(self._file, length, at) for length, at in places])
        if len(content) != len(positions) * size:
            raise OSError(f"{self.path} is shorter than it was")
        return np.frombuffer(content, "<f4").reshape(len(positions), self.dimensions)


def _spans(stop: int, start: int = 0) -> Iterator[Positions]:
    for first in range(start, stop, CHUNK):
        yield np.arange(first, min(first + CHUNK, stop))


def append(path: Path, rows: int, dimensions: int, more: Iterator[Vectors]) -> Sums:
    """Put more rows behind the first `rows` ones of a file, in place of whatever else follows those; their sums."""
    sums = [np.empty(0, np.uint32)]
    with path.open("r+b" if rows else "wb") as file:
        file.truncate(rows * dimensions * ITEM_BYTES)
        file.seek(0, os.SEEK_END)
        for chunk in more:
            file.write(np.ascontiguousarray(chunk, "<f4").data)
            sums.append(sums_of(chunk))
        file.flush()
        os.fsync(file.fileno())
    return np.concatenate(sums)
