"""Embedding what waits: once each, in the background, by several at a time, and again after whatever stopped it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from index import filling, ingest
from index.articles.article import Draft
from index.embedding.hashing import HashingEmbedder
from index.errors import FingerprintMismatch, ModelError
from index.filling import Filler, fill_share
from index.library.contract import Filters, Library
from index.library.opening import open_library


class CountingEmbedder(HashingEmbedder):
    """The deterministic embedder, remembering what it was asked to embed; it waits for `open` and may be broken."""

    def __init__(self, name: str = "hashing") -> None:
        super().__init__(32, name=name)
        self.embedded: list[str] = []
        self.open = threading.Event()
        self.open.set()
        self.broken = False

    def embed_passages(
        self, texts: Sequence[str], on_done: Callable[[int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        self.open.wait(10)
        if self.broken:
            raise ModelError("The model is broken.")
        self.embedded += texts
        return super().embed_passages(texts, on_done)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = open_library(tmp_path / "library", create=True)
    yield library
    library.close()


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def filler(library: Library, embedder: CountingEmbedder) -> Iterator[Filler]:
    filler = Filler(library, lambda: embedder)
    yield filler
    embedder.open.set()
    filler.stop()


@pytest.fixture(autouse=True)
def _small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "SHARE", 7)
    monkeypatch.setattr(filling, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(ingest, "FEW", 3)


def drafts(count: int, first: int = 0) -> list[Draft]:
    return [Draft(f"a{number}", f"Text number {number}.", id=f"a{number}") for number in range(first, first + count)]


def store(library: Library, embedder: CountingEmbedder, many: Sequence[Draft]) -> int:
    """Store drafts before their vectors; how often it was told that vectors are to come."""
    calls: list[None] = []
    list(ingest.ingest(many, library, embedder, on_waiting=lambda: calls.append(None)))
    return len(calls)


def by_number(text: str) -> int:
    return int(text.removeprefix("Text number ").removesuffix("."))


def found(library: Library, number: int) -> list[str]:
    question = HashingEmbedder(32).embed_question(f"Text number {number}.")
    with library.snapshot() as snapshot:
        best = snapshot.dense(question, 1, Filters())
        return [one.passage.article_id for one in snapshot.passages([scored.key for scored in best])]


def test_few_passages_are_stored_with_their_vectors(library: Library, embedder: CountingEmbedder) -> None:
    assert store(library, embedder, drafts(3)) == 0
    assert (library.waiting(), len(embedder.embedded)) == (0, 3)


def test_many_passages_are_stored_before_they_are_embedded(library: Library, embedder: CountingEmbedder) -> None:
    assert store(library, embedder, drafts(4)) == 1
    assert (library.waiting(), embedder.embedded) == (4, [])
    with library.snapshot() as snapshot:
        assert len(snapshot.lexical("text number", 10, Filters())) == 4


def test_a_stream_that_goes_on_is_many(
    library: Library, embedder: CountingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "BATCH_ARTICLES", 2)
    assert store(library, embedder, drafts(5)) == 3
    assert (library.waiting(), library.status().generation) == (5, 3)


def test_a_share_is_embedded_and_filled_in(library: Library, embedder: CountingEmbedder) -> None:
    store(library, embedder, drafts(9))
    counts: list[int] = []
    assert fill_share(library, embedder, counts.append) == 7
    assert (sum(counts), library.waiting()) == (7, 2)
    assert fill_share(library, embedder) == 2
    assert fill_share(library, embedder) == 0
    assert found(library, 8) == ["a8"]


def test_titles_are_embedded_with_the_passages(library: Library, embedder: CountingEmbedder) -> None:
    store(library, embedder, [Draft(f"{number}", "It closes.", title=f"Bridge {number}") for number in range(4)])
    fill_share(library, embedder)
    assert embedder.embedded == [f"Bridge {number}\nIt closes." for number in range(4)]


def test_the_same_text_is_embedded_once(library: Library, embedder: CountingEmbedder, filler: Filler) -> None:
    store(library, embedder, [Draft(f"{number}", "The same text.", id=f"{number}") for number in range(9)])
    fill_share(library, embedder)
    filler.finish()
    assert embedder.embedded == ["The same text."]
    assert library.waiting() == 0


def test_what_was_embedded_before_a_change_is_not_embedded_again(
    library: Library, embedder: CountingEmbedder, filler: Filler
) -> None:
    store(library, embedder, drafts(5))
    filler.finish()
    changed = [replace(one, tags=("new",)) for one in drafts(5)]
    store(library, embedder, changed)
    assert library.waiting() == 0
    assert len(embedder.embedded) == 5


def test_threads_embed_everything_once(library: Library, embedder: CountingEmbedder, filler: Filler) -> None:
    counts: list[int] = []
    filler.on_embedded = counts.append
    store(library, embedder, drafts(60))
    filler.finish()
    assert library.waiting() == 0
    assert sorted(embedder.embedded, key=by_number) == [f"Text number {number}." for number in range(60)]
    assert sum(counts) == 60
    assert [found(library, number) for number in (0, 31, 59)] == [["a0"], ["a31"], ["a59"]]


def test_finishing_where_nothing_waits_is_done_at_once(filler: Filler) -> None:
    filler.finish()


def test_stopping_ends_with_the_share_and_the_next_one_goes_on(library: Library, embedder: CountingEmbedder) -> None:
    embedder.open.clear()
    store(library, embedder, drafts(40))
    filler = Filler(library, lambda: embedder)
    filler.wake()
    threading.Timer(0.2, embedder.open.set).start()
    filler.stop()
    filler.stop()
    left = library.waiting()
    assert left in {40, 33, 26}
    again = Filler(library, lambda: embedder)
    again.finish()
    again.stop()
    assert sorted(embedder.embedded, key=by_number) == [f"Text number {number}." for number in range(40)]


def test_what_stops_a_thread_is_raised_to_who_waits(
    library: Library, embedder: CountingEmbedder, filler: Filler, caplog: pytest.LogCaptureFixture
) -> None:
    store(library, embedder, drafts(9))
    embedder.broken = True
    with pytest.raises(ModelError, match="broken"):
        filler.finish()
    assert "go on waiting for their vectors: The model is broken" in caplog.text
    embedder.broken = False
    filler.stop()


def test_what_was_claimed_in_vain_is_embedded_after_the_error(library: Library, embedder: CountingEmbedder) -> None:
    """A share whose embedding failed is free again once its process gave up, and at once for itself."""
    store(library, embedder, drafts(4))
    embedder.broken = True
    with pytest.raises(ModelError):
        fill_share(library, embedder)
    embedder.broken = False
    assert fill_share(library, embedder) == 4


def test_another_model_is_refused(library: Library, embedder: CountingEmbedder) -> None:
    store(library, embedder, drafts(4))
    filler = Filler(library, lambda: CountingEmbedder("other"))
    with pytest.raises(FingerprintMismatch, match="not other"):
        filler.finish()
    filler.stop()


def test_what_others_left_is_looked_after(library: Library, embedder: CountingEmbedder, filler: Filler) -> None:
    store(library, embedder, drafts(9))
    filler.look_after()
    done = threading.Event()
    while library.waiting():
        done.wait(0.01)
    assert len(embedder.embedded) == 9


def test_who_waits_for_others_does_not_keep_asking(library: Library, embedder: CountingEmbedder) -> None:
    """While one thread embeds the last share, the library is asked a few times at most."""
    store(library, embedder, drafts(7))
    embedder.open.clear()
    asked: list[int] = []
    claim = library.claim
    library.claim = lambda *arguments: (asked.append(1), claim(*arguments))[1]  # type: ignore[method-assign,assignment]
    filler = Filler(library, lambda: embedder)
    threading.Timer(0.5, embedder.open.set).start()
    filler.finish()
    filler.stop()
    assert library.waiting() == 0
    assert len(asked) < 40
