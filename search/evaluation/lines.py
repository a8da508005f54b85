"""Lines of a judged set: JSON Lines and tab-separated columns, plain or gzipped, and what the whole is known by.

Every fault is an `InvalidInput` that names the file and the line. Knows no field by name; that is `dataset`'s.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import Any, NoReturn

from index.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, counted from 1."""

    path: Path
    line: int

    def refuse(self, reason: str) -> NoReturn:
        """Raise an InvalidInput that names this place."""
        raise InvalidInput(f"{self}: {reason}", path=str(self.path), line=self.line)

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}"


@dataclass(frozen=True, slots=True)
class Row:
    """One JSON object of a JSON Lines file, and where it stands."""

    place: Place
    values: dict[str, Any]

    def text(self, name: str) -> str:
        """A string that must be there and hold more than white space."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value.strip():
            self.place.refuse(f"{name!r} must be a string that is not empty")
        return value

    def number(self, name: str) -> int:
        """A whole number that must be there."""
        value = self.values.get(name)
        if type(value) is not int:
            self.place.refuse(f"{name!r} must be a whole number")
        return value


def find(folder: Path, *names: str) -> Path | None:
    """The first of these files that the folder has, plain or with ``.gz``; None when there is none."""
    candidates = (folder / (name + suffix) for name in names for suffix in ("", ".gz"))
    return next((path for path in candidates if path.is_file()), None)


def need(folder: Path, *names: str) -> Path:
    """As `find`, but it must be there."""
    found = find(folder, *names)
    if found is None:
        raise InvalidInput(f"{folder} has no {' and no '.join(names)}, plain or as .gz.", path=str(folder))
    return found


def rows(path: Path) -> Iterator[Row]:
    """The objects of a JSON Lines file, in order; empty lines are no rows."""
    for place, line in _lines(path):
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            place.refuse(f"it is not JSON: {error}")
        if not isinstance(values, dict):
            place.refuse("a JSON object is wanted")
        yield Row(place, values)


def columns(path: Path, count: int) -> Iterator[tuple[Place, Sequence[str]]]:
    """The lines of a tab-separated file, each of `count` columns."""
    for place, line in _lines(path):
        cells = line.split("\t")
        if len(cells) != count:
            place.refuse(f"{count} columns parted by tabs are wanted, not {len(cells)}")
        yield place, cells


def digest(*paths: Path | None) -> str:
    """The SHA-256, in hexadecimal, of what stands in these files in this order; packing makes no difference."""
    whole = hashlib.sha256()
    for path in paths:
        if path is None:
            whole.update(b"-")
            continue
        with _opened(path) as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def _opened(path: Path) -> BufferedIOBase:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _lines(path: Path) -> Iterator[tuple[Place, str]]:
    """Lines that hold something, without their ends."""
    number = 0
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield Place(path, number), _decoded(Place(path, number), line)
    except (OSError, EOFError) as error:
        Place(path, number + 1).refuse(f"it cannot be read: {error}")


def _decoded(place: Place, line: bytes) -> str:
    try:
        return line.decode("utf-8-sig" if place.line == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        place.refuse(f"it is not UTF-8: {error}")
