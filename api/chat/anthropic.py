"""Answers as the search result blocks of Anthropic's API, which Claude cites from.

Claude cites whole text blocks of a result, so there is one for every sentence, and they follow one another without a
gap: the blocks from `start_block_index` up to `end_block_index` (exclusive) of a citation are the article's text from
the first one's start to the last one's end. `places` holds those offsets, result by result and block by block.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Literal, Self
from urllib.parse import quote

from pydantic import Field

from api.service import Service
from api.wire.answers import SpanOut
from api.wire.common import EXAMPLE_ARTICLE, EXAMPLE_CITATION, Shape
from index.embedding.contract import Span
from search.answer import Answer, Citation, Hit
from search.highlight import sentences_of

EXAMPLE_BLOCK = {"type": "text", "text": "The bridge will close for nine weeks."}


class TextBlockOut(Shape):
    """A sentence."""

    type: Literal["text"] = Field("text", description="Kind.", examples=["text"])
    text: str = Field(description="The sentence, with the white space after it.", examples=[EXAMPLE_BLOCK["text"]])


class CitationsOut(Shape):
    """Whether Claude cites."""

    enabled: Literal[True] = Field(True, description="It does.", examples=[True])


class SearchResultOut(Shape):
    """A passage as a search result block."""

    type: Literal["search_result"] = Field("search_result", description="Kind.", examples=["search_result"])
    source: str = Field(description="Opens the page at the quote.", examples=["https://gazette.example/bridge"])
    title: str = Field(description="The article's title, or its id.", examples=["Harbour bridge to close"])
    content: list[TextBlockOut] = Field(description="One block a sentence.", examples=[[EXAMPLE_BLOCK]])
    citations: CitationsOut = Field(CitationsOut(enabled=True), description="On.", examples=[{"enabled": True}])


class PlaceOut(Shape):
    """Where a result's blocks stand."""

    citation_id: str = Field(description="For /v1/citations.", examples=[EXAMPLE_CITATION])
    article_id: str = Field(description="The article.", examples=[EXAMPLE_ARTICLE])
    revision: str = Field(description="Hash of the article's text.", examples=["0f3a5c7e9b1d2f40"])
    blocks: list[SpanOut] = Field(
        description="For each block, its place in the article's text.", examples=[[{"start": 120, "end": 157}]]
    )


class AnthropicOut(Shape):
    """Search result blocks for a message or a tool's result, and where they stand."""

    answerable: float = Field(description="How sure it is that the library has an answer, 0..1.", examples=[0.91])
    content: list[SearchResultOut] = Field(
        description="Best first: the content of a tool_result, or of a user's message.",
        examples=[[{"type": "search_result"}]],
    )
    places: list[PlaceOut] = Field(
        description="For each result, by search_result_index.", examples=[[{"article_id": EXAMPLE_ARTICLE}]]
    )

    @classmethod
    def of(cls, answer: Answer, service: Service) -> Self:
        """An answer as blocks, sentences read in each article's language."""
        with service.library.snapshot() as snapshot:
            articles = {hit.citation.article_id: snapshot.article(hit.citation.article_id) for hit in answer.hits}
        languages = {name: article.language if article else None for name, article in articles.items()}
        spans = [blocks(hit, languages) for hit in answer.hits]
        return cls(
            answerable=answer.answerable,
            content=[_result(hit, found) for hit, found in zip(answer.hits, spans, strict=True)],
            places=[_place(hit.citation, found) for hit, found in zip(answer.hits, spans, strict=True)],
        )


def blocks(hit: Hit, languages: Mapping[str, str | None]) -> list[Span]:
    """The passage in stretches of one sentence each, white space with the one before it, without a gap."""
    passage = hit.passage
    found = sentences_of(passage, languages[passage.article_id])
    starts = [passage.start, *(sentence.span.start for sentence in found[1:]), passage.end]
    return [Span(start, end) for start, end in pairwise(starts)]


def _result(hit: Hit, spans: list[Span]) -> SearchResultOut:
    cited, first = hit.citation, hit.passage.start
    texts = [hit.passage.text[start - first : end - first] for start, end in spans]
    source = cited.deep_link or cited.url or f"pincite://articles/{quote(cited.article_id, safe='')}"
    return SearchResultOut(
        source=source,
        title=cited.title or cited.article_id,
        content=[TextBlockOut(text=text) for text in texts],
    )


def _place(cited: Citation, spans: list[Span]) -> PlaceOut:
    return PlaceOut(
        citation_id=cited.id,
        article_id=cited.article_id,
        revision=cited.revision,
        blocks=[SpanOut(start=start, end=end) for start, end in spans],
    )
