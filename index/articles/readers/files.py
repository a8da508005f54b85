"""What a reader is handed: an open file, its name, and how much of it may be read at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

from index.errors import Unreadable

LARGEST_BYTES = 64 * 1024 * 1024
MOST_BYTES = 4 * 1024**3
MOST_FILES = 10_000
DEEPEST = 3


@dataclass(slots=True)
class Budget:
    """What may still be unpacked from one file, however it is nested."""

    bytes: int = MOST_BYTES
    files: int = MOST_FILES


@dataclass(frozen=True, slots=True)
class Source:
    """An open file of one or more articles.

    Attributes:
        stream: the bytes, from the start; it can be read again.
        origin: what the drafts are named by.
        largest: how many bytes one article, or a file that must be read whole, may have.
        depth: in how many archives the file lies.
        budget: what may still be unpacked, shared by all that lies in one file.
    """

    stream: BinaryIO
    origin: str
    largest: int = LARGEST_BYTES
    depth: int = 0
    budget: Budget = field(default_factory=Budget)


def whole(source: Source) -> bytes:
    """All bytes of a file.

    Raises:
        Unreadable: it is larger than the limit.
    """
    data = source.stream.read(source.largest + 1)
    if len(data) > source.largest:
        raise Unreadable(too_large(source.largest), origin=source.origin)
    return data


def too_large(largest: int) -> str:
    """The reason, for people."""
    return f"it is larger than {largest / 1024 / 1024:g} MiB; split it, or write one article a line (.jsonl)"


def missing(extra: str, what: str, origin: str) -> Unreadable:
    """The rejection of a file whose format needs an optional dependency that is not installed."""
    return Unreadable(f"to read {what}, install the extra: pip install 'pincite[{extra}]'", origin=origin)
