"""Articles as they are sent and received, what became of them, and the state of the library."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from api.wire.common import EXAMPLE_ARTICLE, Shape
from index.articles.article import Article
from index.embedding.hardware import Hardware
from index.ingest import model_name
from index.library.contract import Beside, Status


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
    passages: int = Field(0, description="How many passages were stored for it.", examples=[3])
    error: dict[str, Any] | None = Field(
        None, description="Why it was rejected.", examples=[{"code": "invalid_article", "message": "…", "detail": {}}]
    )


class FatesOut(Shape):
    """What became of every article that was sent."""

    results: list[FateOut] = Field(description="One an item, in order.", examples=[[{"index": 0, "status": "added"}]])
    counts: dict[str, int] = Field(description="How many had which status.", examples=[{"added": 1}])
    generation: int = Field(description="The library's generation after it.", examples=[2])
    passages_without_vectors: int = Field(
        description="How many passages only words can find yet. Up to 64 passages have their vectors when they are "
        "told of; those of more come in the background.",
        examples=[0],
    )


class DeletedOut(Shape):
    """An article is gone."""

    id: str = Field(description="The article's id.", examples=[EXAMPLE_ARTICLE])
    deleted: Literal[True] = Field(True, description="Always true.", examples=[True])
    generation: int = Field(description="The library's generation after it.", examples=[3])


class BesideOut(Shape):
    """Vectors that are kept beside those in use."""

    model: str | None = Field(description="Whose they are.", examples=["all-MiniLM-L6-v2"])
    passages_without_vectors: int = Field(description="How many passages have none of them.", examples=[12])

    @classmethod
    def of(cls, beside: Beside) -> Self:
        """The wire shape of what is kept beside."""
        return cls(model=model_name(beside.fingerprint), passages_without_vectors=beside.passages_without_vectors)


class HardwareOut(Shape):
    """What a model runs on: chosen when it is loaded, or set."""

    device: Literal["cpu", "cuda"] = Field(description="Processor or graphics card.", examples=["cpu"])
    precision: Literal["float32", "bfloat16", "int8"] = Field(description="What it calculates in.", examples=["int8"])
    backend: Literal["torch", "openvino"] = Field(description="The library that runs it.", examples=["openvino"])


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
    passages_without_vectors: int = Field(
        description="How many passages only words can find yet, because their vectors are still to come.", examples=[0]
    )
    beside: BesideOut | None = Field(
        None,
        description="Vectors of another model that are kept beside, being made or from before.",
        examples=[{"model": "all-MiniLM-L6-v2", "passages_without_vectors": 12}],
    )
    hardware: HardwareOut | None = Field(
        None,
        description="What the embedding model runs on; null where the model was never fetched.",
        examples=[{"device": "cpu", "precision": "int8", "backend": "openvino"}],
    )

    @classmethod
    def of(cls, status: Status, model: str | None, hardware: Hardware | None) -> Self:
        """The wire shape of a library's status."""
        return cls(
            articles=status.articles,
            passages=status.passages,
            generation=status.generation,
            model=model,
            derived=dict(status.derived),
            languages=dict(status.languages),
            passages_without_vectors=status.passages_without_vectors,
            beside=BesideOut.of(status.beside) if status.beside else None,
            hardware=HardwareOut(**hardware._asdict()) if hardware else None,
        )


class HealthOut(Shape):
    """The process is alive, or ready to answer."""

    status: Literal["ok", "starting"] = Field(description="ok, or starting while the model loads.", examples=["ok"])
