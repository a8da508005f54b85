"""Moving a library into another one: both ways between a folder and Milvus, stopped and gone on with, compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.articles.article import Draft
from index.embedding.hashing import HashingEmbedder
from index.errors import FingerprintMismatch, InvalidInput, LibraryError
from index.filling import fill_share
from index.ingest import ingest
from index.library.contract import Entry, Filters, Library, Receipt
from index.moving import Moved, move
from search.pipeline import Pipeline
from search.query import Query
from tests.index.library.openers import forget, open_local, open_milvus
from tests.index.library.samples import WORDS

EMBEDDER = HashingEmbedder(32)


def told_of(number: int) -> str:
    """Sentences that no two articles share, so that no two are as good an answer."""
    rng = np.random.default_rng(number)
    return " ".join(f"Of {rng.choice(WORDS)} and {rng.choice(WORDS)} we wrote." for _ in range(1 + number % 7))


DRAFTS = [
    Draft(
        f"article {number}",
        f"The harbour bridge number {number} will close. {told_of(number)}\n\nSubscribe to our letter.",
        title=f"Bridge {number}",
        source=["Gazette", "Herald", None][number % 3],
        published="2025-01-13",
        tags=("transport",),
    )
    for number in range(40)
]

Kind = Callable[[Path], Library]


class Refuses(HashingEmbedder):
    """Whoever asks this embeds something that was embedded before."""

    def embed_passages(self, *_: object, **__: object) -> object:  # type: ignore[override]
        raise AssertionError("embedded again")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[Kind, str], Library]]:
    """Opens a library of a kind and a name."""
    libraries: list[tuple[Kind, Library]] = []

    def open_one(kind: Kind, name: str) -> Library:
        libraries.append((kind, kind(tmp_path / name)))
        return libraries[-1][1]

    yield open_one
    for kind, library in libraries:
        if kind is open_milvus:
            forget(library)
        library.close()


def filled(library: Library, drafts: list[Draft] | None = None) -> Library:
    list(ingest(drafts or DRAFTS, library, EMBEDDER))
    return library


WAYS = pytest.mark.parametrize(
    ("source", "target"), [(open_local, open_milvus), (open_milvus, open_local), (open_local, open_local)]
)


@WAYS
def test_a_copy_holds_and_answers_the_same(opened: Callable[[Kind, str], Library], source: Kind, target: Kind) -> None:
    original, made = filled(opened(source, "from")), opened(target, "to")
    status = original.status()
    seen: list[int] = []
    moved = move(original, made, seen.append)
    assert moved == Moved(40, 0, 40, status.passages, 0, compared=40)
    assert sum(seen) == 40
    assert made.fingerprint == original.fingerprint
    names = ["habits of Gazette", "habits of Herald"]
    assert made.notes(names) == original.notes(names)
    query = Query("When will bridge 7 close?", rerank=False)
    answers = [Pipeline(one, lambda: EMBEDDER).answer(query) for one in (original, made)]
    first, second = ([(hit.passage.id, hit.score) for hit in answer.hits] for answer in answers)
    assert [name for name, _ in first[:5]] == [name for name, _ in second[:5]]
    assert dict(second[:5]) == pytest.approx(dict(first[:5]), abs=0.02)
    again = list(ingest(DRAFTS, made, Refuses(32)))  # type: ignore[arg-type]
    assert {one.fate for one in again} == {"unchanged"}


@WAYS
def test_a_copy_that_was_stopped_goes_on(
    opened: Callable[[Kind, str], Library], source: Kind, target: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.moving.BATCH", 7)
    original, made = filled(opened(source, "from")), opened(target, "to")

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(original, made, stop)
    assert made.status().articles == 7
    moved = move(original, made)
    assert (moved.copied, moved.there_already, moved.articles) == (33, 7, 40)
    assert move(original, made).copied == 0


def test_what_changed_since_is_copied_anew(opened: Callable[[Kind, str], Library]) -> None:
    original, made = filled(opened(open_local, "from")), opened(open_local, "to")
    move(original, made)
    filled(original, [Draft("article 3", "Quite another text.")])
    assert move(original, made).copied == 1
    with made.snapshot() as snapshot:
        article = snapshot.article("article 3")
        assert article is not None
        assert article.text == "Quite another text."


@WAYS
def test_vectors_that_are_to_come_go_on_waiting(
    opened: Callable[[Kind, str], Library], source: Kind, target: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An article of which only some passages have their vectors keeps these, and the others wait."""
    monkeypatch.setattr("index.ingest.FEW", 0)
    original, made = opened(source, "from"), opened(target, "to")
    long = Draft("long", "\n\n".join(f"Paragraph {number} is about boats. " * 40 for number in range(12)))
    list(ingest([long, *DRAFTS], original, EMBEDDER, on_waiting=lambda: None))
    monkeypatch.setattr("index.filling.SHARE", 5)
    assert original.waiting() == original.status().passages
    assert fill_share(original, EMBEDDER) == 5
    monkeypatch.undo()
    left = original.waiting()
    moved = move(original, made)
    assert (moved.passages_without_vectors, made.waiting()) == (left, left)
    assert left == original.status().passages - 5
    while fill_share(made, EMBEDDER):
        pass
    assert made.waiting() == 0


def test_a_library_with_other_articles_is_no_copy(opened: Callable[[Kind, str], Library]) -> None:
    original, made = filled(opened(open_local, "from")), opened(open_local, "to")
    filled(made, [Draft("stranger", "Another article.")])
    with pytest.raises(LibraryError, match=r"41 articles .* not 40 .*such as 'stranger'.*new library"):
        move(original, made)


def test_a_copy_that_differs_is_noticed(
    opened: Callable[[Kind, str], Library], monkeypatch: pytest.MonkeyPatch
) -> None:
    original, made = filled(opened(open_local, "from")), opened(open_local, "to")
    real = made.put

    def put(entries: Sequence[Entry], notes: Mapping[str, str] | None = None) -> Receipt:
        """Loses a title on the way, and says nothing."""
        changed = [
            replace(one.article, title="Another") if one.article.id == "article 5" else one.article for one in entries
        ]
        return real([replace(one, article=article) for one, article in zip(entries, changed, strict=True)], notes)

    monkeypatch.setattr(made, "put", put)
    with pytest.raises(LibraryError, match=r"'article 5' is not the same in the copy"):
        move(original, made)


def test_there_must_be_something_to_copy_and_a_model_that_fits(opened: Callable[[Kind, str], Library]) -> None:
    original, made = opened(open_local, "from"), opened(open_local, "to")
    with pytest.raises(InvalidInput, match="nothing to copy"):
        move(original, made)
    filled(original)
    list(ingest(DRAFTS[:1], made, HashingEmbedder(8, name="other")))
    with pytest.raises(FingerprintMismatch):
        move(original, made)


def test_answers_by_filters_are_the_same_after_a_copy(opened: Callable[[Kind, str], Library]) -> None:
    original, made = filled(opened(open_local, "from")), opened(open_milvus, "to")
    move(original, made)
    for filters in (
        Filters(sources=("gazette",)),
        Filters(without=("7",)),
        Filters(none_of=(Filters(sources=("Herald",)),)),
    ):
        query = Query("bridge closing", mode="lexical", filters=filters, limit=100, group="none")
        answers = [Pipeline(one, lambda: EMBEDDER).answer(query) for one in (original, made)]
        found = [{hit.passage.id for hit in answer.hits} for answer in answers]
        assert found[0] == found[1]
        assert found[0]
