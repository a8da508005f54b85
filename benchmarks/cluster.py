"""A library on Milvus beside one in a folder: the same answers, and what Pincite adds to the bare client's time.

The library that `make evaluate` made of a public set, with vectors by a real model, is cut to 20,000 passages and
copied to Milvus' own core. Measured over the set's questions: recall of the nearest ten against exact search, how much
of the first ten of hybrid answers both share, whether filtered results are complete, how long a search takes beside the
bare client, and how many answers a second one and two servers give. Writes ``results/cluster.json`` and ``.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import mean, median
from typing import Any

import httpx
import numpy as np
from pymilvus import MilvusClient

from api.cli.commands.evaluate import machine
from index.embedding.contract import Embedder
from index.embedding.embedder import load_embedder
from index.ingest import model_name
from index.library.contract import Filters, Library, Snapshot, Vectors
from index.library.milvus.library import MilvusLibrary
from index.library.milvus.state import FORMAT
from index.library.opening import open_library
from index.moving import move
from search.pipeline import Pipeline
from search.query import Query
from tests.index.library.milvus_lite import LiteServer, free_ports, wait_for

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared/data"
RESULTS = ROOT / "benchmarks/results"
CACHE = Path("~/.cache/pincite/bench-cluster").expanduser()
EVALUATED = Path("~/.cache/pincite/evaluate").expanduser()
SET = "rtqa_2022"
PASSAGES = 20_000
QUESTIONS = 200
SECONDS = 15.0


def main() -> None:
    """Make the libraries where they are not there yet, measure, and write the figures down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", type=Path, dest="source", help=f"a library of {SET}; else the one of make evaluate")
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each number of servers is asked")
    given = parser.parse_args()
    source = given.source or next(EVALUATED.glob(f"{SET}-*/library"), None)
    if source is None:
        parser.error(f"there is no library of {SET}; run make evaluate, or name one with --from")
    local = made(source, given.passages)
    embedder = load_embedder(model_name(local.fingerprint) or "")
    questions = asked()[: given.questions]
    server = LiteServer(kept(CACHE / f"lite-{given.passages}-{FORMAT}"))
    try:
        address = server.address("bench", consistency="Bounded")
        milvus = open_library(address, create=True)
        assert isinstance(milvus, MilvusLibrary)
        move(local, milvus, lambda _: print(f"  {milvus.status().articles:,} articles copied", end="\r", flush=True))
        figures = {
            "passages": milvus.status().passages,
            "questions": len(questions),
            **agreement(local, milvus, embedder, questions),
            **overhead(milvus, server, embedder, questions),
            "answers_per_second": {number: answered(address, number, questions, given.seconds) for number in (1, 2)},
        }
        milvus.close()
    finally:
        server.stop()
        local.close()
    write({"machine": machine(), **figures})


def kept(folder: Path) -> Path:
    """A folder for what is made once."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def asked() -> list[str]:
    """The set's questions."""
    return [json.loads(line)["text"] for line in (DATA / SET / "queries.jsonl").read_text().splitlines()]


