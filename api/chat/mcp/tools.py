"""The tools: a table of names, what each takes and gives, and what it does with a service. Knows no protocol.

`search` and `fetch` are what ChatGPT asks of a server; the others say what they leave out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from api.chat.mcp.shapes import (
    CitationIn,
    CountOut,
    DocumentOut,
    NamedIn,
    PassagesOut,
    QuestionIn,
    ResultsOut,
    SourcesIn,
    SourcesOut,
)
from api.failures import invalid_input
from api.service import Service
from api.wire.answers import CheckOut
from api.wire.common import Shape
from api.wire.questions import SearchIn
from index.errors import ArticleNotFound, InvalidCitation
from index.library.contract import FacetField, Filters
from search.query import Query

EVERYTHING = Filters()
FIELDS: tuple[FacetField, ...] = get_args(FacetField)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: what it is called, takes and gives, and what it does. All of them only read."""

    name: str
    title: str
    description: str
    takes: type[Shape]
    gives: type[Shape]
    does: Callable[[Service, Any], BaseModel]

    def call(self, service: Service, arguments: Mapping[str, Any]) -> BaseModel:
        """The result for these arguments.

        Raises:
            InvalidInput: the arguments do not fit; the field is named.
            PinciteError: as the service does.
        """
        try:
            taken = self.takes.model_validate(arguments)
        except ValidationError as error:
            raise invalid_input([{**one, "loc": ("arguments", *one["loc"])} for one in error.errors()]) from error
        return self.does(service, taken)


def _search(service: Service, asked: QuestionIn) -> ResultsOut:
    return ResultsOut.of(service.search(Query(asked.query)))


def _fetch(service: Service, asked: NamedIn) -> DocumentOut:
    """An article by a citation's id or by its own."""
    try:
        check = service.check(asked.id)
    except InvalidCitation:
        return DocumentOut.of(asked.id, service.article(asked.id), None)
    if check.status == "gone":
        raise ArticleNotFound(f"The article {check.reference.article_id!r} is no longer in this library.")
    return DocumentOut.of(asked.id, service.article(check.reference.article_id), check.citation)


def _search_passages(service: Service, asked: SearchIn) -> PassagesOut:
    return PassagesOut.of(service.search(asked.to_query()))


def _get_citation(service: Service, asked: CitationIn) -> CheckOut:
    return CheckOut.of(service.check(asked.id))


def _list_sources(service: Service, asked: SourcesIn) -> SourcesOut:
    with service.library.snapshot() as snapshot:
        counted = {
            field: [CountOut.of(facet) for facet in snapshot.facets(field, EVERYTHING, asked.limit)] for field in FIELDS
        }
        articles, passages = snapshot.counts()
    return SourcesOut(
        articles=articles,
        passages=passages,
        sources=counted["source"],
        languages=counted["language"],
        authors=counted["author"],
        tags=counted["tag"],
        months=counted["month"],
    )


TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool(
            "search",
            "Search articles",
            "Search the articles of this library by meaning and by words. Gives the best matches, each with an id for "
            "`fetch` and a url that opens the page at the quote.",
            QuestionIn,
            ResultsOut,
            _search,
        ),
        Tool(
            "fetch",
            "Fetch an article",
            "Fetch the whole text of an article that `search` found, by the id that it gave.",
            NamedIn,
            DocumentOut,
            _fetch,
        ),
        Tool(
            "search_passages",
            "Search passages",
            "Search like `search`, with filters, dates and paging, and get the passages themselves with everything "
            "that a citation needs. `answerable` near 0 means that the library has no answer: then say so.",
            SearchIn,
            PassagesOut,
            _search_passages,
        ),
        Tool(
            "get_citation",
            "Check a citation",
            "Tell whether a quote that was cited still stands in its article: unchanged, moved, changed or gone.",
            CitationIn,
            CheckOut,
            _get_citation,
        ),
        Tool(
            "list_sources",
            "List sources",
            "List the outlets, languages, authors, tags and months of this library with their numbers of articles: "
            "the values that filters of `search_passages` take.",
            SourcesIn,
            SourcesOut,
            _list_sources,
        ),
    )
}
