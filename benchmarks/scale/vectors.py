"""The vector part alone, for more passages than a library is grown to: how it is built, opened and searched.

Rows, index and search are the library's own; there are no articles and no words. The index is built once and kept.
Run in a process of its own, so that its memory is its own; prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import faiss
import numpy as np

from benchmarks.scale.fields import PASSAGES_PER_ARTICLE
from benchmarks.scale.grow import BLOCK, Numbers, Vectors, recall
from benchmarks.scale.measure import LIMIT, Figures, into_memory, raw, resident, timed, times
from benchmarks.scale.sample import Progress
from index.library.local import finders
from index.library.local.rowfile import RowFile, Sums, sums_of
from index.library.local.vectors import Main
from index.library.local.view import FEW_ROWS, Rows, main_rows


def built(vectors: Vectors, kept: Path, show: Progress) -> None:
    """The index over these vectors, their sums, and how long that took, in the folder `kept` unless they are there."""
    if kept.exists():
        return
    beside = kept.with_suffix(".new")
    beside.mkdir(exist_ok=True)
    started, before = time.perf_counter(), time.process_time()
    np.save(beside / "sums.npy", np.concatenate([sums_of(some) for some in _blocks(vectors)]))
    lists = finders.lists_for(len(vectors))
    sample = np.linspace(0, len(vectors) - 1, lists * finders.TRAINING).astype(np.int64)
    index = finders.trained(vectors[sample], lists)
    show("lists chosen", lists, lists)
    finders.add(index, _shown(vectors, show))
    finders.write(index, beside / "vectors.index")
    took = {"seconds": time.perf_counter() - started, "processor seconds": time.process_time() - before}
    (beside / "made.json").write_text(json.dumps({name: round(spent, 1) for name, spent in took.items()}))
    beside.rename(kept)


def _blocks(vectors: Vectors) -> Iterator[Vectors]:
    for first in range(0, len(vectors), BLOCK):
        yield vectors[first : first + BLOCK]


def _shown(vectors: Vectors, show: Progress) -> Iterator[Vectors]:
    done = 0
    for block in _blocks(vectors):
        yield block
        done += len(block)
        show("indexing vectors", done, len(vectors))


def measured(file: Path, kept: Path, asked: Vectors, truth: Numbers) -> Figures:
    """All figures of the vectors in `file` with the index in the folder `kept`."""
    faiss.omp_set_num_threads(1)
    before, started = resident(), time.perf_counter()
    rows = _opened(file, kept, asked.shape[1])
    rows.nearest(asked[0], LIMIT, None, FEW_ROWS)
    figures: Figures = {"rows": len(rows.keys), "open seconds": round(time.perf_counter() - started, 2)}
    cold = [timed(lambda one=one: rows.nearest(one, LIMIT, None, FEW_ROWS)) for one in asked]  # type: ignore[misc]
    into_memory(file)
    warm = [timed(lambda one=one: rows.nearest(one, LIMIT, None, FEW_ROWS)) for one in asked]  # type: ignore[misc]
    found = [rows.nearest(one, LIMIT, None, FEW_ROWS).first(10).keys.tolist() for one in asked]
    return figures | {
        "build": json.loads((kept / "made.json").read_text()),
        "dense": times(warm)
        | {"cold median ms": times(cold)["median ms"], "recall@10": round(recall(found, truth), 4)},
        "raw faiss": raw(rows, asked),
        "bytes a row": {kind: round((now - before[kind]) / len(rows.keys)) for kind, now in resident().items()},
    }


def _opened(file: Path, kept: Path, dimensions: int) -> Rows:
    sums: Sums = np.load(kept / "sums.npy")
    keys = np.arange(len(sums))
    finder = finders.read(kept / "vectors.index")
    return main_rows(Main(1, 1, keys, keys // PASSAGES_PER_ARTICLE, None, RowFile(file, dimensions, sums), finder))


def main() -> None:
    """Measure the vectors in the file given with the index in the folder given, by what the third one holds."""
    file, kept, handed = map(Path, sys.argv[1:])
    with np.load(handed) as given:
        print(json.dumps(measured(file, kept, given["asked"], given["truth"])))


if __name__ == "__main__":
    main()
