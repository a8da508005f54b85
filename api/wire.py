"""The JSON that goes over the wire, every field described and exemplified; FastAPI makes the OpenAPI page from it.

Shapes and their translation from and to the nouns only: no storing, no searching.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from index.articles.article import Article
from index.articles.dates import instant
from index.library.contract import Filters, Status
from search.answer import Answer, Hit
from search.query import DEEPEST_OFFSET, LONGEST_QUESTION, MOST_HITS, Fusion, Group, Mode, Query, Recency
from search.verify import Check, Verdict

MOST_FILTER_VALUES = 1_000

EXAMPLE_QUESTION = "Who warned that two percent is not enough?"
EXAMPLE_ARTICLE = "articles/harbour-bridge.txt"
EXAMPLE_CITATION = "YXJ0aWNsZXMvaGFyYm91ci1icmlkZ2UudHh0.0f3a5c7e9b1d2f40.120-184.17c2-9f86d081884c7d65"


def _moment(value: object) -> object:
    """Dates and times as users write them, as aware UTC times."""
    if isinstance(value, datetime) or value is None:
        return value
    if not isinstance(value, str):
        raise ValueError("a date such as 2025-01-31, or a date and time, is wanted")  # noqa: TRY004 - pydantic's way
    return instant(value)


def _text(value: str) -> str:
    """Refuses what is not text: a NUL, or half a surrogate pair."""
    if "\0" in value or any("\ud800" <= mark <= "\udfff" for mark in value):
        raise ValueError("this holds a NUL or half a surrogate pair, which is not text")
    return value


Moment = Annotated[datetime, BeforeValidator(_moment)]
Names = Annotated[list[Annotated[str, AfterValidator(_text)]], Field(max_length=MOST_FILTER_VALUES)]


class Shape(BaseModel):
    """Base of all shapes: unknown fields are an error in requests, attributes can be read from the nouns."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class FiltersIn(Shape):
    """Which articles may answer: all given fields must hold, values within a field are alternatives."""

    sources: Names = Field([], description="Outlets, whole names, any case.", examples=[["Harbour Gazette"]])
    languages: Names = Field([], description="Language codes (ISO 639-1).", examples=[["en", "tr"]])
    tags: Names = Field([], description="Tags; an article needs one of them.", examples=[["defence"]])
    authors: Names = Field([], description="Authors; an article needs one of them.", examples=[["Mara Lindqvist"]])
    article_ids: Names = Field([], description="Ids of articles.", examples=[[EXAMPLE_ARTICLE]])
    published_after: Moment | None = Field(
        None, description="Published at this moment or later; a date or a date and time.", examples=["2025-01-01"]
    )
    published_before: Moment | None = Field(
        None, description="Published before this moment; a date or a date and time.", examples=["2025-02-01"]
    )

    def filters(self) -> Filters:
        """The library's filters."""
        return Filters(
            sources=tuple(self.sources),
            languages=tuple(self.languages),
            tags=tuple(self.tags),
            authors=tuple(self.authors),
            article_ids=tuple(self.article_ids),
            published_after=self.published_after,
            published_before=self.published_before,
        )


class RecencyIn(Shape):
    """Prefer newer articles."""

    half_life_days: float = Field(
        description="The preference halves every so many days.", gt=0, le=36_500, examples=[30]
    )
    as_of: Moment | None = Field(
        None, description="The moment from which age is counted; now if not given.", examples=["2025-01-20"]
    )


# Fields that the body and the address share.
QUERY: Any = Field(
    description="The question, in plain words.", max_length=LONGEST_QUESTION, examples=[EXAMPLE_QUESTION]
)
LIMIT: Any = Field(10, description="How many hits.", ge=1, le=MOST_HITS, examples=[5])
OFFSET: Any = Field(0, description="How many of the best hits to skip.", ge=0, le=DEEPEST_OFFSET, examples=[0])
MODE: Any = Field(
    "hybrid", description="Search by meaning and words, by meaning (dense), or by words (lexical).", examples=["hybrid"]
)
GROUP: Any = Field(
    "story",
    description="Fold hits that carry the same report (story) or stand in one article (article), or fold nothing.",
    examples=["story"],
)
RERANK: Any = Field(
    None, description="Read the best hits again with a cross-encoder: slower. Off if not given.", examples=[False]
)
FUSION: Any = Field(
    "minmax",
    description="How meaning and words are joined: by normalised scores (minmax) or by ranks (rrf).",
    examples=["minmax"],
)


