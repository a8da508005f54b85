"""Which candidates are read again, by whom, and what late interaction makes of their tokens."""

from __future__ import annotations

import numpy as np
import pytest

from index.articles.article import Article
from index.articles.passage import Passage
from index.embedding.hashing import HashingEmbedder
from index.library.contract import Stored
from search.rerank import READS, READS_ABROAD, Readers, Reading, reread

ENGLISH = "When will the bridge over the river be opened again to the public?"
TURKISH = "Nehrin üzerindeki köprü halka yeniden ne zaman açılacak, bilen var mı?"


def stored(key: int, text: str, language: str | None = "tr") -> Stored:
    article = Article(f"a{key}", text, title="", language=language)
    return Stored(key, Passage(article.id, 0, 0, len(text), text), article)


class Pairs:
    """A cross-encoder that likes all alike."""

    name = "pairs"

    def scores(self, question: str, passages: list[str]) -> np.ndarray:
        return np.zeros(len(passages), np.float32)


def read(question: str, candidates: list[Stored], reranker: Pairs | None = None) -> dict[int, Reading]:
    return reread(question, candidates, Readers(HashingEmbedder, lambda: reranker), budget_ms=1e9)


def test_every_token_of_the_question_looks_for_the_nearest_in_any_sentence() -> None:
    passage = stored(1, "Red birds sing. Blue fish swim.")
    (reading,) = read("red fish", [passage]).values()
    assert reading.likeness == pytest.approx(1.0, abs=0.01)  # one word here, one there
    assert reading.likenesses == pytest.approx((0.5, 0.5), abs=0.2)
    assert reading.pair is None


def test_a_question_without_a_token_is_near_to_nothing() -> None:
    assert read(" ", [stored(1, "Red birds sing.")]) == {1: Reading(likeness=0.0, likenesses=(0.0,))}


def test_more_are_read_where_they_are_in_another_language_than_the_question() -> None:
    abroad = [stored(key, "Köprü kapalı.") for key in range(20)]
    assert list(read(ENGLISH, abroad)) == list(range(READS_ABROAD))
    assert list(read(TURKISH, abroad)) == list(range(READS))
    unknown = [stored(key, "Köprü kapalı.", language=None) for key in range(20)]
    assert list(read("köprü", unknown)) == list(range(READS))


def test_beyond_the_first_only_those_in_another_language_are_read() -> None:
    mixed = [stored(key, "Köprü kapalı.", "en" if key % 2 else "tr") for key in range(20)]
    found = read(ENGLISH, mixed, Pairs())
    assert set(found) == {*range(READS), *range(READS, READS_ABROAD, 2)}
    assert {key for key, reading in found.items() if reading.pair is not None} == {1, 3, 5, 7}
