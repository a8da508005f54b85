"""Another model for a library: made beside, switched to in one step, stopped and begun again, and back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from api.service import Service
from index import filling
from index.articles.article import Draft
from index.embedding.hashing import HashingEmbedder
from index.errors import FingerprintMismatch, InvalidInput, LibraryError, ModelError
from index.ingest import check_model, ingest, model_name
from index.library.contract import Library
from index.library.opening import open_library
from index.reembed import beside, reembed
from search.query import Query

OLD = HashingEmbedder(32, name="old")


class NewEmbedder(HashingEmbedder):
    """Another model, which remembers what it embedded, and fails or does something else first when told so."""

    def __init__(self, name: str = "new") -> None:
        super().__init__(64, name=name)
        self.embedded: list[str] = []
        self.before: Callable[[], object] = lambda: None

    def embed_passages(
        self, texts: Sequence[str], on_done: Callable[[int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        self.before()
        self.embedded += texts
        return super().embed_passages(texts, on_done)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    monkeypatch.setattr(filling, "SHARE", 5)
    monkeypatch.setattr(filling, "LOOK_SECONDS", 0.05)
    library = open_library(tmp_path / "library", create=True)
    store(library, 12)
    yield library
    library.close()


def store(library: Library, count: int, first: int = 0) -> None:
    texts = [f"Report {number} on bridges." for number in range(first, first + count)]
    list(ingest([Draft(text, text, id=text) for text in texts], library, OLD))


def broken() -> None:
    raise ModelError("broken")


def test_the_new_vectors_come_into_use(library: Library) -> None:
    counts: list[int] = []
    receipt = reembed(library, NewEmbedder(), counts.append)
    status = library.status()
    assert (model_name(library.fingerprint), status.generation) == ("new", receipt.generation)
    assert sum(counts) == 12
    assert status.beside is not None
    assert (model_name(status.beside.fingerprint), status.beside.passages_without_vectors) == ("old", 0)


def test_stopped_it_goes_on_where_it_was_and_embeds_nothing_twice(library: Library) -> None:
    model, calls = NewEmbedder(), [0]

    def end_at_the_third() -> None:
        calls[0] += 1
        if calls[0] > 2:
            broken()

    model.before = end_at_the_third
    with pytest.raises(ModelError):
        reembed(library, model)
    assert model_name(library.fingerprint) == "old"
    assert 0 < len(model.embedded) < 12
    model.before = lambda: None
    reembed(library, model)
    assert len(model.embedded) == len(set(model.embedded)) == 12


def test_articles_that_come_meanwhile_have_both(library: Library) -> None:
    model, once = NewEmbedder(), threading.Event()

    def store_more() -> None:
        if not once.is_set():
            once.set()
            store(library, 3, first=50)

    model.before = store_more
    reembed(library, model)
    assert len(model.embedded) == 15
    assert library.waiting() == 0
    assert library.status().beside.passages_without_vectors == 0  # type: ignore[union-attr]


def test_going_back_embeds_only_what_came_since(library: Library) -> None:
    model = NewEmbedder()
    reembed(library, model)
    list(ingest([Draft("x", "A new chapel.", id="x")], library, model))
    old = NewEmbedder("old")
    with pytest.raises(FingerprintMismatch, match="another old than the one that is here"):
        check_model(beside(library), old)
    check_model(beside(library), OLD)
    assert library.waiting(beside(library)) == 1
    reembed(library, OLD)
    assert model_name(library.fingerprint) == "old"


def test_there_must_be_something_to_do(library: Library, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="the library uses old"):
        reembed(library, OLD)
    with pytest.raises(InvalidInput, match="No vectors of another model"):
        beside(library)
    empty = open_library(tmp_path / "empty", create=True)
    with pytest.raises(InvalidInput, match="nothing to do"):
        reembed(empty, OLD)
    empty.close()


def test_a_third_model_asks_to_forget_first(library: Library) -> None:
    reembed(library, NewEmbedder())
    with pytest.raises(LibraryError, match=r"old and new.*--forget"):
        reembed(library, NewEmbedder("third"))
    library.forget()
    reembed(library, NewEmbedder("third"))
    assert model_name(library.fingerprint) == "third"


def test_a_server_takes_the_switch_up(library: Library, tmp_path: Path) -> None:
    """Questions are answered before, while and after another process switches, each by the model of the vectors."""
    models = {"old": OLD, "new": NewEmbedder()}
    served = open_library(tmp_path / "library")
    with Service(served, lambda: models[str(model_name(served.fingerprint))]) as service:
        asked, failures = [], []
        stop = threading.Event()

        def ask() -> None:
            while not stop.is_set():
                answer = service.search(Query("Report 7 on bridges", mode="dense", limit=1))
                asked.append(answer.library.model)
                if answer.hits[0].passage.article_id != "Report 7 on bridges.":
                    failures.append(answer)

        asking = threading.Thread(target=ask)
        asking.start()
        while not asked:
            stop.wait(0.01)
        reembed(library, models["new"])
        while not asked or asked[-1] != "new":
            stop.wait(0.01)
        stop.set()
        asking.join()
        assert failures == []
        assert set(asked) == {"old", "new"}
        outcomes = list(service.store([Draft("y", "Another report.", id="y")]))
        assert [one.fate for one in outcomes] == ["added"]
        assert service.model == "new"


def test_one_that_was_begun_before_the_switch_is_stored_after_it(library: Library) -> None:
    """A library keeps telling which cutter and cleaner it was begun with; only the model changes."""
    before = dict(library.fingerprint or {})
    reembed(library, NewEmbedder())
    after = dict(library.fingerprint or {})
    assert {name: after[name] for name in ("cutter", "cleaner")} == {
        name: before[name] for name in ("cutter", "cleaner")
    }
