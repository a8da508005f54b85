"""The main vector index on disk, and scanning rows for the nearest. The only module that imports faiss.

A main index is flat: exact inner products over every row. It is three files beside each other, written first, and a
pointer that names them with their sizes and hashes, written last. To add a trained or compressed kind, give it a name
in the pointer's `kind`, build it in `build` and scan it in `Main.scan`: everything else only needs positions that are
roughly best, because scores are always computed anew from the exact vectors.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import faiss
import numpy as np
import numpy.typing as npt

from index.library.contract import Vectors
from index.library.local.files import replaced, sha256_of, synced
from index.library.local.reading import Keys, Reading

POINTER = "main.json"

Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]

_python_faiss: Any = faiss  # where its stubs tell of the C++ below and not of the Python wrapper around it

log = logging.getLogger(__name__)


class Found(NamedTuple):
    """Positions with their approximate scores, best first; `complete` when there are no more."""

    positions: Positions
    scores: npt.NDArray[np.float32]
    complete: bool


@dataclass(frozen=True, slots=True)
class Main:
    """A main index: all rows of `generation` that had a vector of the pipeline of that number.

    `keys` and `articles` are ascending, of shape (n,); `vectors` of shape (n, dimensions) lies in the mapped file,
    which `index` holds open.
    """

    generation: int
    pipeline: int
    keys: Keys
    articles: Keys
    vectors: Vectors
    index: Any

    def scan(self, vector: Vectors, count: int, allowed: Mask | None) -> Found:
        """The `count` rows nearest to `vector`, among those at allowed positions."""
        if allowed is None:
            scores, positions = self.index.search(vector[None], count)
        else:
            chosen = _python_faiss.SearchParameters(sel=_selector(allowed))
            scores, positions = self.index.search(vector[None], count, params=chosen)
        return _found(positions[0], scores[0])


def scan(rows: Vectors, vector: Vectors, count: int, allowed: Mask | None) -> Found:
    """The `count` rows nearest to `vector` among those at allowed positions, straight from an array in memory."""
    if not len(rows):
        return Found(np.empty(0, np.int64), np.empty(0, np.float32), complete=True)
    scores, positions = np.empty(count, np.float32), np.empty(count, np.int64)
    selector = None if allowed is None else _selector(allowed)
    pointers = [faiss.swig_ptr(array) for array in (np.ascontiguousarray(vector), rows, scores, positions)]
    asked, stored, out_scores, out_positions = pointers
    faiss.knn_inner_product(asked, stored, rows.shape[1], 1, len(rows), count, out_scores, out_positions, selector)
    return _found(positions, scores)


def _selector(allowed: Mask) -> Any:
    return _python_faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))


def _found(positions: Positions, scores: npt.NDArray[np.float32]) -> Found:
    """Without the empty places that faiss fills with -1."""
    held = positions >= 0
    return Found(positions[held], scores[held], complete=not held.all())


@dataclass(frozen=True, slots=True)
class Pointer:
    """What `main.json` says: which main index holds, and what its files must be.

    `through` counts the vectors that had come when it was made, those that died since included. `files` maps each kind
    of file to its size in bytes and SHA-256; its name is that of `file_of`.
    """

    kind: str
    generation: int
    through: int
    rows: int
    dimensions: int
    files: dict[str, list[int | str]]
    pipeline: int = 1


def build(folder: Path, reading: Reading) -> None:
    """Write a main index over all rows of this reading, then point to it and remove the older ones."""
    index = faiss.IndexFlatIP(reading.dimensions)
    columns = [np.empty((2, 0), np.int64)]
    for chunk in reading.vector_rows():
        index.add(chunk.vectors)
        columns.append(np.stack([chunk.keys, chunk.articles]))
    keys = np.concatenate(columns, axis=1)
    folder.mkdir(exist_ok=True)
    paths = {kind: file_of(folder, reading.generation, kind) for kind in ("faiss", "npy")}
    faiss.write_index(index, str(paths["faiss"]))
    np.save(paths["npy"], keys)
    files = {kind: _facts(synced(path)) for kind, path in paths.items()}
    card = reading.card
    size = (index.ntotal, reading.dimensions)
    pointer = Pointer("flat", card.generation, card.arrived, *size, files, card.pipeline)
    replaced(folder / POINTER, json.dumps(asdict(pointer), indent=1).encode())
    for old in folder.glob("main-*"):
        if old not in paths.values():
            old.unlink(missing_ok=True)


def pointer_of(folder: Path) -> Pointer | None:
    """What the pointer says; None when there is none, or none that is understood."""
    try:
        pointer = Pointer(**json.loads((folder / POINTER).read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        log.warning("%s cannot be read (%s); the main vector index is made anew", folder / POINTER, error)
        return None
    return pointer if pointer.kind == "flat" else None


def forget(folder: Path) -> None:
    """Remove the pointer, so that a new main index is due."""
    (folder / POINTER).unlink(missing_ok=True)


def load(folder: Path, dimensions: int) -> Main | None:
    """The main index that the pointer names, checked; None when there is none or it is damaged."""
    pointer = pointer_of(folder)
    while pointer is not None:
        try:
            return _checked(folder, pointer, dimensions)
        except (OSError, ValueError, RuntimeError) as error:
            before, pointer = pointer, pointer_of(folder)
            if pointer == before:
                log.warning("the main vector index in %s is damaged (%s); it is made anew", folder, error)
                return None
    return None


def _checked(folder: Path, pointer: Pointer, dimensions: int) -> Main:
    """Raises ValueError when a file is not what the pointer says."""
    paths = {kind: file_of(folder, pointer.generation, kind) for kind in ("faiss", "npy")}
    damaged = [path.name for kind, path in paths.items() if _facts(path) != pointer.files.get(kind)]
    if damaged or pointer.dimensions != dimensions:
        raise ValueError(f"{', '.join(damaged) or 'dimensions'} not as in {POINTER}")
    index = _python_faiss.read_index(str(paths["faiss"]), faiss.IO_FLAG_MMAP_IFC)
    size = (index.ntotal, index.d)
    flat = faiss.rev_swig_ptr(index.get_xb(), size[0] * size[1]) if size[0] else np.empty(0, np.float32)
    columns = np.load(paths["npy"])
    return Main(pointer.generation, pointer.pipeline, columns[0], columns[1], flat.reshape(size), index)


def file_of(folder: Path, generation: int, kind: str) -> Path:
    """Where the vectors (``faiss``) or the keys (``npy``) of a main index lie."""
    return folder / f"main-{generation}.{kind}"


def _facts(path: Path) -> list[int | str]:
    return [path.stat().st_size, sha256_of(path)]
