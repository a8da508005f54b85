"""What the tools take and give, as pydantic models: their schemas are what a host shows to its model.

Results are leaner than over HTTP, because a model reads all of them. Knows no protocol.
"""

from __future__ import annotations

from typing import Any, Self
from urllib.parse import quote

from pydantic import Field

from api.wire.answers import StageOut
from api.wire.common import EXAMPLE_CITATION, EXAMPLE_QUESTION, Shape
from index.articles.article import Article
from index.library.contract import Facet
from search.answer import Answer, Citation, Hit
from search.explain import stages
from search.query import LONGEST_QUESTION

RESOURCES = "pincite://articles/"
"""What the addresses of articles as resources begin with; the percent-encoded id follows."""

MOST_TEXT = 100_000
"""How much of an article is handed to a model at once, in code points."""


def address(article_id: str, url: str | None, deep_link: str | None = None) -> str:
    """Where a person can look: the page at the quote, the page, or the address of the resource of an article that came
    from no page."""
    from_page = deep_link or url
    return from_page or resource_uri(article_id)


def resource_uri(article_id: str) -> str:
    """The address of an article as a resource of this server."""
    return f"{RESOURCES}{quote(article_id, safe='')}"


class QuestionIn(Shape):
    """What `search` takes."""

    query: str = Field(
        description='The question, in plain words. A "quoted phrase" must occur, -word must not; source:, author:, '
        "tag:, lang:, after: and before: narrow it down.",
        min_length=1,
        max_length=LONGEST_QUESTION,
        examples=[EXAMPLE_QUESTION],
    )


class FoundOut(Shape):
    """One result of `search`."""

    id: str = Field(description="For `fetch` and `get_citation`.", examples=[EXAMPLE_CITATION])
    title: str = Field(description="The article's title and outlet.", examples=["Harbour bridge to close"])
    url: str = Field(description="Opens the page at the quote.", examples=["https://gazette.example/bridge"])


class ResultsOut(Shape):
    """What `search` gives."""

    results: list[FoundOut] = Field(description="Best first.")

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """The results of an answer."""
        cited = [hit.citation for hit in answer.hits]
        return cls(results=[FoundOut(id=one.id, title=_title(one), url=_url(one)) for one in cited])


class NamedIn(Shape):
    """What `fetch` takes."""

    id: str = Field(description="From `search` or `search_passages`, or an article's id.", examples=[EXAMPLE_CITATION])


class DocumentOut(Shape):
    """What `fetch` gives."""

    id: str = Field(description="The id that was asked for.")
    title: str = Field(description="The article's title.")
    text: str = Field(description="The article's text.")
    url: str = Field(description="For citing it.")
    metadata: dict[str, Any] = Field(
        description="Where it comes from and, for a citation, the quote with its place in the article's text."
    )

    @classmethod
    def of(cls, asked: str, article: Article, citation: Citation | None) -> Self:
        """An article, with the quote that was asked for, if any. Of a very long one, what stands around the quote."""
        first = max(0, min(citation.start - MOST_TEXT // 2, len(article.text) - MOST_TEXT)) if citation else 0
        last = min(len(article.text), first + MOST_TEXT)
        link = citation.deep_link if citation else None
        return cls(
            id=asked,
            title=article.title or article.id,
            text=article.text[first:last],
            url=address(article.id, article.url, link),
            metadata=_facts(article) | _quoted(citation) | _part(article, first, last),
        )


class CitedOut(Shape):
    """The same report in another article."""

    id: str = Field(description="Citation id.")
    title: str | None = Field(description="The article's title.")
    source: str | None = Field(description="The outlet.")
    published: str | None = Field(description="When.")
    url: str = Field(description="Opens the page at the quote.")


class PassageOut(CitedOut):
    """One result of `search_passages`: text, and all that a citation needs."""

    rank: int = Field(description="From 1.")
    score: float = Field(description="0..1, higher is better.")
    text: str = Field(description="The passage: the article's text from start to end.")
    author: str | None = Field(description="The author or authors.")
    quote: str = Field(description="The quoted text.")
    start: int = Field(description="First code point of the quote in the article's text.")
    end: int = Field(description="One past its last code point.")
    article_id: str = Field(description="The article.")
    also_reported_by: list[CitedOut] = Field(description="The same story in other articles.")
    explain: list[StageOut] | None = Field(None, description="What every stage said, where that was asked for.")

    @classmethod
    def of(cls, hit: Hit, *, explain: bool) -> Self:
        """One hit."""
        cited = hit.citation
        return cls(
            **_cited(cited),
            rank=hit.rank,
            score=hit.score,
            text=hit.passage.text,
            author=cited.author,
            quote=cited.quote,
            start=cited.start,
            end=cited.end,
            article_id=cited.article_id,
            also_reported_by=[CitedOut(**_cited(other)) for other in hit.also_reported_by],
            explain=[StageOut.model_validate(stage) for stage in stages(hit)] if explain else None,
        )


class PassagesOut(Shape):
    """What `search_passages` gives."""

    answerable: float = Field(description="How sure it is that the library has an answer at all, 0..1.")
    passages: list[PassageOut] = Field(description="Best first.")

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """The passages of an answer."""
        explain = answer.query.explain
        return cls(answerable=answer.answerable, passages=[PassageOut.of(hit, explain=explain) for hit in answer.hits])


class CitationIn(Shape):
    """What `get_citation` takes."""

    id: str = Field(description="A citation id.", examples=[EXAMPLE_CITATION])


class SourcesIn(Shape):
    """What `list_sources` takes."""

    limit: int = Field(50, description="How many values of each kind.", ge=1, le=1_000, examples=[50])


class CountOut(Shape):
    """A value and how many articles have it."""

    name: str = Field(description="The value, as filters take it.")
    articles: int = Field(description="How many articles.")

    @classmethod
    def of(cls, facet: Facet) -> Self:
        """One counted value."""
        return cls(name=facet.value, articles=facet.articles)


class SourcesOut(Shape):
    """What `list_sources` gives: what the library holds, the commonest first."""

    articles: int = Field(description="How many articles there are.")
    passages: int = Field(description="How many passages.")
    sources: list[CountOut] = Field(description="Outlets.")
    languages: list[CountOut] = Field(description="Language codes.")
    authors: list[CountOut] = Field(description="Authors.")
    tags: list[CountOut] = Field(description="Tags.")
    months: list[CountOut] = Field(description="Months of publication, newest first.")


def _title(cited: Citation) -> str:
    return " · ".join(part for part in (cited.title or cited.article_id, cited.source) if part)


def _url(cited: Citation) -> str:
    return address(cited.article_id, cited.url, cited.deep_link)


def _cited(cited: Citation) -> dict[str, Any]:
    return {
        "id": cited.id,
        "title": cited.title,
        "source": cited.source,
        "published": cited.published,
        "url": _url(cited),
    }


def _facts(article: Article) -> dict[str, Any]:
    facts = {
        "article_id": article.id,
        "revision": article.revision,
        "source": article.source,
        "author": article.author,
        "published": article.published,
        "language": article.language,
        "tags": list(article.tags),
        "article_url": article.url,
    }
    return {name: value for name, value in facts.items() if value}


def _quoted(citation: Citation | None) -> dict[str, Any]:
    if citation is None:
        return {}
    return {"citation_id": citation.id, "quote": citation.quote, "start": citation.start, "end": citation.end}


def _part(article: Article, first: int, last: int) -> dict[str, Any]:
    whole = first == 0 and last == len(article.text)
    return {} if whole else {"text_start": first, "text_end": last, "text_length": len(article.text)}
