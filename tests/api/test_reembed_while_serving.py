"""Another model for a library that a server is answering from: over HTTP nobody notices but by the model's name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import httpx
import numpy as np
import numpy.typing as npt
import pytest

from api.app import create_app
from api.service import Service
from index import filling
from index.articles.article import Draft
from index.embedding.hashing import HashingEmbedder
from index.errors import ModelError
from index.ingest import ingest, model_name
from index.library.contract import Library
from index.library.opening import open_library
from index.reembed import reembed
from tests.api.serving import serving

ARTICLES = 60
OLD = HashingEmbedder(32, name="old")


class NewEmbedder(HashingEmbedder):
    """Another model, which calls something before each batch."""

    def __init__(self) -> None:
        super().__init__(64, name="new")
        self.before: Callable[[], object] = lambda: None
        self.embedded = 0

    def embed_passages(
        self, texts: Sequence[str], on_done: Callable[[int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        self.before()
        self.embedded += len(texts)
        return super().embed_passages(texts, on_done)


class Readers:
    """Clients that ask without a pause, each by meaning, and what they were told."""

    def __init__(self, address: str) -> None:
        self._address, self._stop = address, threading.Event()
        self.models: list[str] = []
        self.wrong: list[str] = []
        self._thread = threading.Thread(target=self._ask)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask until the block ends."""
        self._thread.start()
        try:
            self.until(lambda: bool(self.models))
            yield
        finally:
            self._stop.set()
            self._thread.join()

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that comes of what is asked."""
        for _ in range(3000):
            if condition() or self.wrong:
                return
            self._stop.wait(0.01)
        pytest.fail(f"it never came; the models were {self.models[-5:]}")

    def _ask(self) -> None:
        with httpx.Client(base_url=self._address, timeout=60) as client:
            while not self._stop.is_set():
                number = len(self.models) % ARTICLES
                body = {"query": f"Report {number} on bridges.", "mode": "dense", "limit": 1, "rerank": False}
                reply = client.post("/v1/search", json=body)
                if reply.status_code != 200 or reply.json()["hits"][0]["citation"]["article_id"] != f"r{number}":
                    self.wrong.append(reply.text)
                    return
                self.models.append(reply.json()["library"]["model"])


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    monkeypatch.setattr(filling, "SHARE", 5)
    monkeypatch.setattr(filling, "LOOK_SECONDS", 0.05)
    library = open_library(tmp_path / "library", create=True)
    drafts = [Draft(f"r{number}", f"Report {number} on bridges.", id=f"r{number}") for number in range(ARTICLES)]
    list(ingest(drafts, library, OLD))
    yield library
    library.close()


def test_searches_go_on_while_vectors_are_made_anew_stopped_gone_on_with_and_gone_back_on(
    library: Library, tmp_path: Path
) -> None:
    new = NewEmbedder()
    models = {"old": OLD, "new": new}
    served = open_library(tmp_path / "library")
    service = Service(served, lambda: models[str(model_name(served.fingerprint))])
    with serving(create_app(service)) as address:
        readers = Readers(address)
        failed = threading.Event()

        def fail_in_the_middle() -> None:
            asked = len(readers.models)
            readers.until(lambda: len(readers.models) > asked + 2)  # they are answered while it runs
            beside = library.status().beside
            if not failed.is_set() and beside is not None and beside.passages_without_vectors < ARTICLES:
                failed.set()
                raise ModelError("broken")

        with readers.asking():
            new.before = fail_in_the_middle
            with pytest.raises(ModelError):
                reembed(library, new)
            assert set(readers.models) == {"old"}
            assert 0 < new.embedded < ARTICLES
            reembed(library, new)
            readers.until(lambda: readers.models[-1] == "new")
            reembed(library, OLD)
            readers.until(lambda: readers.models[-1] == "old")
    assert readers.wrong == []
    assert [model for model, _ in groupby(readers.models)] == ["old", "new", "old"]
    assert new.embedded == ARTICLES  # nothing twice, though it was stopped
