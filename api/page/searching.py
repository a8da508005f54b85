"""What the page of a search shows: hits in words, filters with their numbers, and where every link leads.

Makes data for `templates/search.html`; writes no HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.page.address import Address, article_path, chosen
from api.page.answers import Answers
from api.page.languages import language_name
from api.page.passages import Piece, excerpt
from api.page.words import Judgement, doubtful, judgement
from api.service import Service
from index.library.contract import Facet, FacetField
from search.answer import Answer, Citation, Hit
from search.explain import Stage, stages

FACETS: tuple[tuple[FacetField, str], ...] = (("source", "Outlet"), ("language", "Language"), ("tag", "Tag"))
SHOWN_VALUES = 10


@dataclass(frozen=True, slots=True)
class Result:
    """A hit as it is shown; `target` opens the article at the quote, `also` are the same for other articles."""

    hit: Hit
    citation: Citation
    target: str
    pieces: Sequence[Piece]
    judgement: Judgement
    stages: Sequence[Stage]
    also: Sequence[tuple[Citation, str]]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that the search may be narrowed to; `target` chooses it, or takes the choice back."""

    name: str
    value: str
    label: str
    articles: int | None
    chosen: bool
    target: str


@dataclass(frozen=True, slots=True)
class Search:
    """A search with its results; without a question `answer` is None."""

    address: Address
    question: str
    answer: Answer | None
    results: Sequence[Result]
    choices: Sequence[tuple[str, Sequence[Choice]]]
    chosen: Sequence[Choice]
    doubtful: bool
    following: str | None
    before: str | None


def search_view(service: Service, address: Address, answers: Answers) -> Search:
    """The search that an address names.

    Raises:
        ValidationError, InvalidQuery: it names none that can be searched.
    """
    parameters = address.parameters()
    question = parameters.q.strip()
    answer = answers.get(service, parameters.to_query()) if question else None
    found = service.facets(question, parameters.filters(), [field for field, _ in FACETS], SHOWN_VALUES)
    return Search(
        address=address,
        question=parameters.q,
        answer=answer,
        results=[_result(hit, address) for hit in answer.hits] if answer else [],
        choices=[(title, _choices(field, found[field], address)) for field, title in FACETS],
        chosen=[_choice(name, value, None, address) for name, value in chosen(address)],
        doubtful=answer is not None and doubtful(answer),
        following=_page(address, parameters.offset + parameters.limit)
        if answer and len(answer.hits) == parameters.limit
        else None,
        before=_page(address, max(parameters.offset - parameters.limit, 0)) if parameters.offset else None,
    )


def target(citation: Citation, address: Address) -> str:
    """Opens an article at a citation, inside a search."""
    return f"{address.search().set(cite=citation.id).at(article_path(citation.article_id))}#cited"


def _result(hit: Hit, address: Address) -> Result:
    return Result(
        hit=hit,
        citation=hit.citation,
        target=target(hit.citation, address),
        pieces=excerpt(hit.passage.text, hit.passage.start, hit.highlights, skip=_title_length(hit)),
        judgement=judgement(hit.score),
        stages=stages(hit),
        also=[(other, target(other, address)) for other in hit.also_reported_by],
    )


def _title_length(hit: Hit) -> int:
    """How much of a passage only says the title again, which stands above it already."""
    title, text = hit.citation.title, hit.passage.text
    first = text.split("\n", maxsplit=1)[0]
    return len(first) if title and first.strip() == title else 0


def _choices(field: FacetField, facets: Sequence[Facet], address: Address) -> list[Choice]:
    """The counted values, and after them those that are chosen though nothing has them."""
    counted = [_choice(field, facet.value, facet.articles, address) for facet in facets]
    known = {choice.value.casefold() for choice in counted}
    rest = [value for value in address.all(field) if value.casefold() not in known]
    return counted + [_choice(field, value, 0, address) for value in dict.fromkeys(rest)]


def _choice(name: str, value: str, articles: int | None, address: Address) -> Choice:
    label = language_name(value) if name == "language" else value
    return Choice(name, value, label, articles, address.has(name, value), address.toggled(name, value).at("/"))


def _page(address: Address, offset: int) -> str:
    return address.set(offset=str(offset) if offset else None).at("/")
