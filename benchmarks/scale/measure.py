"""What one grown library does: searching by meaning and by words, filters, storing one article, opening, memory.

Run for one library in a process of its own, so that its memory is its own; prints one line of JSON. Recall is against
exact search over the same vectors. Files are in memory, but where something else is said. `served` asks a real server
over HTTP, question's embedding included.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import faiss
import httpx
import numpy as np

from benchmarks.scale.fields import PASSAGES_PER_ARTICLE, SHARES, Writer, sentences
from benchmarks.scale.grow import Numbers, Vectors, nearest, recall
from index.library.contract import Entry, Filters, Scored, Snapshot
from index.library.local.library import LocalLibrary
from index.library.local.view import DEPTH, SPARE, Rows

LIMIT = 100
WRITES = 20
ASKED = 200
NO_FILTERS = Filters()
REPLY_SECONDS = 60.0

Figures = dict[str, Any]


def truths(vectors: Vectors, asked: Vectors, kept: Path) -> dict[str, Numbers]:
    """The rows of the exact first ten, without filters and among the articles of each share; kept between runs."""
    if kept.exists():
        with np.load(kept) as found:
            return dict(found)
    numbers = np.arange(len(vectors))
    found = {"": nearest(asked, vectors, 10)[1]}
    for tag, every in SHARES.items():
        rows = numbers[numbers // PASSAGES_PER_ARTICLE % every == 0]
        found[tag] = rows[nearest(asked, np.ascontiguousarray(vectors[rows]), 10)[1]]
    np.savez(kept, **found)
    return found


def measured(folder: Path, questions: Sequence[str], asked: Vectors, truth: Mapping[str, Numbers]) -> Figures:
    """All figures of the library in `folder`."""
    faiss.omp_set_num_threads(1)
    before = resident()
    started = time.perf_counter()
    library = LocalLibrary(folder)
    library.prepare()
    snapshot = library.snapshot()
    snapshot.dense(asked[0], LIMIT, NO_FILTERS)
    figures: Figures = {"passages": snapshot.counts()[1], "open seconds": round(time.perf_counter() - started, 2)}
    view = snapshot._open.derived.view  # type: ignore[attr-defined]
    figures["rows in main, tail"] = [len(view.main.keys) if view.main else 0, len(view.tail.keys)]
    cold = _dense(snapshot, asked, truth[""], NO_FILTERS)
    into_memory(folder)
    figures["dense"] = _dense(snapshot, asked, truth[""], NO_FILTERS) | {"cold median ms": cold["median ms"]}
    figures["raw faiss"] = raw(view.parts[0], asked)
    figures["ratio to raw faiss"] = round(figures["dense"]["median ms"] / figures["raw faiss"]["median ms"], 2)
    figures["lexical"] = times([timed(lambda one=one: snapshot.lexical(one, LIMIT, NO_FILTERS)) for one in questions])  # type: ignore[misc]
    figures["filtered"] = {tag: _filtered(snapshot, questions, asked, truth[tag], tag) for tag in SHARES}
    figures["bytes a passage"] = {
        kind: round((now - before[kind]) / figures["passages"]) for kind, now in resident().items()
    }
    figures["put one article"] = _writes(library, questions, asked)
    snapshot.close()
    library.close()
    return figures


def _dense(snapshot: Snapshot, asked: Vectors, truth: Numbers, filters: Filters) -> Figures:
    found, took = [], []
    for one in asked:
        started = time.perf_counter()
        hits = snapshot.dense(one, LIMIT, filters)
        took.append(1000 * (time.perf_counter() - started))
        found.append(hits)
    best = [_rows(snapshot, hits[:10]) for hits in found]
    return {
        **times(took),
        "first ms": round(took[0], 2),
        "recall@10": round(recall(best, truth[: len(asked)]), 4),
        "fewest": min(map(len, found)),
    }


def _rows(snapshot: Snapshot, hits: Sequence[Scored]) -> list[int]:
    """Which grown rows these passages are."""
    passages = [one.passage for one in snapshot.passages([hit.key for hit in hits])]
    return [int(one.article_id.split("/")[1]) * PASSAGES_PER_ARTICLE + one.ordinal for one in passages]


def raw(part: Rows, asked: Vectors) -> Figures:
    """What faiss alone needs for as many candidates: the limit, for an index with compressed vectors has yet to score
    them anew."""
    most = min(LIMIT + SPARE if part.finder.exact else DEPTH * LIMIT + SPARE, len(part.keys))
    return times([timed(lambda one=one: part.finder.roughly(one, most, None)) for one in asked])  # type: ignore[misc]


def _filtered(snapshot: Snapshot, questions: Sequence[str], asked: Vectors, truth: Numbers, tag: str) -> Figures:
    filters = Filters(tags=(tag,))
    words = [timed(lambda one=one: snapshot.lexical(one, LIMIT, filters)) for one in questions]  # type: ignore[misc]
    return {"dense": _dense(snapshot, asked, truth, filters), "lexical": times(words)}


def _writes(library: LocalLibrary, texts: Sequence[str], asked: Vectors) -> Figures:
    """Storing one article after the other, while somebody reads, until a search shows it; then they are deleted."""
    writer = Writer(sentences([f"{text} and what became of it in the end." for text in texts]))
    took, names = [], []
    for number in range(WRITES):
        article, passages = writer.article(10**9 + number)
        digests = [f"{article.id}#{at}".encode().ljust(16)[:16] for at in range(len(passages))]
        entry = Entry(article, passages, np.ascontiguousarray(asked[number : number + len(passages)]), digests)
        names.append(article.id)
        started = time.perf_counter()
        library.put([entry])
        with library.snapshot() as newest:
            newest.dense(asked[number], 1, NO_FILTERS)
        took.append(1000 * (time.perf_counter() - started))
    library.delete(names)
    return {**times(took), "most ms": round(max(took), 1)}


def served(folder: Path, questions: Sequence[str], port: int) -> Figures:
    """A server over the library, asked one question after the other without reading again."""
    command = [sys.executable, "-m", "api.cli", "--library", str(folder), "serve", "--port", str(port)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=REPLY_SECONDS) as client:
                _until_ready(client, server)
                ready = round(time.perf_counter() - started, 1)
                into_memory(folder)
                for one in questions[:20]:
                    _asked(client, one)
                took = [timed(lambda one=one: _asked(client, one)) for one in questions[20:]]  # type: ignore[misc]
                return {"ready seconds": ready, **times(took), "resident": resident(server.pid)}
        finally:
            server.terminate()


def _until_ready(client: httpx.Client, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


def _asked(client: httpx.Client, question: str) -> None:
    client.post("/v1/search", json={"query": question, "rerank": False}).raise_for_status()


def into_memory(place: Path) -> None:
    """Read a file, or all files in a folder, once, so that the operating system holds them, as it does of a library in
    use if they fit: else each new question would wait for the disk, and how long depends on what was measured before.
    """
    for path in (place, *place.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                while file.read(2**24):
                    pass


def resident(pid: int | None = None) -> dict[str, int]:
    """Bytes that a process holds in memory: all of them, and those that are no file's."""
    lines = Path(f"/proc/{pid or os.getpid()}/status").read_text().splitlines()
    found = dict(line.split(":", 1) for line in lines)
    return {name: int(found[name].split()[0]) * 1024 for name in ("VmRSS", "RssAnon")}


def timed(work: Callable[[], object]) -> float:
    """How many milliseconds it takes."""
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def times(took: Sequence[float]) -> Figures:
    """The median and the 95th percentile of milliseconds."""
    return {"median ms": round(median(took), 2), "p95 ms": round(float(np.quantile(took, 0.95)), 2)}


def main() -> None:
    """Measure the library in the folder given, with what `__main__` has left in the file given."""
    folder, handed = map(Path, sys.argv[1:])
    with np.load(handed) as given:
        questions, asked = given["questions"].tolist(), given["asked"]
        truth = {name.removeprefix("truth"): given[name] for name in given.files if name.startswith("truth")}
    print(json.dumps(measured(folder, questions, asked, truth)))


if __name__ == "__main__":
    main()