def made(source: Path, passages: int) -> Library:
    """As many passages of a library, or a few less, in a folder of their own, kept for the next time."""
    folder = CACHE / f"library-{passages}"
    if not folder.exists():
        shutil.copytree(source, kept(CACHE) / "copying", dirs_exist_ok=True)
        (CACHE / "copying").rename(folder)
    library = open_library(folder)
    while (left := library.status().passages - passages) > 0:
        with library.snapshot() as snapshot:
            last = snapshot.articles(None, 100_000)[-1 - left // 20 :]
        library.delete([article.id for article in last])
    return library


# The same answers


def agreement(local: Library, milvus: Library, embedder: Embedder, questions: Sequence[str]) -> dict[str, Any]:
    """How far both libraries agree."""
    vectors = [embedder.embed_question(text) for text in questions]
    with local.snapshot() as ours:
        outlets = [facet.value for facet in ours.facets("source", Filters(), 10)]
    some = Filters(sources=tuple(outlets[-2:]), without=("president",))
    with local.snapshot() as ours, milvus.snapshot() as theirs:
        every = ours.counts()[1]
        exact = [nearest(ours, vector, Filters()) for vector in vectors[:50]]
        pairs = [(names(ours, v, Filters()), names(theirs, v, Filters())) for v in vectors]
        filtered = [(len(names(ours, v, some, 10)), len(names(theirs, v, some, 10))) for v in vectors[:50]]
        every_one = [set(names(one, vectors[0], some, 5_000)) for one in (ours, theirs)]
        words = [(words_of(ours, text), words_of(theirs, text)) for text in questions]
    hybrid = [both(local, milvus, embedder, text) for text in questions]
    return {
        "exact_over_passages": every,
        "dense_recall_at_10": mean(shared(a, names_) for a, (_, names_) in zip(exact, pairs, strict=False)),
        "dense_overlap_with_local": mean(shared(a, b) for a, b in pairs),
        "lexical_overlap_with_local": mean(shared(a, b) for a, b in words if a),
        "hybrid_overlap_with_local": mean(hybrid),
        "filtered_as_many": mean(a == b for a, b in filtered),
        "passing_a_filter": len(every_one[0]),
        "passing_a_filter_in_both": len(every_one[0] & every_one[1]),
    }


def nearest(snapshot: Snapshot, vector: Vectors, filters: Filters) -> list[str]:
    """The ten nearest by comparing with all vectors."""
    every = [one.key for one in snapshot.dense(vector, snapshot.counts()[1], filters)]
    scores = snapshot.vectors(every).astype(np.float64) @ vector.astype(np.float64)
    best = [every[at] for at in np.argsort(-scores, kind="stable")[:10]]
    return [one.passage.id for one in snapshot.passages(best)]


def names(snapshot: Snapshot, vector: Vectors, filters: Filters, limit: int = 10) -> list[str]:
    """The passages nearest to a vector."""
    found = snapshot.dense(vector, limit, filters)
    return [one.passage.id for one in snapshot.passages([hit.key for hit in found])]


def words_of(snapshot: Snapshot, text: str) -> list[str]:
    """The ten passages that match best by words."""
    found = snapshot.lexical(text, 10, Filters())
    return [one.passage.id for one in snapshot.passages([hit.key for hit in found])]


def shared(one: Sequence[str], other: Sequence[str]) -> float:
    """Which share of the first ten of one is among the first ten of the other."""
    return len(set(one[:10]) & set(other[:10])) / len(one[:10]) if one else 1.0


def both(local: Library, milvus: Library, embedder: Embedder, text: str) -> float:
    """How much two hybrid answers share, without reading again, whose budget depends on the machine's time."""
    query = Query(text, limit=10, rerank=False, group="none", operators=False)
    answers = [Pipeline(one, lambda: embedder).answer(query) for one in (local, milvus)]
    return shared(*([hit.passage.id for hit in answer.hits] for answer in answers))


# Time


def overhead(milvus: MilvusLibrary, server: LiteServer, embedder: Embedder, questions: Sequence[str]) -> dict[str, Any]:
    """What a search by meaning takes through the library, snapshot and all, and by the bare client; side by side."""
    client = MilvusClient(f"http://127.0.0.1:{server.port}")
    vectors = [embedder.embed_question(text) for text in questions]
    with milvus.snapshot() as snapshot:
        expression = snapshot._seen.seen()

    def bare(vector: Vectors) -> object:
        parameters = {"metric_type": "IP", "params": {}}
        asked = vector.tolist()
        return client.search(
            "bench__vectors_1", [asked], anns_field="vector", search_params=parameters, filter=expression, limit=10
        )

    def through(vector: Vectors) -> object:
        with milvus.snapshot() as snapshot:
            return snapshot.dense(vector, 10, Filters())

    times: dict[str, list[float]] = {"bare": [], "through": []}
    for vector in [*vectors[:20], *vectors]:
        for name, call in (("bare", bare), ("through", through)):
            times[name].append(timed(call, vector))
    client.close()
    each = {name: median(found[20:]) for name, found in times.items()}
    extra = median(b - a for a, b in zip(times["bare"][20:], times["through"][20:], strict=True))
    return {"bare_ms": each["bare"], "through_pincite_ms": each["through"], "overhead_ms": extra}


def timed(call: Callable[[Vectors], object], vector: Vectors) -> float:
    """How many milliseconds a call takes."""
    began = time.perf_counter()
    call(vector)
    return (time.perf_counter() - began) * 1000


def answered(address: str, servers: int, questions: Sequence[str], seconds: float) -> dict[str, float]:
    """What so many `pincite serve` give to four clients each: answers a second, and milliseconds an answer."""
    with serving(address, servers) as urls, ThreadPoolExecutor(4 * servers) as clients:
        until = time.perf_counter() + seconds
        each = clients.map(lambda n: ask(urls[n % servers], questions[n:] + questions[:n], until), range(4 * servers))
        times = [one for found in each for one in found]
    return {"per_second": len(times) / seconds, "median_ms": median(times)}


def ask(url: str, questions: Sequence[str], until: float) -> list[float]:
    """Ask one question after the other until a time; how long each answer took."""
    times: list[float] = []
    with httpx.Client(base_url=url, timeout=60) as client:
        while time.perf_counter() < until:
            text = questions[len(times) % len(questions)]
            began = time.perf_counter()
            client.post("/v1/search", json={"query": text, "rerank": False}).raise_for_status()
            times.append((time.perf_counter() - began) * 1000)
    return times


@contextmanager
def serving(address: str, servers: int) -> Iterator[list[str]]:
    """Servers over one library on Milvus; their addresses."""
    ports = free_ports(servers)
    environment = {**os.environ, "PINCITE_OPEN": "1", "PINCITE_LIBRARY": address}
    command = [sys.executable, "-m", "api.cli", "serve", "--port"]
    started = [subprocess.Popen([*command, str(port)], env=environment, stderr=subprocess.DEVNULL) for port in ports]
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    try:
        for url in urls:
            wait_for(lambda url=url: is_ready(url), 120)  # type: ignore[misc]
        yield urls
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def is_ready(url: str) -> bool:
    """Whether a server answers."""
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


# What was found


def write(figures: Mapping[str, Any]) -> None:
    """Write the figures down, and print them."""
    (RESULTS / "cluster.json").write_text(json.dumps(figures, indent=2) + "\n")
    per = figures["answers_per_second"]
    rows = [
        f"| passages, questions | {figures['passages']:,}, {figures['questions']} |",
        f"| recall of the nearest 10 against exact search | {figures['dense_recall_at_10']:.3f} |",
        f"| first ten by words shared with the library in a folder | {figures['lexical_overlap_with_local']:.3f} |",
        f"| first ten of hybrid answers shared with it | {figures['hybrid_overlap_with_local']:.3f} |",
        f"| filtered: as many results | {figures['filtered_as_many']:.3f} |",
        f"| of all that pass a filter, found | {figures['passing_a_filter_in_both']:,} of "
        f"{figures['passing_a_filter']:,} |",
        f"| a search by meaning, bare client; through Pincite, ms | {figures['bare_ms']:.1f}; "
        f"{figures['through_pincite_ms']:.1f} (median of the differences {figures['overhead_ms']:.1f}) |",
        *(
            f"| answers a second (median ms), {number} server{'s' * (number > 1)}, 4 clients each | "
            f"{found['per_second']:.1f} ({found['median_ms']:.0f}) |"
            for number, found in per.items()
        ),
    ]
    text = "\n".join(
        ["# A library on Milvus' own core", "", f"{figures['machine']}", "", "| | |", "|---|---|", *rows, ""]
    )
    (RESULTS / "cluster.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
