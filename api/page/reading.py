"""What the page of an article shows: its text with the cited place marked, what is known of it, and its neighbours.

Makes data for `templates/article.html`; writes no HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.page.address import Address
from api.page.answers import Answers
from api.page.languages import language_name
from api.page.passages import Block, blocks, target_of
from api.page.searching import target
from api.page.words import day
from api.service import Service
from index.articles.article import Article
from index.embedding.contract import Span
from index.errors import InvalidInput
from search.answer import Answer, Citation, Hit
from search.cite import cite
from search.references import MEDIA_TYPES, Format, written
from search.verify import Verdict

FORMATS: Mapping[Format, str] = {
    "plain": "Plain text",
    "markdown": "Markdown",
    "bibtex": "BibTeX",
    "csl-json": "CSL-JSON (Zotero)",
    "annotation": "W3C annotation",
}
_OWN = frozenset(("provenance",))


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of an article, its value, and where that was found."""

    name: str
    value: str
    place: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a cited quote still stands."""

    verdict: Verdict
    cited_revision: str
    revision: str | None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The hits before and after this one in the search that led here; `place` counts from 1."""

    place: int
    number: int
    before: str | None
    following: str | None
    back: str


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as it is shown; `target` is the block, and the piece in it, that the address leads to."""

    article: Article
    blocks: Sequence[Block]
    target: tuple[int, int] | None
    facts: Sequence[Fact]
    citation: Citation | None
    references: Sequence[tuple[Format, str, str]]
    standing: Standing | None
    neighbours: Neighbours | None


def article_view(service: Service, article_id: str, address: Address, answers: Answers) -> Reading:
    """An article with the place that the address names.

    Raises:
        ArticleNotFound: there is no such article.
        InvalidCitation, InvalidInput: the address names no place.
    """
    article = service.article(article_id)
    citation, standing = _cited(service, article, address)
    answer = _answer(service, address, answers)
    hit = _hit(answer, address.get("cite"))
    sentence = hit.highlights[0] if hit and hit.highlights and standing and standing.verdict == "unchanged" else None
    span = Span(citation.start, citation.end) if citation else None
    shown = blocks(article, span, sentence)
    return Reading(
        article=article,
        blocks=shown,
        target=target_of(shown),
        facts=facts(article),
        citation=citation,
        references=[(form, FORMATS[form], written(citation, form)) for form in MEDIA_TYPES] if citation else [],
        standing=standing,
        neighbours=_neighbours(answer, hit, address) if answer and hit else None,
    )


def facts(article: Article) -> list[Fact]:
    """What is known of an article, field by field, each with the place that it was found in."""
    provenance = article.metadata.get("provenance")
    places = provenance if isinstance(provenance, dict) else {}
    fields = {
        "Outlet": ("source", article.source),
        "Author": ("author", article.author),
        "Published": ("published", day(article.published)),
        "Language": ("language", language_name(article.language) if article.language else None),
        "Address": ("url", article.url),
        "Tags": ("tags", ", ".join(article.tags)),
    }
    found = [Fact(name, value, str(places.get(key, ""))) for name, (key, value) in fields.items() if value]
    rest = [(key, value) for key, value in article.metadata.items() if key not in _OWN and value not in ("", None)]
    return found + [Fact(key.replace("_", " "), str(value), str(places.get(key, ""))) for key, value in rest]


def _cited(service: Service, article: Article, address: Address) -> tuple[Citation | None, Standing | None]:
    """The citation as it stands now, and what became of it."""
    if citation_id := address.get("cite"):
        check = service.check(citation_id)
        if check.reference.article_id != article.id:
            raise InvalidInput("This citation is of another article.", field="cite")
        return check.citation, Standing(check.status, check.reference.revision, check.revision)
    if (start := address.get("start")) and (end := address.get("end")):
        return cite(article, *_span(article, start, end)), None
    return None, None


def _span(article: Article, start: str, end: str) -> Span:
    try:
        span = Span(int(start), int(end))
    except ValueError as error:
        raise InvalidInput("start and end are numbers of characters.", field="start") from error
    if not 0 <= span.start < span.end <= len(article.text):
        message = f"There is no text from {span.start} to {span.end}; the article has {len(article.text):,} characters."
        raise InvalidInput(message, field="start")
    return span


def _answer(service: Service, address: Address, answers: Answers) -> Answer | None:
    """The answer of the search that the address carries."""
    parameters = address.parameters()
    return answers.get(service, parameters.to_query()) if parameters.q.strip() else None


def _hit(answer: Answer | None, citation_id: str) -> Hit | None:
    return next((hit for hit in answer.hits if hit.citation.id == citation_id), None) if answer else None


def _neighbours(answer: Answer, hit: Hit, address: Address) -> Neighbours:
    at = answer.hits.index(hit)
    return Neighbours(
        place=hit.rank,
        number=answer.query.offset + len(answer.hits),
        before=target(answer.hits[at - 1].citation, address) if at else None,
        following=target(answer.hits[at + 1].citation, address) if at + 1 < len(answer.hits) else None,
        back=f"{address.search().at('/')}#hit-{hit.rank}",
    )
