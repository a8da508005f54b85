"""Checksums of what SQLite does not check itself: the bytes inside its rows.

A table's checksum is the sum of its rows' CRC-32, so that adding and removing a row each cost that row only. Articles
carry a digest of their own. Random damage to one row is missed once in 4 billion times; wilful changes are not looked
for.
"""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from index.library.local.connection import Row

PASSAGE_COLUMNS = "key, article, ordinal, start, stop, digest"


def vectors_sum(rows: Iterable[tuple[int, bytes]]) -> int:
    """The checksum of these rows of vectors: each a passage's key and the vector as it is stored."""
    return sum(crc32(vector, key & 0xFFFFFFFF) for key, vector in rows)


def passages_sum(rows: Iterable[Row]) -> int:
    """The checksum of these rows of `PASSAGE_COLUMNS`."""
    return sum(crc32(repr(row).encode()) for row in rows)
