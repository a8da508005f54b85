"""How long indexing takes beside embedding its passages alone, in one run, turn by turn.

Embedding alone gets the very texts that indexing embeds, all at once and already cut. Indexing reads files, cleans,
cuts, stores, embeds meanwhile and fills the vectors in, into a new library, from the first file to the last vector.
What indexing costs without a model is measured beside it. Writes ``results/indexing.json`` and ``.md``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from typing import NamedTuple

from api.cli.commands.evaluate import machine
from api.service import Service
from index.articles.readers import read_paths
from index.embedding.catalogue import DEFAULT_EMBEDDER
from index.embedding.embedder import SentenceEmbedder, load_embedder
from index.ingest import embedded_text, ingest
from index.library.opening import open_library
from search.evaluation.dataset import read_corpus

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared/data"
RESULTS = ROOT / "benchmarks/results"
PROCESSES = os.cpu_count() or 1


class Turn(NamedTuple):
    """Seconds of one turn: embedding alone, everything, until words find everything, and all but embedding."""

    embedding: float
    indexing: float
    words: float
    rest: float


def pages(folder: Path, most: int) -> None:
    """Saved web pages, as files."""
    for path in sorted((DATA / "html_zyte/html").iterdir())[:most]:
        (folder / path.name.removesuffix(".gz")).write_bytes(gzip.decompress(path.read_bytes()))


def records(folder: Path, most: int) -> None:
    """Articles in one file, a line each."""
    drafts = islice(read_corpus(DATA / "rtqa_2022").drafts(), most)
    lines = (json.dumps({"id": one.origin, "title": one.title, "text": one.content}) for one in drafts)
    (folder / "articles.jsonl").write_text("\n".join(lines) + "\n")


def samples(folder: Path, _: int) -> None:
    """The sample articles."""
    shutil.copytree(ROOT / "seeds", folder, dirs_exist_ok=True)


@contextmanager
def service(embedder: SentenceEmbedder) -> Iterator[Service]:
    """A service over a new library, which is deleted afterwards."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Service(open_library(Path(folder) / "library", create=True), lambda: embedder) as made,
    ):
        yield made


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def texts_of(sources: Path, embedder: SentenceEmbedder) -> list[str]:
    """What indexing embeds: every text once."""
    with service(embedder) as made:
        list(ingest(read_paths([sources]), made.library, embedder, processes=PROCESSES, on_waiting=lambda: None))
        found: dict[str, None] = {}
        with made.library.snapshot() as snapshot:
            for card in snapshot.articles(None, 1_000_000):
                found |= {embedded_text(card, one): None for one in snapshot.article_passages(card.id)}
    return list(found)


def turn(sources: Path, texts: list[str], embedder: SentenceEmbedder) -> Turn:
    """Every way once."""
    alone = seconds(lambda: embedder.embed_passages(texts))
    with service(embedder) as made:
        started = time.perf_counter()
        for _ in made.store(read_paths([sources]), processes=PROCESSES):
            pass
        words = time.perf_counter() - started
        made.finish()
        whole = time.perf_counter() - started
    with service(embedder) as made:
        stored = ingest(read_paths([sources]), made.library, embedder, processes=PROCESSES, on_waiting=lambda: None)
        rest = seconds(lambda: list(stored))
    return Turn(alone, whole, words, rest)


def measured(
    name: str, fill: Callable[[Path, int], None], most: int, rounds: int, embedder: SentenceEmbedder
) -> dict[str, object]:
    """One kind of sources: the medians of all rounds."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), most)
        texts = texts_of(Path(folder), embedder)
        embedder.embed_passages(texts[:64])
        turns = []
        for number in range(rounds):
            turns.append(turn(Path(folder), texts, embedder))
            print(f"{name}, {len(texts)} passages, round {number + 1} of {rounds}: {turns[-1]}", file=sys.stderr)
    middle = Turn(*(median(column) for column in zip(*turns, strict=True)))
    return {
        "sources": name,
        "passages": len(texts),
        "embedding alone, s": round(middle.embedding, 1),
        "indexing, s": round(middle.indexing, 1),
        "ratio": round(median(one.indexing / one.embedding for one in turns), 3),
        "found by words after, s": round(middle.words, 1),
        "all but embedding alone, s": round(middle.rest, 1),
    }


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=120, help="how many of each kind")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    embedder = load_embedder(DEFAULT_EMBEDDER, device="cpu")
    kinds = {"web pages": pages, "JSON lines": records} if DATA.exists() else {"sample articles": samples}
    rows = [measured(name, fill, options.articles, options.rounds, embedder) for name, fill in kinds.items()]
    about = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}, load {os.getloadavg()[0]:.1f}, {DEFAULT_EMBEDDER}"
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([str(row[name]) for name in names] for row in rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    print(f"{about}\n\n{table}", flush=True)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "indexing.json").write_text(json.dumps({"about": about, "rows": rows}, indent=1) + "\n")
    (RESULTS / "indexing.md").write_text(f"{about}\n\n{table}\n")


if __name__ == "__main__":
    main()