class SearchIn(Shape):
    """A question and how to answer it."""

    query: str = QUERY
    limit: int = LIMIT
    offset: int = OFFSET
    mode: Mode = MODE
    filters: FiltersIn = Field(FiltersIn(), description="Which articles may answer.", examples=[{"languages": ["en"]}])
    recency: RecencyIn | None = Field(
        None, description="Prefer newer articles; age plays no part if not given.", examples=[{"half_life_days": 30}]
    )
    rerank: bool | None = RERANK
    group: Group = GROUP
    fusion: Fusion = FUSION

    def to_query(self) -> Query:
        """The query; raises InvalidQuery where the schema cannot say what is wrong."""
        recency = Recency(self.recency.half_life_days, self.recency.as_of) if self.recency else None
        return Query(
            text=self.query,
            limit=self.limit,
            offset=self.offset,
            mode=self.mode,
            filters=self.filters.filters(),
            recency=recency,
            rerank=self.rerank,
            group=self.group,
            fusion=self.fusion,
        )


class SearchParameters(Shape):
    """The same question as parameters of an address, for a browser or curl. Lists are given by repeating a name."""

    q: str = QUERY
    limit: int = LIMIT
    offset: int = OFFSET
    mode: Mode = MODE
    group: Group = GROUP
    rerank: bool | None = RERANK
    fusion: Fusion = FUSION
    source: Names = Field([], description="Only from this outlet; may be repeated.", examples=[["Harbour Gazette"]])
    language: Names = Field([], description="Only in this language; may be repeated.", examples=[["en"]])
    tag: Names = Field([], description="Only with this tag; may be repeated.", examples=[["defence"]])
    author: Names = Field([], description="Only by this author; may be repeated.", examples=[["Mara Lindqvist"]])
    article_id: Names = Field([], description="Only from this article; may be repeated.", examples=[[EXAMPLE_ARTICLE]])
    published_after: Moment | None = Field(None, description="Published then or later.", examples=["2025-01-01"])
    published_before: Moment | None = Field(None, description="Published before then.", examples=["2025-02-01"])
    half_life_days: float | None = Field(
        None, description="Prefer newer articles, by this half-life.", gt=0, le=36_500, examples=[30]
    )
    as_of: Moment | None = Field(None, description="The moment from which age is counted.", examples=["2025-01-20"])

    def to_query(self) -> Query:
        """The query; raises InvalidQuery where the schema cannot say what is wrong."""
        filters = Filters(
            sources=tuple(self.source),
            languages=tuple(self.language),
            tags=tuple(self.tag),
            authors=tuple(self.author),
            article_ids=tuple(self.article_id),
            published_after=self.published_after,
            published_before=self.published_before,
        )
        recency = Recency(self.half_life_days, self.as_of) if self.half_life_days else None
        return Query(
            text=self.q,
            limit=self.limit,
            offset=self.offset,
            mode=self.mode,
            filters=filters,
            recency=recency,
            rerank=self.rerank,
            group=self.group,
            fusion=self.fusion,
        )


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


class TextPositionSelectorOut(SpanOut):
    """W3C Web Annotation selector: where the quote stands."""

    type: Literal["TextPositionSelector"] = Field(
        "TextPositionSelector", description="Kind.", examples=["TextPositionSelector"]
    )


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
    rerank: float | None = Field(description="The cross-encoder's probability, 0..1.", examples=[0.98])
    age_days: float | None = Field(description="Age, where recency was asked for.", examples=[7.0])


