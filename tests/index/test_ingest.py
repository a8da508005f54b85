"""Ingesting: what becomes of drafts, what is embedded, and what a library remembers of the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from index import ingest as module
from index.articles.article import Article, Draft
from index.articles.passage import Passage
from index.embedding.hashing import HashingEmbedder
from index.errors import FingerprintMismatch, Unreadable
from index.ingest import Summary, embedded_text, fingerprint, ingest, model_name
from index.library.contract import Filters, Library
from index.library.opening import open_library


class CountingEmbedder(HashingEmbedder):
    """The deterministic embedder, remembering what it was asked to embed."""

    def __init__(self, **settings: int) -> None:
        super().__init__(**settings)
        self.embedded: list[str] = []

    def embed_passages(
        self, texts: Sequence[str], on_done: Callable[[int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        self.embedded += texts
        return super().embed_passages(texts, on_done)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = open_library(tmp_path / "library", create=True)
    yield library
    library.close()


def fates(library: Library, drafts: list[Draft | Unreadable], embedder: HashingEmbedder) -> list[str]:
    return [outcome.fate for outcome in ingest(drafts, library, embedder)]


def test_every_draft_has_its_fate_in_order(library: Library) -> None:
    drafts = [
        Draft("a", "Alpha is here."),
        Unreadable("not text", origin="b"),
        Draft("c", "  "),
        Draft("d", "Delta.", published="2025-02-30"),
        Draft("e", "Epsilon.", id="a"),
    ]
    outcomes = list(ingest(drafts, library, HashingEmbedder()))
    assert [outcome.fate for outcome in outcomes] == ["superseded", "rejected", "rejected", "rejected", "added"]
    assert [outcome.origin for outcome in outcomes] == ["a", "b", "c", "d", "e"]
    with library.snapshot() as snapshot:
        article = snapshot.article("a")
        assert article is not None
        assert article.text == "Epsilon."


def test_what_is_there_already_is_not_embedded_again(library: Library) -> None:
    embedder = CountingEmbedder()
    drafts: list[Draft | Unreadable] = [Draft("a", "Alpha."), Draft("b", "Beta.")]
    assert fates(library, drafts, embedder) == ["added", "added"]
    assert fates(library, drafts, embedder) == ["unchanged", "unchanged"]
    assert embedder.embedded == ["Alpha.", "Beta."]
    assert library.status().generation == 1


def test_new_metadata_updates_without_embedding(library: Library) -> None:
    embedder = CountingEmbedder()
    fates(library, [Draft("a", "Alpha.")], embedder)
    assert fates(library, [Draft("a", "Alpha.", tags=("new",))], embedder) == ["updated"]
    assert embedder.embedded == ["Alpha."]
    with library.snapshot() as snapshot:
        assert [stored.article.tags for stored in snapshot.passages([key for key, _ in everything(library)])] == [
            ("new",)
        ]


def everything(library: Library) -> list[tuple[int, float]]:
    with library.snapshot() as snapshot:
        query = HashingEmbedder().embed_question("alpha")
        return [(key, score) for key, score in snapshot.dense(query, 100, Filters())]


def test_the_same_text_in_two_articles_is_embedded_once(library: Library) -> None:
    embedder = CountingEmbedder()
    fates(library, [Draft("a", "Same words."), Draft("b", "Same words.")], embedder)
    assert embedder.embedded == ["Same words."]
    assert len(everything(library)) == 2


def test_a_changed_article_replaces_all_of_the_old_one(library: Library) -> None:
    embedder = HashingEmbedder()
    long = "\n\n".join(f"Paragraph {number} says something about alpha." * 12 for number in range(9))
    fates(library, [Draft("a", long)], embedder)
    before = library.status().passages
    assert fates(library, [Draft("a", "Short alpha.")], embedder) == ["updated"]
    assert before > 1
    assert library.status().passages == 1
    assert len(everything(library)) == 1


def test_batches_are_stored_one_by_one(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_ARTICLES", 2)
    drafts = [Draft(str(number), f"Text {number}.") for number in range(5)]
    outcomes = ingest(drafts, library, HashingEmbedder())
    seen = [(outcome.article_id, library.status().articles) for outcome in outcomes]
    assert seen == [("0", 2), ("1", 2), ("2", 4), ("3", 4), ("4", 5)]


def test_batches_are_bounded_by_characters_too(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_CHARACTERS", 30)
    monkeypatch.setattr(module, "FIRST_CHARACTERS", 10)
    drafts = [Draft(name, "Twelve letters.") for name in "abcd"]
    seen = [library.status().articles for _ in ingest(drafts, library, HashingEmbedder())]
    assert seen == [1, 3, 3, 4]  # the first batch is soon stored


def test_progress_counts_passages(library: Library) -> None:
    counts: list[int] = []
    list(ingest([Draft("a", "Alpha."), Draft("b", "Beta.")], library, HashingEmbedder(), counts.append))
    assert sum(counts) == 2


def test_a_library_keeps_to_the_pipeline_that_made_it(library: Library) -> None:
    embedder = HashingEmbedder()
    fates(library, [Draft("a", "Alpha.")], embedder)
    assert library.fingerprint == fingerprint(embedder)
    assert model_name(library.fingerprint) == "hashing"
    with pytest.raises(FingerprintMismatch):
        fates(library, [Draft("b", "Beta.")], HashingEmbedder(name="other"))
    assert library.status().articles == 1


def test_nobody_has_named_a_model_before_the_first_write(library: Library) -> None:
    assert model_name(library.fingerprint) is None


def test_the_title_is_read_with_the_passage_unless_it_opens_it() -> None:
    article = Article("a", "Bridge\n\nIt closes.", title="Bridge")
    assert embedded_text(article, Passage("a", 1, 8, 18, "It closes.")) == "Bridge\nIt closes."
    assert embedded_text(article, Passage("a", 0, 0, 18, article.text)) == article.text
    assert embedded_text(Article("a", "It closes."), Passage("a", 0, 0, 10, "It closes.")) == "It closes."


def test_passages_leave_room_for_a_long_title(library: Library) -> None:
    embedder = CountingEmbedder(max_tokens=64)
    title = " ".join(["word"] * 30)
    text = " ".join(f"w{number}" for number in range(300))
    fates(library, [Draft("a", text, title=title)], embedder)
    assert embedder.embedded
    assert all(len(embedder.tokens(text)) <= 64 for text in embedder.embedded)


def test_a_summary_counts_and_keeps_rejections(library: Library) -> None:
    summary = Summary()
    for outcome in ingest([Draft("a", "Alpha."), Unreadable("no", origin="b")], library, HashingEmbedder()):
        summary.add(outcome)
    assert summary.counts == {"added": 1, "updated": 0, "unchanged": 0, "superseded": 0, "rejected": 1}
    assert summary.passages == 1
    assert [(one.origin, one.error and one.error.message) for one in summary.rejected] == [("b", "b: no")]


PROMOTION = "Only in the Gazette: five summers of puzzles in one handsome box."


def promoted(number: int) -> Draft:
    own = f"Plan {number} for the bridge will cost {number * 7} million, said the head of the department of bridges."
    return Draft(f"{number}", f"{own} Part {number} starts in May.\n\n{PROMOTION}", source="Gazette")


def removed(library: Library, article_id: str) -> tuple[str, ...]:
    with library.snapshot() as snapshot:
        article = snapshot.article(article_id)
        assert article is not None
        return article.removed


def test_what_an_outlet_repeats_is_taken_out_of_new_articles(library: Library) -> None:
    embedder = CountingEmbedder()
    for number in range(4):
        assert fates(library, [promoted(number)], embedder) == ["added"]
        assert removed(library, f"{number}") == ()
    assert fates(library, [promoted(4), promoted(5)], embedder) == ["added", "added"]
    assert removed(library, "4") == removed(library, "5") == (PROMOTION,)
    assert not any(PROMOTION in text for text in embedder.embedded[-2:])


def test_articles_from_before_a_line_was_learnt_lose_it_when_they_are_indexed_again(library: Library) -> None:
    embedder = CountingEmbedder()
    for number in range(6):
        fates(library, [promoted(number)], embedder)
    every = [promoted(number) for number in range(6)]
    assert fates(library, every, embedder) == ["updated"] * 4 + ["unchanged"] * 2
    generation = library.status().generation
    assert fates(library, every, embedder) == ["unchanged"] * 6
    assert library.status().generation == generation
    assert removed(library, "0") == (PROMOTION,)


def test_within_one_batch_the_first_articles_profit_too(library: Library) -> None:
    assert fates(library, [promoted(number) for number in range(6)], HashingEmbedder()) == ["added"] * 6
    assert removed(library, "0") == (PROMOTION,)


def test_without_an_outlet_nothing_is_learnt(library: Library) -> None:
    drafts = [replace(promoted(number), source=None) for number in range(12)]
    fates(library, drafts, HashingEmbedder())
    assert removed(library, "11") == ()
    assert library.notes(["habits of gazette"]) == {}
