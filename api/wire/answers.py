"""Answers as they are sent: hits, their citations, and whether a citation still stands."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from api.wire.common import EXAMPLE_ARTICLE, EXAMPLE_CITATION, EXAMPLE_QUESTION, Shape
from search.answer import Answer, Hit
from search.explain import stages
from search.understanding.asking import Understood
from search.verify import Check, Verdict


class SpanOut(Shape):
    """A stretch of an article's text."""

    start: int = Field(description="First code point, counted from 0 in the article's text.", examples=[120])
    end: int = Field(description="One past the last code point.", examples=[184])


class TextQuoteSelectorOut(Shape):
    """W3C Web Annotation selector: the quote and its surroundings."""

    type: Literal["TextQuoteSelector"] = Field("TextQuoteSelector", description="Kind.", examples=["TextQuoteSelector"])
    exact: str = Field(description="The quote.", examples=["The bridge will close for nine weeks."])
    prefix: str = Field(description="What stands before it.", examples=["said the council. "])
    suffix: str = Field(description="What stands after it.", examples=[" Ferries will run"])


class TextPositionSelectorOut(Shape):
    """W3C Web Annotation selector: where the quote stands."""

    type: Literal["TextPositionSelector"] = Field(
        "TextPositionSelector", description="Kind.", examples=["TextPositionSelector"]
    )
    start: int = Field(description="First code point in the article's text.", examples=[120])
    end: int = Field(description="One past the last code point.", examples=[157])


class CitationOut(Shape):
    """The exact place that supports an answer: article.text[start:end] == quote, at this revision."""

    id: str = Field(description="Enough to check the quote later.", examples=[EXAMPLE_CITATION])
    article_id: str = Field(description="The article.", examples=[EXAMPLE_ARTICLE])
    revision: str = Field(description="Hash of the article's text.", examples=["0f3a5c7e9b1d2f40"])
    title: str | None = Field(description="The article's title.", examples=["Harbour bridge to close"])
    source: str | None = Field(description="The outlet.", examples=["Harbour Gazette"])
    author: str | None = Field(description="The author or authors.", examples=["Mara Lindqvist"])
    published: str | None = Field(description="Date, or date and time with offset.", examples=["2025-01-13"])
    url: str | None = Field(description="The article's address.", examples=["https://gazette.example/bridge"])
    deep_link: str | None = Field(
        description="Opens the page at the quote.", examples=["https://gazette.example/bridge#:~:text=The%20bridge"]
    )
    quote: str = Field(description="The quoted text.", examples=["The bridge will close for nine weeks."])
    start: int = Field(description="First code point in the article's text.", examples=[120])
    end: int = Field(description="One past the last code point.", examples=[157])
    selectors: tuple[TextQuoteSelectorOut, TextPositionSelectorOut] = Field(
        description="The same place as W3C Web Annotation selectors.",
        examples=[[{"type": "TextPositionSelector", "start": 120, "end": 157}]],
    )


class ScoresOut(Shape):
    """Why a hit stands where it does; null where a stage did not see the passage."""

    dense: float | None = Field(description="Cosine of question and passage, -1..1.", examples=[0.87])
    dense_rank: int | None = Field(description="Rank by meaning, from 1.", examples=[1])
    lexical: float | None = Field(description="BM25 score.", examples=[11.2])
    lexical_rank: int | None = Field(description="Rank by words, from 1.", examples=[2])
    fused: float | None = Field(description="Joined score, 0..1.", examples=[0.93])
    fused_rank: int | None = Field(description="Rank by the joined score.", examples=[1])
    pair: float | None = Field(description="What the cross-encoder says, 0..1.", examples=[0.95])
    sentence: float | None = Field(
        description="Mean cosine of each token of the question and the nearest in the passage.", examples=[0.9]
    )
    rerank: float | None = Field(description="Probability, after reading it again, that it answers.", examples=[0.87])
    rerank_rank: int | None = Field(description="Rank after reading again.", examples=[1])
    in_period: bool | None = Field(description="Published when the question says.", examples=[True])
    age_days: float | None = Field(description="Age, where recency was asked for.", examples=[7.0])


class PassageOut(Shape):
    """A passage: text == article.text[start:end]."""

    id: str = Field(description="The article's id, # and the passage's number.", examples=[f"{EXAMPLE_ARTICLE}#0"])
    article_id: str = Field(description="The article.", examples=[EXAMPLE_ARTICLE])
    text: str = Field(description="The passage.", examples=["The bridge will close for nine weeks."])
    start: int = Field(description="First code point in the article's text.", examples=[120])
    end: int = Field(description="One past the last code point.", examples=[157])


class StageOut(Shape):
    """What one stage said of a hit."""

    name: str = Field(description="The stage.", examples=["words"])
    rank: int | None = Field(description="The hit's rank there, from 1; null where it does not rank.", examples=[2])
    score: float = Field(description="The hit's score there.", examples=[11.2])
    meaning: str = Field(description="What the score is.", examples=["BM25, above 0"])


