"""Files of a library that are damaged, and what must come of it.

A derived part is made anew from the truth, and the log says so. A damaged truth is noticed when it is opened or looked
over, never answered from in silence, and never written.
"""

from __future__ import annotations

import logging
import random
import time
from pathlib import Path

from index.errors import LibraryDamaged, LibraryError
from index.library.local.inspecting import check
from tests.faults.holding import observed
from tests.faults.lives import State

TRUTH = "truth.sqlite"
NO_CONTENT = {".lock", ".tantivy-meta.lock", ".tantivy-writer.lock", ".managed.json"}
"""Suffixes and names of files whose content is nothing to us."""


def damage(folder: Path, how: str, chance: random.Random) -> Path:
    """Damage one file of a library: the truth every other time, else a derived one; returns its path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    derived = [path for path in files if path.name != TRUTH and not {path.suffix, path.name} & NO_CONTENT]
    path = chance.choice([folder / TRUTH, chance.choice(derived)])
    content = bytearray(path.read_bytes())
    if how == "flip":
        content[chance.randrange(body(path, content))] ^= 1 << chance.randrange(8)
    else:
        del content[chance.randrange(len(content)) :]
    path.write_bytes(content)
    return path


def body(path: Path, content: bytes) -> int:
    """How many bytes mean something: tantivy's files end in a note, of which only the checksum counts."""
    if path.parent.name != "words" or path.suffix == ".json":
        return len(content)
    return len(content) - 8 - int.from_bytes(content[-8:-4], "little")


class _Said(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def looked_at(folder: Path, damaged: Path, before: State | None) -> tuple[float, str]:
    """How long it took to look at a library with a damaged file, and what is wrong with how that went."""
    began = time.monotonic()
    wrong = _truth(folder, damaged, before) if damaged.name == TRUTH else _derived(folder, damaged, before)
    return time.monotonic() - began, wrong


def _derived(folder: Path, damaged: Path, before: State | None) -> str:
    said = _Said()
    logging.getLogger("index.library").addHandler(said)
    logging.getLogger("index.library").setLevel(logging.INFO)
    if observed(folder) != before:
        return f"with {damaged.name} damaged the library holds something else"
    return "" if said.lines else f"nothing is said of the damage to {damaged.name}"


def _truth(folder: Path, damaged: Path, before: State | None) -> str:
    """Damage is named, unless it is in bytes that stand for nothing, so that all is as before."""
    content = damaged.read_bytes()
    try:
        check(folder)
        wrong = "" if observed(folder) == before else "damage to the truth shows and is not named"
    except (LibraryDamaged, LibraryError) as error:
        wrong = "" if TRUTH in str(error) or str(folder) in str(error) else f"the error names no file: {error}"
    return wrong or ("" if damaged.read_bytes() == content else "a damaged truth was written")
