"""What a reader is handed: an open file, its name, and how much of it may be read at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from index.errors import Unreadable

LARGEST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """An open file of one or more articles.

    Attributes:
        stream: the bytes, from the start.
        origin: what the drafts are named by.
        largest: how many bytes one article, or a file that must be read whole, may have.
    """

    stream: BinaryIO
    origin: str
    largest: int = LARGEST_BYTES


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