class PassageOut(Shape):
    """A passage: text == article.text[start:end]."""

    id: str = Field(description="The article's id, # and the passage's number.", examples=[f"{EXAMPLE_ARTICLE}#0"])
    article_id: str = Field(description="The article.", examples=[EXAMPLE_ARTICLE])
    text: str = Field(description="The passage.", examples=["The bridge will close for nine weeks."])
    start: int = Field(description="First code point in the article's text.", examples=[120])
    end: int = Field(description="One past the last code point.", examples=[157])


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
        description="The same report in other articles.", examples=[[{"id": EXAMPLE_CITATION}]]
    )

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """The wire shape of a hit."""
        return cls.model_validate(hit)


class LibraryOut(Shape):
    """The library that answered."""

    articles: int = Field(description="How many articles it holds.", examples=[18])
    passages: int = Field(description="How many passages.", examples=[64])
    generation: int = Field(description="Rises by one with every write.", examples=[1])
    model: str | None = Field(description="The embedding model.", examples=["multilingual-e5-small"])


class AnswerOut(Shape):
    """Ranked, cited hits."""

    query: str = Field(description="The question.", examples=[EXAMPLE_QUESTION])
    answerable: float = Field(description="How sure it is that the library has an answer, 0..1.", examples=[0.91])
    hits: list[HitOut] = Field(description="Best first.", examples=[[{"rank": 1, "score": 0.93}]])
    library: LibraryOut = Field(description="What was searched.", examples=[{"articles": 18, "generation": 1}])
    timings_ms: dict[str, float] = Field(description="Milliseconds by stage.", examples=[{"total": 41.5}])

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """The wire shape of an answer."""
        return cls(
            query=answer.query.text,
            answerable=answer.answerable,
            hits=[HitOut.of(hit) for hit in answer.hits],
            library=LibraryOut.model_validate(answer.library),
            timings_ms=dict(answer.timings_ms),
        )


class ArticleIn(BaseModel):
    """An article as it is sent. Fields that are not listed are kept as metadata."""

    model_config = ConfigDict(extra="allow")

    id: str | None = Field(None, description="Else its url is its id.", examples=[EXAMPLE_ARTICLE])
    title: str | None = Field(None, description="Title.", examples=["Harbour bridge to close"])
    text: str | None = Field(None, description="Plain text; this or html.", examples=["The bridge will close …"])
    html: str | None = Field(None, description="A page, which is cleaned; this or text.", examples=["<h1>…</h1>"])
    url: str | None = Field(None, description="Address.", examples=["https://gazette.example/bridge"])
    source: str | None = Field(None, description="Outlet.", examples=["Harbour Gazette"])
    author: str | None = Field(None, description="Author.", examples=["Mara Lindqvist"])
    published: str | None = Field(None, description="ISO 8601 date, or date and time.", examples=["2025-01-13"])
    language: str | None = Field(None, description="Language code; detected if not given.", examples=["en"])
    tags: list[str] = Field([], description="Tags.", examples=[["transport"]])


class ArticleCardOut(Shape):
    """An article's metadata."""

    id: str = Field(description="The article's id.", examples=[EXAMPLE_ARTICLE])
    title: str | None = Field(description="Title.", examples=["Harbour bridge to close"])
    source: str | None = Field(description="Outlet.", examples=["Harbour Gazette"])
    author: str | None = Field(description="Author or authors, separated by '; '.", examples=["Mara Lindqvist"])
    published: str | None = Field(description="Date, or date and time with offset.", examples=["2025-01-13"])
    url: str | None = Field(description="Address.", examples=["https://gazette.example/bridge"])
    language: str | None = Field(description="Language code.", examples=["en"])
    tags: list[str] = Field(description="Tags.", examples=[["transport"]])
    metadata: dict[str, Any] = Field(description="Whatever else was found.", examples=[{"desk": "city"}])

    @classmethod
    def of(cls, article: Article) -> Self:
        """The wire shape of an article."""
        return cls.model_validate(article)


