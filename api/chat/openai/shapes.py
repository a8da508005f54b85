"""The shapes of vector stores, as the `openai` client sends and reads them; unknown fields are refused."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, field_validator

from api.chat.conditions import Comparison
from api.chat.openai.attributes import Attribute, file_id, of_article, of_citation
from api.wire.common import EXAMPLE_QUESTION, Shape
from index.articles.article import Article
from index.library.contract import Status
from search.answer import Hit
from search.query import LONGEST_QUESTION

MOST_FILTERS = 100
EXAMPLE_FILE = "file-YXJ0aWNsZXMvaGFyYm91ci1icmlkZ2UudHh0"

Question = Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION)]
Scalar = StrictBool | StrictInt | StrictFloat | StrictStr


class ComparisonIn(Shape):
    """One comparison."""

    type: Comparison = Field(description="How to compare.", examples=["eq"])
    key: str = Field(
        description="source, language, author, tag, article_id or published.", max_length=64, examples=["source"]
    )
    value: Scalar | list[Scalar] = Field(
        description="What to compare with: a text; for published a date, a date and time, or seconds since 1970; a "
        "list for in and nin.",
        examples=["Harbour Gazette"],
    )


class CompoundIn(Shape):
    """Several conditions together."""

    type: Literal["and", "or"] = Field(description="Whether all must hold, or one.", examples=["and"])
    filters: list[ComparisonIn | CompoundIn] = Field(
        description="The conditions, nested as deep as 8.",
        min_length=1,
        max_length=MOST_FILTERS,
        examples=[[{"type": "eq", "key": "language", "value": "en"}]],
    )


class RankingIn(Shape):
    """How to rank."""

    ranker: Literal["none", "auto", "default-2024-11-15"] = Field(
        "auto", description="none: the best hits are not read again.", examples=["auto"]
    )
    score_threshold: float = Field(0.0, description="The least score of a result.", ge=0, le=1, examples=[0.5])


class StoreSearchIn(Shape):
    """A search in a vector store."""

    query: Question | Annotated[list[Question], Field(min_length=1, max_length=8)] = Field(
        description="The question in plain words, or several that are joined.", examples=[EXAMPLE_QUESTION]
    )
    rewrite_query: StrictBool = Field(
        False, description="Accepted and without effect: questions are searched as they stand.", examples=[False]
    )
    max_num_results: StrictInt = Field(10, description="How many results.", ge=1, le=50, examples=[10])
    filters: ComparisonIn | CompoundIn | None = Field(
        None,
        description="Which articles may answer.",
        examples=[{"type": "eq", "key": "language", "value": "en"}],
    )
    ranking_options: RankingIn | None = Field(
        None, description="How to rank, and what to leave out.", examples=[{"score_threshold": 0.5}]
    )

    def questions(self) -> list[str]:
        """The questions, in order, each once."""
        return list(dict.fromkeys([self.query] if isinstance(self.query, str) else self.query))


class TextOut(Shape):
    """A stretch of text."""

    type: Literal["text"] = Field("text", description="Kind.", examples=["text"])
    text: str = Field(description="The text.", examples=["The bridge will close for nine weeks."])


class ResultOut(Shape):
    """A passage that was found."""

    file_id: str = Field(description="The article, as a file.", examples=[EXAMPLE_FILE])
    filename: str = Field(description="The article's title, or its id.", examples=["Harbour bridge to close"])
    score: float = Field(description="0..1, higher is better.", examples=[0.87])
    attributes: dict[str, Attribute] = Field(
        description="The citation and the article's facts: citation_id, start, end, deep_link, title, source …",
        examples=[{"source": "Harbour Gazette", "start": 120, "end": 157}],
    )
    content: list[TextOut] = Field(
        description="The passage.", examples=[[{"type": "text", "text": "The bridge will close."}]]
    )

    @classmethod
    def of(cls, hit: Hit, article: Article | None) -> Self:
        """A hit as a result; `article` is None where it was deleted meanwhile."""
        return cls(
            file_id=file_id(hit.citation.article_id),
            filename=hit.citation.title or hit.citation.article_id,
            score=hit.score,
            attributes=of_citation(hit.citation, article),
            content=[TextOut(text=hit.passage.text)],
        )


class ResultsOut(Shape):
    """The results of a search, all of them on one page."""

    object: Literal["vector_store.search_results.page"] = Field(
        "vector_store.search_results.page", description="Kind.", examples=["vector_store.search_results.page"]
    )
    search_query: list[str] = Field(description="What was searched.", examples=[[EXAMPLE_QUESTION]])
    data: list[ResultOut] = Field(description="Best first.", examples=[[{"file_id": EXAMPLE_FILE, "score": 0.87}]])
    has_more: Literal[False] = Field(False, description="There is one page.", examples=[False])
    next_page: None = Field(None, description="There is one page.", examples=[None])


class PageParameters(Shape):
    """Which page of a list is wanted."""

    after: str | None = Field(None, description="The last id of the page before.", examples=[EXAMPLE_FILE])
    before: str | None = Field(None, description="Refused: pages go forward only.", examples=[EXAMPLE_FILE])
    limit: int = Field(20, description="How many.", ge=1, le=100, examples=[20])
    order: Literal["asc", "desc"] = Field(
        "desc", description="By creation, which is not recorded: without effect.", examples=["asc"]
    )

    @field_validator("before")
    @classmethod
    def _forward(cls, before: str | None) -> str | None:
        if before is not None:
            raise ValueError("pages go forward only: use after, with the last id of the page before")
        return before


class FilePageParameters(PageParameters):
    """Which page of a vector store's files is wanted."""

    filter: Literal["in_progress", "completed", "failed", "cancelled"] = Field(
        "completed", description="Articles are completed, always.", examples=["completed"]
    )


