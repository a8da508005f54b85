"""Which kind of vector index: how long each takes to build and to search, what it holds in memory and what it finds.

Every kind finds candidates, whose scores are then computed from the vectors on the disk, as the library does it; of
each the least effort is looked for that reaches a recall. All inverted kinds share one choice of lists. One thread
throughout.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import faiss
import numpy as np

from benchmarks.scale.grow import Numbers, Soil, Vectors, nearest, recall
from benchmarks.scale.measure import timed
from benchmarks.scale.sample import Progress
from index.library.local.finders import TRAINING, lists_for

LIMIT = 100
GOALS = (0.97, 0.99)
CHUNK = 50_000
GRAPHS_UP_TO = 100_000
"""Graphs take an hour and more to build for a million rows on one core; what they do is seen on fewer."""

INVERTED = {
    "IVF, vectors as they are": "Flat",
    "IVF, scalar 8 bits": "SQ8",
    "IVF, product 4 bits, fast-scan": "PQ{quarter}x4fs",
    "IVF, RaBitQ 1 bit": "RaBitQ",
    "IVF, RaBitQ 1 bit, fast-scan": "RaBitQfs",
    "IVF, RaBitQ 4 bits, fast-scan": "RaBitQfs4",
}
GRAPHS = {"HNSW 16": "HNSW16", "HNSW 16, scalar 8 bits": "HNSW16,SQ8"}
PROBES = (8, 16, 32, 48, 64, 96, 128, 256)
EFFORTS = (100, 200, 400, 800)
DEPTHS = (1, 2, 3, 5, 8)


@dataclass(frozen=True, slots=True)
class Figure:
    """What was seen of one kind at one size; `reached` maps each recall to the effort, the depth and the median ms."""

    rows: int
    kind: str
    build_seconds: float
    bytes_a_row: float
    reached: dict[str, dict[str, float]]
    best_recall: float


def grown_file(soil: Soil, rows: int, path: Path, show: Progress) -> Vectors:
    """The first `rows` grown vectors, mapped from a file that is made or made longer when needed."""
    size = soil.real.shape[1] * 4
    held = path.stat().st_size // size if path.exists() else 0
    with path.open("ab") as file:
        for block in soil.blocks_from(held, rows):
            file.write(block.tobytes())
            held += len(block)
            show("growing vectors", held, rows)
    return np.memmap(path, np.float32, "r", shape=(rows, soil.real.shape[1]))


def compared(vectors: Vectors, asked: Vectors, show: Progress) -> Iterator[Figure]:
    """All kinds over these vectors, one after the other; the first is exact search, the limit of recall."""
    faiss.omp_set_num_threads(1)
    truth = nearest(asked, vectors, LIMIT)[1]
    yield _flat(vectors, asked)
    lists = lists_for(len(vectors))
    started = time.process_time()
    coarse = _coarse(vectors, lists)
    owners = np.concatenate([coarse.search(np.ascontiguousarray(some), 1)[1][:, 0] for _, some in _chunks(vectors)])
    shared = time.process_time() - started
    kinds = dict(INVERTED) | (GRAPHS if len(vectors) <= GRAPHS_UP_TO else {})
    for number, (kind, code) in enumerate(kinds.items(), start=1):
        show(f"kinds at {len(vectors):,}", number, len(kinds))
        started = time.process_time()
        if kind in INVERTED:
            index = _inverted(vectors, code.format(quarter=vectors.shape[1] // 4), coarse, owners)
        else:
            index = _graph(vectors, code)
        took = time.process_time() - started + (shared if kind in INVERTED else 0)
        size = faiss.serialize_index(index).nbytes / len(vectors)
        reached, best = _reached(index, vectors, asked, truth)
        yield Figure(len(vectors), kind, round(took, 1), round(size, 1), reached, round(best, 4))


def _chunks(vectors: Vectors) -> Iterator[tuple[int, Vectors]]:
    for first in range(0, len(vectors), CHUNK):
        yield first, np.ascontiguousarray(vectors[first : first + CHUNK])


def _flat(vectors: Vectors, asked: Vectors) -> Figure:
    times = [timed(lambda one=one: nearest(one[None], vectors, LIMIT)) for one in asked[:20]]  # type: ignore[misc]
    reached = {str(goal): {"ms": round(median(times), 2)} for goal in GOALS}
    return Figure(len(vectors), "flat", 0.0, 4.0 * vectors.shape[1], reached, 1.0)


def _coarse(vectors: Vectors, lists: int) -> Any:
    index = faiss.index_factory(vectors.shape[1], f"IVF{lists},Flat", faiss.METRIC_INNER_PRODUCT)
    chosen = np.linspace(0, len(vectors) - 1, min(len(vectors), lists * TRAINING)).astype(np.int64)
    index.cp.min_points_per_centroid = 1
    index.train(vectors[chosen])
    centres = index.quantizer.reconstruct_n(0, lists)
    coarse = faiss.IndexFlatIP(vectors.shape[1])
    coarse.add(centres)
    return coarse


def _inverted(vectors: Vectors, code: str, coarse: Any, owners: Numbers) -> Any:
    index = faiss.index_factory(vectors.shape[1], f"IVF{coarse.ntotal},{code}", faiss.METRIC_INNER_PRODUCT)
    index.quantizer.train(coarse.reconstruct_n(0, 1))
    index.quantizer.add(coarse.reconstruct_n(0, coarse.ntotal))
    index.train(vectors[:: max(1, len(vectors) // 50_000)])
    for first, some in _chunks(vectors):
        if code.rstrip("48").endswith("fs"):  # which packs its codes by itself
            index.add(some)
            continue
        lists = np.ascontiguousarray(owners[first : first + len(some)])
        index.add_core(len(some), faiss.swig_ptr(some), None, faiss.swig_ptr(lists))
    return index


def _graph(vectors: Vectors, code: str) -> Any:
    index = faiss.index_factory(vectors.shape[1], code, faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[: min(len(vectors), 50_000)])
    for _, some in _chunks(vectors):
        index.add(some)
    return index


def _reached(index: Any, vectors: Vectors, asked: Vectors, truth: Numbers) -> tuple[dict[str, dict[str, float]], float]:
    """For each goal the fastest way that was seen to reach it, and the best recall seen."""
    seen = []
    for effort in PROBES if hasattr(index, "nlist") else EFFORTS:
        for depth in DEPTHS:
            found, ms = _searched(index, vectors, asked, effort, depth)
            seen.append((ms, recall(found, truth[:, :10]), effort, depth))
            if depth > 1 and seen[-1][1] - seen[-2][1] < 0.001:
                break  # looking deeper finds nothing more
        if seen[-1][1] > max(GOALS) + 0.005:
            break
    reached = {}
    for goal in GOALS:
        enough = [one for one in seen if one[1] >= goal]
        if enough:
            ms, share, effort, depth = min(enough)
            reached[str(goal)] = {"ms": round(ms, 2), "recall": round(share, 4), "effort": effort, "depth": depth}
    return reached, max(share for _, share, _, _ in seen)


def _searched(index: Any, vectors: Vectors, asked: Vectors, effort: int, depth: int) -> tuple[Numbers, float]:
    """The best ten after scoring anew, and the median milliseconds."""
    if hasattr(index, "nlist"):
        parameters = faiss.SearchParametersIVF(nprobe=effort)
    else:
        parameters = faiss.SearchParametersHNSW(efSearch=max(effort, LIMIT * depth))
    found, times = [], []
    for one in asked:
        started = time.perf_counter()
        positions = index.search(one[None], LIMIT * depth, params=parameters)[1][0]
        positions = np.sort(positions[positions >= 0])
        scores = vectors[positions] @ one
        found.append(positions[np.argsort(-scores, kind="stable")[:10]])
        times.append(1000 * (time.perf_counter() - started))
    return np.array(found), median(times)
