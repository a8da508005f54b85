"""Finding the roughly nearest rows: by scanning all, or by an inverted index. The only module that imports faiss.

Only positions matter here: whoever asks computes the scores of what was found anew, from the vectors themselves. What
is found by scanning is exact; an inverted index finds nearly all, in a time that hardly grows with the library, from
some 70 bytes a row. ARCHITECTURE.md tells how it was chosen.

An inverted index is faiss's IVF over RaBitQ codes of one bit a dimension: Gao and Long, "RaBitQ: Quantizing
High-Dimensional Vectors with a Theoretical Error Bound for Approximate Nearest Neighbor Search" (SIGMOD 2024).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import faiss
import numpy as np

from index.library.contract import Vectors
from index.library.local.bits import Bits, Positions, count, held

LISTS = 4.0
"""An inverted index has this many lists for the square root of its rows."""

TRAINING = 48
"""How many rows are looked at for each list when the lists are chosen."""

PROBES = 100
PROBED = 2.37
"""How many lists are looked at for a question without filters: so many, or `PROBED` times the square root of all where
that is more. That is what 1,000,000 and 10,000,000 rows need, see ARCHITECTURE.md: the more rows, the nearer the
best."""

FILTERED_PROBES = 540
SELECTIVITY = 0.15
FILTERED_LISTS = 4
"""With filters it is so many times the power `-SELECTIVITY` of the share of the rows that is allowed, but not more than
one `FILTERED_LISTS`-th of all: the best among few allowed rows lie farther away, in more lists. On 1,000,000 rows, half
of them allowed: 433 lists .9885 in 5.1 ms, 600 .990 in 5.9; a tenth: 761 lists .9905 in 7.3; no filter 2.5."""

NEARLY_ALL = 0.9
"""From this share of allowed rows on, all are searched and those that are not allowed left out: looking each up makes a
search of 1,000,000 rows twice as long, and in most libraries some rows are dead."""

_python_faiss: Any = faiss  # where its stubs tell of the C++ below and not of the Python wrapper around it


class Found(NamedTuple):
    """Positions that are roughly best. A row that is not among them scores at most `floor`, as far as that is known;
    -inf where there is none, or where nothing is known of them."""

    positions: Positions
    floor: float


class Finder(Protocol):
    """Finds rows by position."""

    @property
    def exact(self) -> bool:
        """Whether it never misses one."""
        ...

    def roughly(self, vector: Vectors, most: int, allowed: Bits | None) -> Found:
        """About the `most` rows nearest to `vector` by inner product among those allowed, or all if they are fewer."""
        ...


class Exact:
    """Looks at every row of an array of shape (n, dimensions)."""

    exact = True

    def __init__(self, rows: Vectors) -> None:
        self._rows = rows

    def roughly(self, vector: Vectors, most: int, allowed: Bits | None) -> Found:
        """See `Finder.roughly`."""
        rows, most = self._rows, min(most, len(self._rows))
        if not most:
            return Found(np.empty(0, np.int64), -math.inf)
        scores, positions = np.empty(most, np.float32), np.empty(most, np.int64)
        pointers = [faiss.swig_ptr(array) for array in (np.ascontiguousarray(vector), rows, scores, positions)]
        asked, stored, out_scores, out_positions = pointers
        selector = None if allowed is None else _selector(allowed)
        faiss.knn_inner_product(asked, stored, rows.shape[1], 1, len(rows), most, out_scores, out_positions, selector)
        there = positions >= 0  # faiss fills places with -1 when fewer are allowed
        return Found(positions[there], float(scores[-1]) if there.all() and most < len(rows) else -math.inf)


class Inverted:
    """An inverted index, whose rows are numbered by position."""

    exact = False

    def __init__(self, index: Any) -> None:
        self._index = index

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def roughly(self, vector: Vectors, most: int, allowed: Bits | None) -> Found:
        """See `Finder.roughly`. The fewer rows are allowed, the more lists are looked at."""
        if allowed is None:
            probes = max(PROBES, round(PROBED * math.sqrt(self._index.nlist)))
            return Found(self._searched(vector, min(most, len(self)), probes, None), -math.inf)
        wanted = min(most, allowed_rows := count(allowed))
        if allowed_rows >= NEARLY_ALL * len(self):
            found = self.roughly(vector, most, None).positions
            left = found[held(allowed, found)]
            if len(left) >= min(NEARLY_ALL * most, wanted):
                return Found(left, -math.inf)
        probes = _probes(allowed_rows / len(self), self._index.nlist)
        return Found(self._searched(vector, wanted, probes, _selector(allowed)), -math.inf)

    def _searched(self, vector: Vectors, wanted: int, probes: int, selector: Any) -> Positions:
        """The `wanted` best positions in so many lists, or in more where those have too few."""
        lists = self._index.nlist
        while True:
            probes = min(probes, lists)
            parameters = _python_faiss.SearchParametersIVF(sel=selector, nprobe=probes)
            _, positions = self._index.search(vector[None], wanted, params=parameters)
            there = positions[0] >= 0
            if there.all() or probes == lists:
                found: Positions = positions[0][there]
                return found
            probes *= 4


def lists_for(rows: int) -> int:
    """How many lists an inverted index of so many rows has."""
    return max(1, round(LISTS * math.sqrt(rows)))


def trained(some: Vectors, lists: int) -> Inverted:
    """An empty inverted index with its lists chosen by some rows; the same for the same rows."""
    index = _python_faiss.index_factory(some.shape[1], f"IVF{lists},RaBitQ", faiss.METRIC_INNER_PRODUCT)
    index.cp.min_points_per_centroid = 1  # faiss writes to the terminal when there are fewer
    index.train(some)
    return Inverted(index)


def add(index: Inverted, chunks: Iterable[Vectors]) -> None:
    """Add rows behind those that it has; nobody may search it meanwhile."""
    for rows in chunks:
        index._index.add(np.ascontiguousarray(rows))


def write(index: Inverted, path: Path) -> None:
    """Write it to a file."""
    _python_faiss.write_index(index._index, str(path))


def read(path: Path) -> Inverted:
    """Read it from a file; RuntimeError when it is none."""
    return Inverted(_python_faiss.read_index(str(path)))


def use_threads(threads: int) -> None:
    """How many threads faiss may use for what the calling thread asks of it."""
    faiss.omp_set_num_threads(threads)


def _probes(share: float, lists: int) -> int:
    """How many lists are looked at first where this share of the rows is allowed."""
    wished = FILTERED_PROBES * share**-SELECTIVITY if share else 0
    return max(PROBES, math.ceil(min(wished, lists / FILTERED_LISTS)))


def _selector(allowed: Bits) -> Any:
    return _python_faiss.IDSelectorBitmap(allowed.view(np.uint8))
