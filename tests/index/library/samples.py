"""Made-up articles with seeded vectors, and a plain-Python library to compare real ones with."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from index.articles.article import Article
from index.articles.passage import Passage
from index.library.analysis import spelt
from index.library.contract import Entry, Filters, Vectors
from index.library.labels import (
    instant_of,
    labels_of,
    unwanted_phrases,
    wanted_instants,
    wanted_labels,
    wanted_phrases,
)

DIMENSIONS = 16


def unit_vectors(count: int, seed: int, dimensions: int = DIMENSIONS) -> Vectors:
    vectors = np.random.default_rng(seed).standard_normal((count, dimensions), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="replace")).digest()


def entry(
    article_id: str,
    *sentences: str,
    vectors: Vectors | None = None,
    seed: int = 0,
    later: bool = False,
    **metadata: object,
) -> Entry:
    """An article of these sentences, one passage each; their vectors come `later`, or are seeded."""
    text = "\n".join(sentences)
    passages, at = [], 0
    for ordinal, sentence in enumerate(sentences):
        passages.append(Passage(article_id, ordinal, at, at + len(sentence), sentence))
        at += len(sentence) + 1
    made = unit_vectors(len(sentences), seed) if vectors is None and not later else vectors
    return Entry(Article(article_id, text, **metadata), passages, made, [digest(one) for one in sentences])  # type: ignore[arg-type]


SOURCES = ("Reuters", "dpa", "Anadolu Ajansı")
LANGUAGES = ("en", "de", "tr", None)
WORDS = tuple(f"word{number}" for number in range(300))


def random_entries(count: int, seed: int, *, first: int = 0, passages: int = 3) -> list[Entry]:
    """`count` articles ``a<first>…`` of up to `passages` passages, with Zipf-like words and all kinds of metadata."""
    rng = np.random.default_rng(seed)
    share = 1 / np.arange(1, len(WORDS) + 1)
    made = []
    for number in range(first, first + count):
        sentences = [
            " ".join(rng.choice(WORDS, rng.integers(5, 30), p=share / share.sum()))
            for _ in range(rng.integers(1, passages + 1))
        ]
        made.append(
            entry(
                f"a{number}",
                *sentences,
                vectors=unit_vectors(len(sentences), int(rng.integers(2**31))),
                source=SOURCES[rng.integers(3)],
                language=LANGUAGES[rng.integers(4)],
                author=["Ada Yılmaz; Bo Li", "Bo Li", None][rng.integers(3)],
                tags=tuple(f"tag{tag}" for tag in rng.integers(0, 40, rng.integers(0, 4))),
                published=[None, f"2025-{rng.integers(1, 13):02}-{rng.integers(1, 29):02}"][rng.integers(2)],
            )
        )
    return made


def passes(article: Article, passage: Passage, filters: Filters) -> bool:
    """Whether a passage of an article passes, said in plain Python."""
    instants, instant = wanted_instants(filters), instant_of(article)
    if instants is not None and (instant is None or not instants[0] <= instant < instants[1]):
        return False
    return (
        all(labels_of(article) & set(alternatives) for alternatives in wanted_labels(filters))
        and all(occurs(phrase, article, passage) for phrase in wanted_phrases(filters))
        and not any(occurs(phrase, article, passage) for phrase in unwanted_phrases(filters))
        and all(any(passes(article, passage, one) for one in choice) for choice in filters.choices())
        and not any(passes(article, passage, one) for one in filters.refused())
    )


def occurs(phrase: tuple[str, ...], article: Article, passage: Passage) -> bool:
    """Whether a phrase stands in the passage, or in the title."""
    texts = [spelt(passage.text), spelt(article.title or "")]
    return any(phrase == tuple(text[at : at + len(phrase)]) for text in texts for at in range(len(text)))


@dataclass
class PlainLibrary:
    """A library as dictionaries, with exact dense search. `vectors` and `beside` are by passage id; one without is
    waiting for its own."""

    entries: dict[str, Entry] = field(default_factory=dict)
    vectors: dict[str, Vectors] = field(default_factory=dict)
    beside: dict[str, Vectors] | None = None
    dimensions: int = DIMENSIONS

    def copy(self) -> PlainLibrary:
        return PlainLibrary(dict(self.entries), dict(self.vectors), self.beside and dict(self.beside), self.dimensions)

    def put(self, entries: list[Entry]) -> None:
        held = self._by_digest(self.vectors)
        held_beside = self._by_digest(self.beside or {})
        self.delete([one.article.id for one in entries])
        for one in entries:
            self.entries[one.article.id] = one
            for row, (passage, digest) in enumerate(zip(one.passages, one.digests, strict=True)):
                vector = held.get(digest) if one.vectors is None else one.vectors[row]
                self._take(self.vectors, passage.id, vector)
                self._take(self.beside, passage.id, held_beside.get(digest))

    def delete(self, article_ids: list[str]) -> None:
        for article_id in article_ids:
            gone = self.entries.pop(article_id, None)
            for passage in gone.passages if gone else ():
                self.vectors.pop(passage.id, None)
                (self.beside or {}).pop(passage.id, None)

    def _by_digest(self, vectors: dict[str, Vectors]) -> dict[bytes, Vectors]:
        return {
            digest: vectors[passage.id]
            for one in self.entries.values()
            for passage, digest in zip(one.passages, one.digests, strict=True)
            if passage.id in vectors
        }

    @staticmethod
    def _take(vectors: dict[str, Vectors] | None, passage_id: str, vector: Vectors | None) -> None:
        if vectors is not None and vector is not None:
            vectors[passage_id] = vector

    def dense(self, vector: Vectors, limit: int, filters: Filters) -> list[tuple[str, float]]:
        """Passage ids with their scores, best first."""
        scored = [
            (passage.id, float(np.dot(self.vectors[passage.id].astype(np.float64), vector.astype(np.float64))))
            for one in self.entries.values()
            for passage in one.passages
            if passage.id in self.vectors and passes(one.article, passage, filters)
        ]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def facets(self, field: str, filters: Filters) -> dict[str, int]:
        """Caseless values and how many passing articles have them."""
        counted: Counter[str] = Counter()
        for one in self.entries.values():
            if any(passes(one.article, passage, filters) for passage in one.passages):
                if field == "month":
                    counted.update([one.article.published[:7]] if one.article.published else [])
                else:
                    counted.update(label.value for label in labels_of(one.article) if label.kind == field)
        return dict(counted)

    def passing_ids(self, filters: Filters) -> set[str]:
        return {
            passage.id
            for one in self.entries.values()
            for passage in one.passages
            if passes(one.article, passage, filters)
        }
