"""Sets of row positions as packed bits, a bit a row with the lowest first, as faiss takes them.

A set for `size` rows is an array of whole 64-bit words, whose spare bits are zero. Sets are never changed in place.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint64]
Positions = npt.NDArray[np.int64]


def every(size: int) -> Bits:
    """The set of all positions."""
    return _packed(np.ones(size, np.bool_))


def of(positions: Positions, size: int) -> Bits:
    """The set of these positions."""
    mask = np.zeros(size, np.bool_)
    mask[positions] = True
    return _packed(mask)


def positions(bits: Bits) -> Positions:
    """The positions in a set, ascending."""
    return np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little"))


def count(bits: Bits) -> int:
    """How many positions are in a set."""
    return int(np.bitwise_count(bits).sum(dtype=np.int64))


def held(bits: Bits, some: Positions) -> npt.NDArray[np.bool_]:
    """Which of some positions are in a set."""
    found: npt.NDArray[np.bool_] = (bits[some >> 6] >> (some & 63).astype(np.uint64)) & np.uint64(1) == 1
    return found


def longer(bits: Bits, size: int, new_size: int) -> Bits:
    """A set for `size` rows as one for `new_size` rows, which are not fewer: the new ones are in it."""
    mask = np.ones(new_size, np.bool_)
    mask[:size] = np.unpackbits(bits.view(np.uint8), count=size, bitorder="little")
    return _packed(mask)


def _packed(mask: npt.NDArray[np.bool_]) -> Bits:
    words = np.zeros(-(-len(mask) // 64), np.uint64)
    packed = np.packbits(mask, bitorder="little")
    words.view(np.uint8)[: len(packed)] = packed
    return words