class FileCountsOut(Shape):
    """How many files are in which state; articles are there or not."""

    completed: int = Field(description="Articles.", examples=[18])
    total: int = Field(description="The same.", examples=[18])
    in_progress: int = Field(0, description="None.", examples=[0])
    failed: int = Field(0, description="None.", examples=[0])
    cancelled: int = Field(0, description="None.", examples=[0])


class StoreOut(Shape):
    """A collection as a vector store."""

    id: str = Field(description="The collection's name.", examples=["default"])
    object: Literal["vector_store"] = Field("vector_store", description="Kind.", examples=["vector_store"])
    name: str = Field(description="The same name.", examples=["default"])
    created_at: int = Field(0, description="Not recorded: 0.", examples=[0])
    usage_bytes: int = Field(0, description="Not counted: 0.", examples=[0])
    status: Literal["completed"] = Field("completed", description="Ready.", examples=["completed"])
    file_counts: FileCountsOut = Field(description="Articles.", examples=[{"completed": 18, "total": 18}])
    metadata: dict[str, str] = Field(
        description="passages, generation, model.", examples=[{"passages": "64", "model": "multilingual-e5-small"}]
    )

    @classmethod
    def of(cls, name: str, status: Status, model: str | None) -> Self:
        """A collection with its status."""
        counts = FileCountsOut(completed=status.articles, total=status.articles)
        metadata = {"passages": str(status.passages), "generation": str(status.generation)}
        metadata |= {"model": model} if model else {}
        return cls(id=name, name=name, file_counts=counts, metadata=metadata)


class StoresOut(Shape):
    """A page of vector stores."""

    object: Literal["list"] = Field("list", description="Kind.", examples=["list"])
    data: list[StoreOut] = Field(description="By name.", examples=[[{"id": "default"}]])
    first_id: str | None = Field(description="Of the page.", examples=["default"])
    last_id: str | None = Field(description="Of the page; `after` of the next one.", examples=["default"])
    has_more: bool = Field(description="Whether there is another page.", examples=[False])


class FileOut(Shape):
    """An article as a file of a vector store."""

    id: str = Field(description="For addresses.", examples=[EXAMPLE_FILE])
    object: Literal["vector_store.file"] = Field(
        "vector_store.file", description="Kind.", examples=["vector_store.file"]
    )
    vector_store_id: str = Field(description="The collection.", examples=["default"])
    created_at: int = Field(0, description="Not recorded: 0.", examples=[0])
    usage_bytes: int = Field(0, description="Not counted: 0.", examples=[0])
    status: Literal["completed"] = Field("completed", description="It can be found.", examples=["completed"])
    last_error: None = Field(None, description="None.", examples=[None])
    attributes: dict[str, Attribute] = Field(
        description="The article's facts.", examples=[{"source": "Harbour Gazette"}]
    )

    @classmethod
    def of(cls, store: str, article: Article) -> Self:
        """An article of a collection."""
        return cls(id=file_id(article.id), vector_store_id=store, attributes=of_article(article))


class FilesOut(Shape):
    """A page of files."""

    object: Literal["list"] = Field("list", description="Kind.", examples=["list"])
    data: list[FileOut] = Field(description="By the articles' ids.", examples=[[{"id": EXAMPLE_FILE}]])
    first_id: str | None = Field(description="Of the page.", examples=[EXAMPLE_FILE])
    last_id: str | None = Field(description="Of the page; `after` of the next one.", examples=[EXAMPLE_FILE])
    has_more: bool = Field(description="Whether there is another page.", examples=[False])


class ContentOut(Shape):
    """The text of a file."""

    object: Literal["vector_store.file_content.page"] = Field(
        "vector_store.file_content.page", description="Kind.", examples=["vector_store.file_content.page"]
    )
    data: list[TextOut] = Field(
        description="The article's whole text; all offsets refer to it.", examples=[[{"type": "text", "text": "…"}]]
    )
    has_more: Literal[False] = Field(False, description="There is one page.", examples=[False])
    next_page: None = Field(None, description="There is one page.", examples=[None])
