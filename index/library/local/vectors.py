"""The main vector index on disk: all rows of one generation, ready to be searched.

It is some files beside each other, written first, and a pointer that names them with their sizes and hashes, written
last. Small libraries have the vectors and their columns (keys, articles, which rows are alive) and are scanned; past a
measured size an inverted index comes to it, trained on a sample, filled in slices. A longer main is made of an older
one: rows are appended and known dead ones struck out, at a cost that goes with what is new; only when it has grown to
a multiple, or much of it is dead, everything is made anew.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import numpy as np

from index.library.contract import Vectors
from index.library.local import bits, finders
from index.library.local.bits import Bits
from index.library.local.files import removed, replaced, sha256_of, synced
from index.library.local.finders import Exact, Finder, Inverted
from index.library.local.reading import Keys, Reading, VectorRows
from index.library.local.rowfile import RowFile, Sums, append

POINTER = "main.json"

Kind = Literal["flat", "inverted"]
KINDS: tuple[Kind, ...] = get_args(Kind)

INVERTED_ROWS = 30_000
"""From so many rows on they are found by an inverted index; fewer are scanned. See ARCHITECTURE.md."""

GROWTH = 2
"""An inverted index that has grown to this many times the rows that its lists were made for is made anew."""

DAMAGE = (OSError, ValueError, RuntimeError, KeyError)
"""What reading a damaged main index raises."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Main:
    """A main index: all rows of `generation` that had a vector of the pipeline of that number, in any order, and some
    that are dead.

    `keys` and `articles` are of shape (n,); `alive` is None when all are; `finder` finds positions and `rows` has the
    vectors at them.
    """

    generation: int
    pipeline: int
    keys: Keys
    articles: Keys
    alive: Bits | None
    rows: RowFile
    finder: Finder


class Columns(NamedTuple):
    """What is kept of each row beside its vector."""

    keys: Keys
    articles: Keys
    sums: Sums
    alive: Bits


@dataclass(frozen=True, slots=True)
class Pointer:
    """What `main.json` says: which main index holds, and what its files must be.

    `through` counts the vectors that had ever come when it was made. `rows` counts those in it and `dead` those of them
    that were known to be; `trained` is how many rows the lists were made for, 0 where there are none. `files` maps each
    kind of file to its name, size in bytes and SHA-256, which is empty for the vectors: those are compared with their
    sums.
    """

    kind: Kind
    generation: int
    through: int
    rows: int
    dead: int
    trained: int
    dimensions: int
    files: dict[str, list[int | str]]
    pipeline: int

    def extends(self, inverted_rows: int) -> bool:
        """Whether the next main index may be made of this one."""
        grown = self.rows >= (GROWTH * self.trained if self.kind == "inverted" else inverted_rows)
        return not grown and 4 * self.dead <= self.rows


def build(folder: Path, reading: Reading, inverted_rows: int = INVERTED_ROWS) -> None:
    """Write a main index over all rows of this reading, then point to it and remove the older ones."""
    folder.mkdir(exist_ok=True)
    path = removed(folder / f"main-{reading.generation}.rows")
    columns = _appended(path, None, reading.dimensions, reading.vector_rows())
    rows = RowFile(path, reading.dimensions, columns.sums)
    index = None
    if len(rows) >= max(inverted_rows, 1):
        lists = finders.lists_for(len(rows))
        index = finders.trained(_sample(rows, lists * finders.TRAINING), lists)
        finders.add(index, rows.chunks())
    _publish(folder, reading, columns, rows, index, len(rows) if index else 0)


def extend(folder: Path, reading: Reading, pointer: Pointer) -> None:
    """Write a main index made of the one that is pointed to, which `reading` is newer than, and point to it.

    Raises one of `DAMAGE` when it is damaged.
    """
    before = _checked(folder, pointer, reading.dimensions)
    path = before.rows.path
    dead = np.flatnonzero(np.isin(before.articles, reading.tombstones(before.generation)))
    known = _columns(folder, pointer)
    known = known._replace(alive=known.alive & ~bits.of(dead, len(before.keys)))
    columns = _appended(path, known, reading.dimensions, reading.arrivals(pointer.generation))
    rows = RowFile(path, reading.dimensions, columns.sums)
    index = before.finder if isinstance(before.finder, Inverted) else None
    if index is not None:
        finders.add(index, rows.chunks(pointer.rows))
    _publish(folder, reading, columns, rows, index, pointer.trained)


