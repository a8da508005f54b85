"""What comes back: Citation, Hit and Answer. Plain frozen data; `search.cite` and `search.pipeline` make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from index.articles.passage import Passage
from index.embedding.contract import Span
from search.query import Query
from search.understanding.asking import Understood


@dataclass(frozen=True, slots=True)
class TextQuoteSelector:
    """W3C Web Annotation: the quote with a little of what stands before and after it in the article."""

    exact: str
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class TextPositionSelector:
    """W3C Web Annotation: where the quote stands, in Unicode code points, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact place that supports an answer: ``article.text[start:end] == quote`` at `revision`.

    `id` alone is enough to check later whether the quote still stands (`search.verify`). `deep_link` opens the live
    page at the quote (a text fragment); None when the article has no web address.
    """

    id: str
    article_id: str
    revision: str
    title: str | None
    source: str | None
    author: str | None
    published: str | None
    url: str | None
    deep_link: str | None
    quote: str
    start: int
    end: int
    selectors: tuple[TextQuoteSelector, TextPositionSelector]


@dataclass(frozen=True, slots=True)
class Scores:
    """Why a hit stands where it does, stage by stage; None where a stage did not see the passage.

    Attributes:
        dense, dense_rank: the cosine (-1..1) of question and passage, raised where the library has passages in the
            question's language and this one is in another (`search.abroad`), and the rank by it, from 1.
        lexical, lexical_rank: the BM25 score (> 0), and the rank by it.
        fused, fused_rank: the joined score (0..1) before anything was read again, and the rank by it.
        pair: what the cross-encoder says of question and passage, 0..1.
        sentence: the cosine (-1..1) of the question and the passage's nearest sentence.
        rerank, rerank_rank: the probability (0..1) that the passage answers, after reading it again.
        age_days: the article's age, where recency was asked for.
        in_period: whether it was published when the question says; None where it says nothing or the date is unknown.
    """

    dense: float | None = None
    dense_rank: int | None = None
    lexical: float | None = None
    lexical_rank: int | None = None
    fused: float | None = None
    fused_rank: int | None = None
    pair: float | None = None
    sentence: float | None = None
    rerank: float | None = None
    rerank_rank: int | None = None
    age_days: float | None = None
    in_period: bool | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer: a passage, how it was found, and its citation. `rank` counts from 1, `score` is 0..1."""

    rank: int
    score: float
    scores: Scores
    passage: Passage
    highlights: tuple[Span, ...]
    citation: Citation
    also_reported_by: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class LibraryCard:
    """Which library answered, and in what state. Passages without vectors were found by their words only."""

    articles: int
    passages: int
    generation: int
    model: str | None
    passages_without_vectors: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The hits for a query, as it was asked and as it was `understood`. `answerable` (0..1) is how sure Pincite is that
    the library holds an answer at all."""

    query: Query
    understood: Understood
    answerable: float
    hits: tuple[Hit, ...]
    library: LibraryCard
    timings_ms: Mapping[str, float] = field(default_factory=dict)
