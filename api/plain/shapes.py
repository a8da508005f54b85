"""What comes back from a server, as plain frozen dataclasses: the fields of `api.wire`, which describes each of them.

They are apart from `api.wire` so that a client needs no pydantic; a test holds the two together. All offsets are
Unicode code points into the article's text, end exclusive. Dates and times are ISO 8601 strings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of an article's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact place that supports an answer: ``article.text[start:end] == quote`` at this revision."""

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
    selectors: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Scores:
    """Why a hit stands where it does; None where a stage did not see the passage."""

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
    in_period: bool | None = None
    age_days: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage: ``text == article.text[start:end]``."""

    id: str
    article_id: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage said of a hit."""

    name: str
    rank: int | None
    score: float
    meaning: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One ranked answer. `score` is 0..1; `explain` is None unless it was asked for."""

    rank: int
    score: float
    scores: Scores
    passage: Passage
    highlights: list[Span]
    citation: Citation
    also_reported_by: list[Citation]
    explain: list[Stage] | None = None


@dataclass(frozen=True, slots=True)
class LibraryCard:
    """The library that answered. Only words find the passages without vectors."""

    articles: int
    passages: int
    generation: int
    model: str | None
    passages_without_vectors: int = 0


@dataclass(frozen=True, slots=True)
class Period:
    """The time that a question speaks of."""

    start: str
    end: str
    words: str


@dataclass(frozen=True, slots=True)
class Understood:
    """How a question was read."""

    text: str
    phrases: list[str]
    without: list[str]
    period: Period | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Ranked, cited hits. `answerable` (0..1) is how sure it is that the library has an answer."""

    query: str
    understood: Understood
    answerable: float
    hits: list[Hit]
    library: LibraryCard
    timings_ms: dict[str, float]


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a quote still stands; `citation` is where it stands now, if it does."""

    id: str
    status: Literal["unchanged", "moved", "changed", "gone"]
    article_id: str
    cited_revision: str
    cited_start: int
    cited_end: int
    revision: str | None
    citation: Citation | None


@dataclass(frozen=True, slots=True)
class ArticleCard:
    """An article's metadata."""

    id: str
    title: str | None
    source: str | None
    author: str | None
    published: str | None
    url: str | None
    language: str | None
    tags: list[str]
    metadata: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Article(ArticleCard):
    """An article with its text."""

    text: str
    revision: str
    removed: list[str]


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """A page of the list of articles; `next_cursor` is None on the last."""

    articles: list[ArticleCard]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one article. ``superseded``: a later one of the same request has the same id."""

    index: int
    status: Literal["added", "updated", "unchanged", "superseded", "rejected"]
    id: str | None
    passages: int = 0
    error: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of all that was sent, in order."""

    results: list[Fate]
    counts: dict[str, int]
    generation: int
    passages_without_vectors: int = 0


@dataclass(frozen=True, slots=True)
class Deletion:
    """How many articles were deleted."""

    deleted: int
    generation: int


@dataclass(frozen=True, slots=True)
class Beside:
    """Vectors of another model that are kept beside those in use; so many passages have none of them."""

    model: str | None
    passages_without_vectors: int


@dataclass(frozen=True, slots=True)
class Hardware:
    """What the embedding model runs on, in which precision, and with which library."""

    device: str
    precision: str
    backend: str


@dataclass(frozen=True, slots=True)
class Status:
    """The library's size and state. `derived` is how many generations each index is behind."""

    articles: int
    passages: int
    generation: int
    model: str | None
    derived: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    passages_without_vectors: int = 0
    beside: Beside | None = None
    hardware: Hardware | None = None
