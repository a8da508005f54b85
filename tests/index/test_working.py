"""Several worker processes on one library: nothing is embedded twice, and a killed worker's share is taken over."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.articles.article import Draft
from index.embedding.hashing import HashingEmbedder
from index.errors import FingerprintMismatch
from index.filling import SHARE
from index.ingest import embedded_text, ingest
from index.library.contract import Library
from index.library.opening import open_library
from index.working import work
from tests.index.library.openers import forget, lite

ROOT = Path(__file__).resolve().parents[2]
EMBEDDER = HashingEmbedder(32)
DRAFTS = [Draft(f"a{number}", f"Passage number {number} is about boats.") for number in range(3 * SHARE + 50)]


@pytest.fixture(params=["folder", "milvus"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a library in which all passages wait."""
    kept = str(tmp_path / "library") if request.param == "folder" else lite().address("waiting")
    library = open_library(kept, create=True)
    list(ingest(DRAFTS, library, EMBEDDER, on_waiting=lambda: None))
    assert library.waiting() == len(DRAFTS)
    yield kept
    if request.param == "milvus":
        forget(library)
    library.close()


def started(address: str, lease: float = 60.0, seconds: float = 0.0) -> subprocess.Popen[str]:
    script = "tests/index/embedding_process.py"
    command = [sys.executable, "-W", "ignore", script, address, str(lease), str(seconds)]
    return subprocess.Popen(command, cwd=ROOT, env=None, stdout=subprocess.PIPE, text=True)


def told(worker: subprocess.Popen[str]) -> list[str]:
    out, _ = worker.communicate(timeout=300)
    return [json.loads(line) for line in out.splitlines()]


def texts(library: Library) -> set[str]:
    with library.snapshot() as snapshot:
        return {
            embedded_text(article, passage)
            for draft in DRAFTS
            if (article := snapshot.article(draft.id or draft.origin))
            for passage in snapshot.article_passages(article.id)
        }


def test_workers_share_a_load_and_embed_nothing_twice(address: str) -> None:
    workers = [started(address, seconds=0.002) for _ in range(3)]
    told_by = [told(worker) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    counted = Counter(text for told in told_by for text in told)
    library = open_library(address)
    assert counted == dict.fromkeys(texts(library), 1)
    assert library.waiting() == 0
    assert len([told for told in told_by if told]) >= 2
    with library.snapshot() as snapshot:
        assert snapshot.passages_without_vectors() == 0
    library.close()


def test_a_killed_workers_share_is_taken_over(address: str) -> None:
    doomed = started(address, lease=3.0, seconds=60.0)
    assert doomed.stdout is not None
    first = json.loads(doomed.stdout.readline())
    doomed.kill()
    doomed.communicate()
    rest = started(address, lease=3.0)
    embedded = Counter(told(rest))
    library = open_library(address)
    assert library.waiting() == 0
    assert embedded == dict.fromkeys(texts(library), 1)
    assert first in embedded
    library.close()


def test_a_worker_stops_when_told_and_what_it_did_stays(address: str) -> None:
    library = open_library(address)
    stopping = threading.Event()
    made = work(library, EMBEDDER, stopping, on_embedded=lambda _: stopping.set())
    assert made == SHARE
    assert library.waiting() == len(DRAFTS) - SHARE
    assert work(library, EMBEDDER, threading.Event()) == len(DRAFTS) - SHARE
    library.close()


def test_a_worker_with_another_model_is_refused(address: str) -> None:
    library = open_library(address)
    with pytest.raises(FingerprintMismatch, match="made by hashing, not other"):
        work(library, HashingEmbedder(32, name="other"), threading.Event())
    library.close()


def test_a_worker_that_follows_waits_for_more(address: str) -> None:
    library = open_library(address)
    stopping = threading.Event()
    thread = threading.Thread(target=work, args=(library, EMBEDDER, stopping), kwargs={"follow": True})
    thread.start()
    more = open_library(address)
    list(ingest([Draft("late", "It came late.")], more, EMBEDDER, on_waiting=lambda: None))
    while more.waiting():
        stopping.wait(0.05)
    assert thread.is_alive()
    stopping.set()
    thread.join()
    for one in (library, more):
        one.close()