class ArticleOut(ArticleCardOut):
    """An article with its text."""

    text: str = Field(description="Canonical text; all offsets refer to it.", examples=["The bridge will close …"])
    revision: str = Field(description="Hash of the text.", examples=["0f3a5c7e9b1d2f40"])
    removed: list[str] = Field(description="What cleaning took out.", examples=[["We use cookies …"]])


class ArticlePageOut(Shape):
    """A page of the list of articles."""

    articles: list[ArticleCardOut] = Field(description="By id.", examples=[[{"id": EXAMPLE_ARTICLE}]])
    next_cursor: str | None = Field(description="For the next page; null on the last.", examples=["aGFyYm91cg"])


class FateOut(Shape):
    """What became of one article that was sent."""

    index: int = Field(description="Its place in the request, from 0.", examples=[0])
    status: Literal["added", "updated", "unchanged", "superseded", "rejected"] = Field(
        description="superseded: a later item of the request has the same id.", examples=["added"]
    )
    id: str | None = Field(description="The article's id; null where it was rejected.", examples=[EXAMPLE_ARTICLE])
    error: dict[str, Any] | None = Field(
        None, description="Why it was rejected.", examples=[{"code": "invalid_article", "message": "…", "detail": {}}]
    )


class FatesOut(Shape):
    """What became of every article that was sent."""

    results: list[FateOut] = Field(description="One an item, in order.", examples=[[{"index": 0, "status": "added"}]])
    counts: dict[str, int] = Field(description="How many had which status.", examples=[{"added": 1}])
    generation: int = Field(description="The library's generation after it.", examples=[2])


class DeletedOut(Shape):
    """An article is gone."""

    id: str = Field(description="The article's id.", examples=[EXAMPLE_ARTICLE])
    deleted: Literal[True] = Field(True, description="Always true.", examples=[True])
    generation: int = Field(description="The library's generation after it.", examples=[3])


class CheckOut(Shape):
    """Whether a quote still stands."""

    id: str = Field(description="The citation that was checked.", examples=[EXAMPLE_CITATION])
    status: Verdict = Field(
        description="unchanged, moved (it stands elsewhere in the article), changed (it stands there no more) or gone.",
        examples=["moved"],
    )
    article_id: str = Field(description="The cited article.", examples=[EXAMPLE_ARTICLE])
    cited_revision: str = Field(description="The revision that was cited.", examples=["0f3a5c7e9b1d2f40"])
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
            revision=check.revision,
            citation=CitationOut.model_validate(check.citation) if check.citation else None,
        )


class StatusOut(Shape):
    """The library's size and state."""

    articles: int = Field(description="How many articles.", examples=[18])
    passages: int = Field(description="How many passages.", examples=[64])
    generation: int = Field(description="Rises by one with every write.", examples=[1])
    model: str | None = Field(
        description="The embedding model; null before the first write.", examples=["multilingual-e5-small"]
    )
    derived: dict[str, int] = Field(
        description="How many generations each derived index is behind; 0 is up to date.",
        examples=[{"vectors": 0, "words": 0}],
    )
    languages: dict[str, int] = Field(description="Articles by language.", examples=[{"en": 16, "tr": 1}])

    @classmethod
    def of(cls, status: Status, model: str | None) -> Self:
        """The wire shape of a library's status."""
        return cls(
            articles=status.articles,
            passages=status.passages,
            generation=status.generation,
            model=model,
            derived=dict(status.derived),
            languages=dict(status.languages),
        )


class HealthOut(Shape):
    """The process is alive, or ready to answer."""

    status: Literal["ok", "starting"] = Field(description="ok, or starting while the model loads.", examples=["ok"])


class ErrorBody(Shape):
    """What went wrong."""

    code: str = Field(description="Stable, for programs.", examples=["invalid_query"])
    message: str = Field(description="For people: what is wrong and what to do.", examples=["The query is empty."])
    detail: dict[str, Any] = Field(description="More, such as the field.", examples=[{"field": "query"}])


class ErrorOut(Shape):
    """The one shape of every error."""

    error: ErrorBody = Field(
        description="The error.", examples=[{"code": "invalid_query", "message": "…", "detail": {}}]
    )
