"""A library on a real Milvus server of one process (2.3.5): vectors and HNSW, filters, `not`, consistency, kill -9 and
restart, two Pincite servers. It is older than BM25, so words are tested on Milvus' own core instead."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
import pytest

pytest.importorskip("pymilvus")

from index.articles.article import Draft
from index.embedding.catalogue import SMALL_EMBEDDER
from index.embedding.embedder import load_embedder
from index.errors import LibraryError
from index.ingest import ingest
from index.library.contract import Filters, Library, Receipt
from index.library.milvus.library import MilvusLibrary
from index.library.opening import open_library
from tests.index.library.milvus_lite import free_ports, wait_for
from tests.index.library.milvus_server import MilvusServer
from tests.index.library.openers import NO_FILTERS, ids
from tests.index.library.samples import PlainLibrary, entry, random_entries, unit_vectors

ROOT = Path(__file__).resolve().parents[3]
CASES = [
    NO_FILTERS,
    Filters(sources=("REUTERS", "dpa"), languages=("en", "tr")),
    Filters(tags=("tag1", "tag2"), authors=("bo li",)),
    Filters(article_ids=("a3", "a5", "nowhere")),
    Filters(published_after=datetime(2025, 3, 1, tzinfo=UTC), published_before=datetime(2025, 9, 1, tzinfo=UTC)),
    Filters(any_of=(Filters(sources=("dpa",)), Filters(tags=("tag3",)))),
    Filters(none_of=(Filters(sources=("dpa",)), Filters(languages=("en",)))),
    Filters(none_of=(Filters(none_of=(Filters(authors=("bo li",)),)),)),
    Filters(none_of=(NO_FILTERS,)),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    server = MilvusServer(tmp_path_factory.mktemp("milvus") / "server")
    try:
        server.start()
        yield server
    finally:
        server.kill()


def nearest(library: Library, seed: int, filters: Filters = NO_FILTERS) -> list[str]:
    with library.snapshot() as snapshot:
        return ids(snapshot, snapshot.dense(unit_vectors(1, seed)[0], 1000, filters))


def assert_agrees(library: Library, plain: PlainLibrary) -> None:
    vector = unit_vectors(1, 5)[0]
    with library.snapshot() as snapshot:
        for filters in CASES:
            found = snapshot.dense(vector, 1000, filters)
            expected = plain.dense(vector, 1000, filters)
            assert ids(snapshot, found) == [name for name, _ in expected]
            np.testing.assert_allclose([one.score for one in found], [score for _, score in expected], atol=1e-6)
        assert [one.id for one in snapshot.articles(None, 1000)] == sorted(plain.entries)


def test_vectors_filters_and_deletes_agree_with_exact_search_and_outlive_a_kill(server: MilvusServer) -> None:
    library = open_library(server.address("dense", "Bounded"), create=True)
    plain = PlainLibrary()
    entries = random_entries(60, seed=1)
    assert library.put(entries, {"note": "kept"}) == Receipt(1, added=60)
    plain.put(entries)
    assert_agrees(library, plain)  # its own writes are seen at once, though searches are Bounded
    with library.snapshot() as before:
        replaced = [*random_entries(5, seed=2, first=3), *random_entries(5, seed=3, first=70)]
        assert library.put(replaced) == Receipt(2, added=5, updated=5)
        assert before.counts() == (60, sum(len(one.passages) for one in entries))
        assert len(before.dense(unit_vectors(1, 5)[0], 1000, NO_FILTERS)) == before.counts()[1]
    plain.put(replaced)
    assert library.delete(["a1", "a4", "missing"]) == Receipt(3, deleted=2)
    plain.delete(["a1", "a4"])
    assert_agrees(library, plain)
    with library.snapshot() as snapshot, pytest.raises(LibraryError, match=r"from 2\.5 on"):
        snapshot.lexical("word1", 10, NO_FILTERS)
    library.close()

    server.kill()
    server.start()
    again = open_library(server.address("dense", "Strong"))
    assert again.status().generation == 3
    assert_agrees(again, plain)
    assert again.notes(["note"]) == {"note": "kept"}
    assert again.put([entry("after", "word", seed=9)]) == Receipt(4, added=1)
    assert nearest(again, 9)[0] == "after#0"
    again.close()


def test_a_reader_sees_whole_batches_while_articles_are_replaced(server: MilvusServer) -> None:
    library, reader = (open_library(server.address("replaced", "Bounded"), create=True) for _ in range(2))
    vectors = [unit_vectors(1, seed)[0] for seed in range(6)]

    def write() -> None:
        for vector in vectors:
            library.put([entry(f"a{number}", "word", vectors=vector[None]) for number in range(5)])

    library.put([entry(f"a{number}", "word", vectors=vectors[0][None]) for number in range(5)])
    writer = threading.Thread(target=write)
    writer.start()
    seen: dict[Library, list[int]] = {library: [0], reader: [0]}
    while min(generations[-1] for generations in seen.values()) < 7:
        for one, generations in seen.items():
            with one.snapshot() as snapshot:
                found = snapshot.dense(vectors[1], 100, NO_FILTERS)
                assert len(found) == snapshot.counts()[0]
                assert len({round(hit.score, 5) for hit in found}) <= 1
                generations.append(snapshot.generation)
    writer.join()
    assert all(generations == sorted(generations) for generations in seen.values())
    reader.close()
    library.close()


def test_what_was_cut_short_is_undone_and_what_died_is_removed(
    server: MilvusServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    library = open_library(server.address("undone"), create=True)
    assert isinstance(library, MilvusLibrary)
    library.put([entry(f"a{number}", "word", seed=number) for number in range(5)])
    with monkeypatch.context() as patched:
        patched.setattr("index.library.milvus.state.Ledger.commit", killed)
        with pytest.raises(KeyboardInterrupt):
            library.put([entry(f"a{number}", "another", "word", seed=9) for number in range(3)])
    assert rows(library) == (11, 11)
    assert nearest(library, 3)[0] == "a3#0"
    assert library.delete(["a0", "a2"]) == Receipt(2, deleted=2)
    assert rows(library) == (5, 5)
    assert sorted(nearest(library, 3)) == ["a1#0", "a3#0", "a4#0"]
    monkeypatch.setattr("index.library.milvus.deaths.SWEPT_SECONDS", 0.0)
    assert library.put([entry("b", "word", seed=7)]) == Receipt(3, added=1)
    assert rows(library) == (4, 4)
    assert sorted(nearest(library, 3)) == ["a1#0", "a3#0", "a4#0", "b#0"]
    library.close()


def rows(library: MilvusLibrary) -> tuple[int, ...]:
    """How many passages and vectors there are, seen or not."""
    return tuple(len(library._engine.rows(kind, "key > 0", [])) for kind in ("passages", "vectors_1"))


@pytest.mark.model
def test_two_servers_answer_from_one_library_and_one_goes_on_alone(server: MilvusServer) -> None:
    address = server.address("served", "Bounded")
    library = open_library(address, create=True)
    texts = ["The ferry to the island is late.", "Grain prices fell in spring.", "The chapel has a new roof."]
    list(ingest([Draft(f"a{n}", text) for n, text in enumerate(texts)], library, load_embedder(SMALL_EMBEDDER)))
    ports = free_ports(2)
    servers = [serve(address, port) for port in ports]
    try:
        for port in ports:
            wait_for(lambda port=port: ready(port), 120)  # type: ignore[misc]
        assert [best(port, "What happened to the boat?") for port in ports] == ["a0", "a0"]
        stored = httpx.post(
            f"http://127.0.0.1:{ports[0]}/v1/articles", json={"id": "new", "text": "A comet was seen."}, timeout=60
        )
        assert stored.status_code == 200
        assert best(ports[0], "a comet") == "new"  # who wrote it sees it at once
        deadline = time.monotonic() + 30
        while best(ports[1], "a comet") != "new":
            assert time.monotonic() < deadline, "the other never saw it"
            time.sleep(0.2)
        servers[0].kill()
        assert best(ports[1], "What happened to the boat?") == "a0"
    finally:
        for one in servers:
            one.kill()
            one.wait()
        library.close()


def serve(address: str, port: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PINCITE_LIBRARY": address, "PINCITE_OPEN": "1", "PINCITE_RERANKER": ""}
    command = [sys.executable, "-W", "ignore", "-m", "api.cli", "serve", "--port", str(port)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=10).status_code == 200
    except httpx.TransportError:
        return False


def best(port: int, question: str) -> str:
    body = {"query": question, "mode": "dense", "rerank": False}
    answer = httpx.post(f"http://127.0.0.1:{port}/v1/search", json=body, timeout=60).json()
    return str(answer["hits"][0]["passage"]["article_id"])