class HitOut(Shape):
    """One ranked answer."""

    rank: int = Field(description="From 1.", examples=[1])
    score: float = Field(description="0..1, higher is better.", examples=[0.93])
    scores: ScoresOut = Field(description="The stages' scores.", examples=[{"dense": 0.87, "lexical": 11.2}])
    passage: PassageOut = Field(description="The passage.", examples=[{"id": f"{EXAMPLE_ARTICLE}#0"}])
    highlights: list[SpanOut] = Field(
        description="The sentences that answer, as places in the article's text.",
        examples=[[{"start": 120, "end": 157}]],
    )
    citation: CitationOut = Field(description="Where it stands.", examples=[{"id": EXAMPLE_CITATION}])
    also_reported_by: list[CitationOut] = Field(
        description="The same story in other articles.", examples=[[{"id": EXAMPLE_CITATION}]]
    )
    explain: list[StageOut] | None = Field(
        None, description="What every stage said, where that was asked for.", examples=[[{"name": "words", "rank": 2}]]
    )

    @classmethod
    def of(cls, hit: Hit, *, explain: bool) -> Self:
        """The wire shape of a hit."""
        shape = cls.model_validate(hit)
        shape.explain = [StageOut.model_validate(stage) for stage in stages(hit)] if explain else None
        return shape


class LibraryOut(Shape):
    """The library that answered."""

    articles: int = Field(description="How many articles it holds.", examples=[18])
    passages: int = Field(description="How many passages.", examples=[64])
    generation: int = Field(description="Rises by one with every write.", examples=[1])
    model: str | None = Field(description="The embedding model.", examples=["multilingual-e5-small"])
    passages_without_vectors: int = Field(
        description="How many passages only words can find yet, because their vectors are still to come.", examples=[0]
    )


class PeriodOut(Shape):
    """The time that a question speaks of."""

    start: datetime = Field(description="When it begins.", examples=["2025-01-13T00:00:00Z"])
    end: datetime = Field(description="When it is over.", examples=["2025-01-20T00:00:00Z"])
    words: str = Field(description="What the question says.", examples=["last week"])


class UnderstoodOut(Shape):
    """How a question was read."""

    text: str = Field(description="The question without its operators.", examples=[EXAMPLE_QUESTION])
    phrases: list[str] = Field(description="What must occur.", examples=[["nine weeks"]])
    without: list[str] = Field(description="What must not occur.", examples=[["ferry"]])
    period: PeriodOut | None = Field(
        description="Articles of this time are preferred.", examples=[{"words": "last week"}]
    )

    @classmethod
    def of(cls, understood: Understood) -> Self:
        """The wire shape of what was understood."""
        return cls(
            text=understood.text,
            phrases=list(understood.filters.phrases),
            without=list(understood.filters.without),
            period=PeriodOut.model_validate(understood.period) if understood.period else None,
        )


class AnswerOut(Shape):
    """Ranked, cited hits."""

    query: str = Field(description="The question.", examples=[EXAMPLE_QUESTION])
    understood: UnderstoodOut = Field(description="How it was read.", examples=[{"text": EXAMPLE_QUESTION}])
    answerable: float = Field(description="How sure it is that the library has an answer, 0..1.", examples=[0.91])
    hits: list[HitOut] = Field(description="Best first.", examples=[[{"rank": 1, "score": 0.93}]])
    library: LibraryOut = Field(description="What was searched.", examples=[{"articles": 18, "generation": 1}])
    timings_ms: dict[str, float] = Field(description="Milliseconds by stage.", examples=[{"total": 41.5}])

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """The wire shape of an answer."""
        return cls(
            query=answer.query.text,
            understood=UnderstoodOut.of(answer.understood),
            answerable=answer.answerable,
            hits=[HitOut.of(hit, explain=answer.query.explain) for hit in answer.hits],
            library=LibraryOut.model_validate(answer.library),
            timings_ms=dict(answer.timings_ms),
        )


class CheckOut(Shape):
    """Whether a quote still stands."""

    id: str = Field(description="The citation that was checked.", examples=[EXAMPLE_CITATION])
    status: Verdict = Field(
        description="unchanged, moved (it stands elsewhere in the article), changed (it stands there no more) or gone.",
        examples=["moved"],
    )
    article_id: str = Field(description="The cited article.", examples=[EXAMPLE_ARTICLE])
    cited_revision: str = Field(description="The revision that was cited.", examples=["0f3a5c7e9b1d2f40"])
    cited_start: int = Field(description="First code point that was cited.", examples=[120])
    cited_end: int = Field(description="One past the last code point that was cited.", examples=[184])
    revision: str | None = Field(description="The revision now; null when gone.", examples=["77aa01c2d3e4f5a6"])
    citation: CitationOut | None = Field(
        description="The citation as of now, where the quote stands.", examples=[{"id": EXAMPLE_CITATION}]
    )

    @classmethod
    def of(cls, check: Check) -> Self:
        """The wire shape of a check."""
        return cls(
            id=check.citation_id,
            status=check.status,
            article_id=check.reference.article_id,
            cited_revision=check.reference.revision,
            cited_start=check.reference.start,
            cited_end=check.reference.end,
            revision=check.revision,
            citation=CitationOut.model_validate(check.citation) if check.citation else None,
        )
