"""Questions as they are sent: in a body, or in an address."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, StrictFloat, StrictInt, model_validator

from api.wire.common import ABOUT_COLLECTION, EXAMPLE_ARTICLE, EXAMPLE_QUESTION, Shape
from index.articles.dates import instant
from index.library.contract import Filters
from search.query import DEEPEST_OFFSET, LONGEST_QUESTION, MOST_HITS, Fusion, Group, Mode, Query, Quote, Recency

MOST_FILTER_VALUES = 1_000
MOST_ALTERNATIVES = 100
DEEPEST_FILTERS = 8


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

    any_of: list[FiltersIn] = Field(
        [],
        description="Filters of which at least one must hold besides.",
        max_length=MOST_ALTERNATIVES,
        examples=[[{"sources": ["Harbour Gazette"]}, {"tags": ["defence"]}]],
    )
    none_of: list[FiltersIn] = Field(
        [],
        description="Filters of which none may hold.",
        max_length=MOST_ALTERNATIVES,
        examples=[[{"languages": ["tr"]}]],
    )

    @model_validator(mode="after")
    def _shallow(self) -> Self:
        if self.depth() > DEEPEST_FILTERS:
            raise ValueError(f"any_of and none_of are nested more than {DEEPEST_FILTERS} deep")
        return self

    def depth(self) -> int:
        """How deep filters stand within filters, 1 being none."""
        return 1 + max((inner.depth() for inner in (*self.any_of, *self.none_of)), default=0)

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
            any_of=tuple(inner.filters() for inner in self.any_of),
            none_of=tuple(inner.filters() for inner in self.none_of),
        )


class RecencyIn(Shape):
    """Prefer newer articles."""

    half_life_days: StrictFloat = Field(
        description="The preference halves every so many days.", gt=0, le=36_500, examples=[30]
    )
    as_of: Moment | None = Field(
        None, description="The moment from which age is counted; the question's if not given.", examples=["2025-01-20"]
    )


# Fields that the body and the address share.
QUERY: Any = Field(
    description=(
        'The question, in plain words. A "quoted phrase" must occur, -word must not; source:, author:, tag:, lang:, '
        "after: and before: are filters."
    ),
    max_length=LONGEST_QUESTION,
    examples=[EXAMPLE_QUESTION],
)
OPERATORS: Any = Field(
    True,
    description="Whether quotes, minus signs and keys such as source: in the question mean something.",
    examples=[True],
)
LIMIT: Any = Field(10, description="How many hits.", ge=1, le=MOST_HITS, examples=[5])
OFFSET: Any = Field(0, description="How many of the best hits to skip.", ge=0, le=DEEPEST_OFFSET, examples=[0])
AS_OF: Any = Field(
    None,
    description='When the question is asked: "last week" and age are counted from here. Now if not given.',
    examples=["2025-01-20"],
)
MODE: Any = Field(
    "hybrid", description="Search by meaning and words, by meaning (dense), or by words (lexical).", examples=["hybrid"]
)
GROUP: Any = Field(
    "story",
    description="Fold hits that tell the same story or that stand in one article, or fold nothing.",
    examples=["story"],
)
RERANK: Any = Field(
    None, description="Read the best hits again: better and slower. On in hybrid mode if not given.", examples=[False]
)
FUSION: Any = Field(
    "minmax",
    description="How meaning and words are joined: by normalised scores (minmax) or by ranks (rrf).",
    examples=["minmax"],
)
QUOTE: Any = Field(
    "passage", description="Cite the whole passage, or only the sentence that answers.", examples=["passage"]
)
EXPLAIN: Any = Field(False, description="Tell what every stage said of every hit.", examples=[False])


class SearchIn(Shape):
    """A question and how to answer it."""

    query: str = QUERY
    operators: bool = OPERATORS
    limit: StrictInt = LIMIT
    offset: StrictInt = OFFSET
    as_of: Moment | None = AS_OF
    mode: Mode = MODE
    filters: FiltersIn = Field(FiltersIn(), description="Which articles may answer.", examples=[{"languages": ["en"]}])
    recency: RecencyIn | None = Field(
        None, description="Prefer newer articles; age plays no part if not given.", examples=[{"half_life_days": 30}]
    )
    rerank: bool | None = RERANK
    group: Group = GROUP
    fusion: Fusion = FUSION
    quote: Quote = QUOTE
    explain: bool = EXPLAIN

    def to_query(self) -> Query:
        """The query; raises InvalidQuery where the schema cannot say what is wrong."""
        recency = Recency(self.recency.half_life_days, self.recency.as_of) if self.recency else None
        return Query(
            text=self.query,
            operators=self.operators,
            limit=self.limit,
            offset=self.offset,
            as_of=self.as_of,
            mode=self.mode,
            filters=self.filters.filters(),
            recency=recency,
            rerank=self.rerank,
            group=self.group,
            fusion=self.fusion,
            quote=self.quote,
            explain=self.explain,
        )


class FilterParameters(Shape):
    """Which articles, as parameters of an address. Lists are given by repeating a name."""

    source: Names = Field([], description="Only from this outlet; may be repeated.", examples=[["Harbour Gazette"]])
    language: Names = Field([], description="Only in this language; may be repeated.", examples=[["en"]])
    tag: Names = Field([], description="Only with this tag; may be repeated.", examples=[["defence"]])
    author: Names = Field([], description="Only by this author; may be repeated.", examples=[["Mara Lindqvist"]])
    article_id: Names = Field([], description="Only from this article; may be repeated.", examples=[[EXAMPLE_ARTICLE]])
    published_after: Moment | None = Field(None, description="Published then or later.", examples=["2025-01-01"])
    published_before: Moment | None = Field(None, description="Published before then.", examples=["2025-02-01"])
    collection: str | None = Field(None, **ABOUT_COLLECTION)

    def filters(self) -> Filters:
        """The library's filters."""
        return Filters(
            sources=tuple(self.source),
            languages=tuple(self.language),
            tags=tuple(self.tag),
            authors=tuple(self.author),
            article_ids=tuple(self.article_id),
            published_after=self.published_after,
            published_before=self.published_before,
        )


class SearchParameters(FilterParameters):
    """The same question as parameters of an address, for a browser or curl. Lists are given by repeating a name."""

    q: str = QUERY
    operators: bool = OPERATORS
    limit: int = LIMIT
    offset: int = OFFSET
    mode: Mode = MODE
    group: Group = GROUP
    rerank: bool | None = RERANK
    fusion: Fusion = FUSION
    quote: Quote = QUOTE
    explain: bool = EXPLAIN
    half_life_days: float | None = Field(
        None, description="Prefer newer articles, by this half-life.", gt=0, le=36_500, examples=[30]
    )
    as_of: Moment | None = AS_OF

    def to_query(self) -> Query:
        """The query; raises InvalidQuery where the schema cannot say what is wrong. Which collection is asked is not
        part of it."""
        recency = Recency(self.half_life_days) if self.half_life_days else None
        return Query(
            text=self.q,
            operators=self.operators,
            limit=self.limit,
            offset=self.offset,
            as_of=self.as_of,
            mode=self.mode,
            filters=self.filters(),
            recency=recency,
            rerank=self.rerank,
            group=self.group,
            fusion=self.fusion,
            quote=self.quote,
            explain=self.explain,
        )
