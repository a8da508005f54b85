"""Words and meaning are searched side by side, and what words found is made ready while meaning is searched."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest

from index.articles.article import Draft
from index.embedding.hashing import HashingEmbedder
from index.ingest import ingest
from index.library.contract import Scored, Snapshot, Vectors
from index.library.opening import open_library
from search.query import Mode, Query
from search.retrieve import AHEAD, retrieve

WAIT = 30.0


@pytest.fixture
def snapshot(tmp_path: Path) -> Iterator[Snapshot]:
    library = open_library(tmp_path / "library", create=True)
    list(ingest([Draft(f"{number}", f"Bridge number {number}.") for number in range(60)], library, HashingEmbedder()))
    with library.snapshot() as snapshot:
        yield snapshot
    library.close()


def vector(text: str) -> Vectors:
    return HashingEmbedder().embed_question(text)


class Ahead:
    """Writes down what it makes ready, in a step for each."""

    def __init__(self, enough: threading.Event | None = None) -> None:
        self.ready: list[Scored] = []
        self._enough = enough or threading.Event()

    def __call__(self, found: Sequence[Scored]) -> Iterator[None]:
        for one in found:
            yield
            self.ready.append(one)
        self._enough.set()


def test_the_best_by_words_are_made_ready_while_meaning_is_searched(snapshot: Snapshot) -> None:
    enough = threading.Event()
    ahead = Ahead(enough)

    def slow(text: str) -> Vectors:
        assert enough.wait(WAIT)
        return vector(text)

    found = retrieve(Query("bridge"), snapshot, slow, ahead)
    assert ahead.ready == list(found.lexical)[:AHEAD]
    assert found.ranking == retrieve(Query("bridge"), snapshot, vector).ranking


def test_nothing_is_made_ready_once_meaning_is_searched(snapshot: Snapshot) -> None:
    class Patient:
        """A snapshot whose words wait for meaning."""

        def __init__(self) -> None:
            self.searched = threading.Event()

        def dense(self, *asked: Any) -> list[Scored]:
            found = snapshot.dense(*asked)
            self.searched.set()
            return found

        def lexical(self, *asked: Any) -> list[Scored]:
            assert self.searched.wait(WAIT)
            return snapshot.lexical(*asked)

        def __getattr__(self, name: str) -> Any:
            return getattr(snapshot, name)

    ahead = Ahead()
    found = retrieve(Query("bridge"), Patient(), vector, ahead)  # type: ignore[arg-type]
    assert len(ahead.ready) < AHEAD  # a few at most, should the thread have been about to end
    assert found.ranking == retrieve(Query("bridge"), snapshot, vector).ranking


@pytest.mark.parametrize("mode", ["dense", "lexical"])
def test_one_side_alone_makes_nothing_ready(snapshot: Snapshot, mode: Mode) -> None:
    ahead = Ahead()
    assert len(retrieve(Query("bridge", mode=mode), snapshot, vector, ahead).ranking) == 60
    assert ahead.ready == []


def test_meaning_is_awaited_when_words_fail(snapshot: Snapshot) -> None:
    failed, ended = threading.Event(), threading.Event()

    class Broken:
        def lexical(self, *_: Any) -> NoReturn:
            failed.set()
            raise RuntimeError("no words")

        def __getattr__(self, name: str) -> Any:
            return getattr(snapshot, name)

    def slow(text: str) -> Vectors:
        assert failed.wait(WAIT)
        found = vector(text)
        ended.set()
        return found

    with pytest.raises(RuntimeError, match="no words"):
        retrieve(Query("bridge"), Broken(), slow)  # type: ignore[arg-type]
    assert ended.is_set()


def test_a_failure_of_meaning_is_the_callers(snapshot: Snapshot) -> None:
    def broken(_: str) -> NoReturn:
        raise RuntimeError("no vector")

    with pytest.raises(RuntimeError, match="no vector"):
        retrieve(Query("bridge"), snapshot, broken)
