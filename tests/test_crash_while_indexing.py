"""Kill -9 while articles are indexed with a real model: the library opens, and nothing acknowledged is missing.

`PINCITE_KILLS` sets how many random moments are tried (5 if not set).
"""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from api.service import Service
from api.settings import Settings
from index import ingest
from index.articles.article import Draft
from index.embedding.catalogue import SMALL_EMBEDDER
from index.library.contract import Filters, Snapshot, Vectors
from index.library.local.inspecting import problems
from index.library.opening import open_library

pytestmark = pytest.mark.model

KILLS = int(os.environ.get("PINCITE_KILLS", "5"))
ARTICLES = 120
LONGEST_RUN = 2.0  # seconds after the first acknowledgement


def text_of(number: int, version: int) -> str:
    return f"Everywhere stands the common word. Article {number} tells of version {version}, and nothing else."


def index_all(library: str, version: int, acknowledged: Connection) -> None:
    """What the killed process does: store all articles in small batches, telling what was acknowledged."""
    ingest.BATCH_ARTICLES = 4
    drafts = (Draft(f"a{number}", text_of(number, version), id=f"a{number}") for number in range(ARTICLES))
    with Service.open(Settings(library=library, model=SMALL_EMBEDDER), create=True) as service:
        for outcome in service.store(drafts):
            acknowledged.send(outcome.article_id)
    acknowledged.send(None)


def killed_run(library: Path, version: int, chance: random.Random) -> Iterator[str]:
    """Start a run, kill it at a random moment after its first acknowledgement, and yield what it acknowledged."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["api.service", "sentence_transformers"])
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=index_all, args=(str(library), version, sending))
    process.start()
    sending.close()
    yield receiving.recv()
    time.sleep(chance.uniform(0, LONGEST_RUN))
    process.kill()
    process.join()
    try:
        while (article_id := receiving.recv()) is not None:
            yield article_id
    except EOFError:
        return


def check(library: Path, acknowledged: dict[str, int], version: int) -> None:
    """All acknowledged articles are there, whole; words find exactly the passages of the truth, and meaning those of
    them that have their vectors."""
    with closing(open_library(library)) as opened, opened.snapshot() as snapshot:
        for article_id, acknowledged_version in acknowledged.items():
            article = snapshot.article(article_id)
            assert article is not None, f"{article_id} was acknowledged and is gone"
            # A later version may have been stored by a run that was killed before it could say so.
            allowed = {text_of(int(article_id[1:]), one) for one in range(acknowledged_version, version + 1)}
            assert article.text in allowed
        _, passages = snapshot.counts()
        everything = Filters()
        words = {key for key, _ in snapshot.lexical("common", 10 * ARTICLES, everything)}
        dense = {key for key, _ in snapshot.dense(any_vector(snapshot), 10 * ARTICLES, everything)}
        stored = {one.key for one in snapshot.passages(sorted(words | dense))}
        assert words == stored
        assert len(stored) == passages
        assert dense <= stored
        assert len(dense) == passages - snapshot.passages_without_vectors()
    assert problems(library) == []


def any_vector(snapshot: Snapshot) -> Vectors:
    model = (snapshot.fingerprint or {})["model"]
    assert isinstance(model, dict)
    return np.eye(1, model["dimensions"], dtype=np.float32)[0]


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    chance = random.Random(20250113)
    acknowledged: dict[str, int] = {}
    for version in range(KILLS):
        acknowledged |= dict.fromkeys(killed_run(tmp_path / "library", version, chance), version)
        check(tmp_path / "library", acknowledged, version)
    assert acknowledged
    embed_the_rest(tmp_path / "library")
    check(tmp_path / "library", acknowledged, KILLS)


def embed_the_rest(library: Path) -> None:
    """What a run that is not killed does: nothing waits any longer, and what had its vector keeps it."""
    with Service.open(Settings(library=str(library))) as service:
        with service.library.snapshot() as snapshot:
            before = dict(snapshot.dense(any_vector(snapshot), 10 * ARTICLES, Filters()))
        service.finish()
        assert service.library.waiting() == 0
        with service.library.snapshot() as snapshot:
            after = dict(snapshot.dense(any_vector(snapshot), 10 * ARTICLES, Filters()))
        assert before.items() <= after.items()