def _appended(path: Path, known: Columns | None, dimensions: int, chunks: Iterable[VectorRows]) -> Columns:
    """The columns with more rows, whose vectors are put behind those in the file."""
    keys, articles = ([], []) if known is None else ([known.keys], [known.articles])

    def vectors() -> Iterator[Vectors]:
        for chunk in chunks:
            keys.append(chunk.keys)
            articles.append(chunk.articles)
            yield chunk.vectors

    before = 0 if known is None else len(known.keys)
    sums = append(path, before, dimensions, vectors())
    if known is not None:
        sums = np.concatenate([known.sums, sums])
    alive = bits.every(len(sums)) if known is None else bits.longer(known.alive, before, len(sums))
    none = np.empty(0, np.int64)
    return Columns(np.concatenate([none, *keys]), np.concatenate([none, *articles]), sums, alive)


def _sample(rows: RowFile, most: int) -> Vectors:
    """At most so many of the rows, at even distances."""
    chosen = np.arange(len(rows)) if len(rows) <= most else np.linspace(0, len(rows) - 1, most).astype(np.int64)
    return rows.take(chosen)[1]


def _publish(
    folder: Path, reading: Reading, columns: Columns, rows: RowFile, index: Inverted | None, trained: int
) -> None:
    """Write the files that are not there yet, then the pointer; remove what it does not name."""
    generation = reading.generation
    columns_path, index_path = folder / _columns_name(generation), folder / f"main-{generation}.index"
    with columns_path.open("wb") as file:
        np.savez(file, **columns._asdict())
    files: dict[str, list[int | str]] = {
        "rows": [rows.path.name, rows.path.stat().st_size, ""],
        "columns": _facts(columns_path),
    }
    if index is not None:
        finders.write(index, index_path)
        files["index"] = _facts(index_path)
    count = len(columns.keys)
    pointer = Pointer(
        kind="flat" if index is None else "inverted",
        generation=generation,
        through=reading.card.arrived,
        rows=count,
        dead=count - bits.count(columns.alive),
        trained=trained,
        dimensions=reading.dimensions,
        files=files,
        pipeline=reading.card.pipeline,
    )
    replaced(folder / POINTER, json.dumps(asdict(pointer), indent=1).encode())
    named = {facts[0] for facts in files.values()}
    for old in folder.glob("main-*"):
        if old.name not in named:
            old.unlink(missing_ok=True)


def _columns_name(generation: int) -> str:
    return f"main-{generation}.npz"


def _facts(path: Path) -> list[int | str]:
    return [path.name, synced(path).stat().st_size, sha256_of(path)]


def pointer_of(folder: Path) -> Pointer | None:
    """What the pointer says; None when there is none, or none that is understood."""
    try:
        pointer = Pointer(**json.loads((folder / POINTER).read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        log.warning("%s cannot be read (%s); the main vector index is made anew", folder / POINTER, error)
        return None
    return pointer if pointer.kind in KINDS else None


def forget(folder: Path) -> None:
    """Remove the pointer, so that a new main index is due."""
    (folder / POINTER).unlink(missing_ok=True)


def load(folder: Path, dimensions: int) -> Main | None:
    """The main index that the pointer names, checked; None when there is none or it is damaged."""
    pointer = pointer_of(folder)
    while pointer is not None:
        try:
            return _checked(folder, pointer, dimensions)
        except DAMAGE as error:
            before, pointer = pointer, pointer_of(folder)
            if pointer == before:
                log.warning("the main vector index in %s is damaged (%s); it is made anew", folder, error)
                return None
    return None


def _checked(folder: Path, pointer: Pointer, dimensions: int) -> Main:
    """Raises ValueError when a file is not what the pointer says."""
    if pointer.dimensions != dimensions or pointer.files["columns"][0] != _columns_name(pointer.generation):
        raise ValueError(f"dimensions or generation not as in {POINTER}")
    columns = _columns(folder, pointer)
    rows = RowFile(_path(folder, pointer, "rows"), dimensions, columns.sums)
    if pointer.kind == "inverted":
        finder: Finder = finders.read(_path(folder, pointer, "index"))
    else:
        finder = Exact(rows.mapped())
        if not rows.sound():
            raise ValueError(f"{rows.path.name} not as in {POINTER}")
    alive = columns.alive if pointer.dead else None
    return Main(pointer.generation, pointer.pipeline, columns.keys, columns.articles, alive, rows, finder)


def _columns(folder: Path, pointer: Pointer) -> Columns:
    with np.load(_path(folder, pointer, "columns")) as kept:
        columns = Columns(**{name: kept[name] for name in Columns._fields})
    if len(columns.keys) != pointer.rows:
        raise ValueError(f"rows not as in {POINTER}")
    return columns


def _path(folder: Path, pointer: Pointer, kind: str) -> Path:
    """Where a file of the main index is, compared with what is said of it; the vectors' may have grown since."""
    name, size, digest = pointer.files[kind]
    path = folder / str(name)
    found = path.stat().st_size
    if found < int(size) or (digest and (found != size or sha256_of(path) != digest)):
        raise ValueError(f"{path.name} not as in {POINTER}")
    return path
