"""What the page of the library shows: how much there is, over time, by outlet and by language, and the articles.

Makes data for `templates/library.html`; writes no HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.page.address import Address, article_path
from api.page.charts import Timeline, shares, timeline
from api.page.languages import language_name
from api.service import Service
from index.articles.article import Article
from index.library.contract import Facet, Filters, Status

SHOWN_BARS = 12
SHOWN_ARTICLES = 50
MOST_MONTHS = 1_200


@dataclass(frozen=True, slots=True)
class Share:
    """A value with the number of its articles, the length of its bar (100 is the longest), and a search in it."""

    label: str
    articles: int
    length: float
    target: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """The library; `articles` is one page of them, each with its own page's address."""

    status: Status
    model: str | None
    timeline: Timeline
    sources: Sequence[Share]
    languages: Sequence[Share]
    articles: Sequence[tuple[Article, str]]
    following: str | None


def library_view(service: Service, address: Address, cursor: str | None) -> Holdings:
    """The library, with the page of articles that begins at a cursor.

    Raises:
        InvalidInput: the cursor was not made by Pincite.
    """
    kept = address.kept()
    articles, following = service.articles(cursor, SHOWN_ARTICLES)
    with service.library.snapshot() as snapshot:
        everything = Filters()
        months = snapshot.facets("month", everything, MOST_MONTHS)
        sources = snapshot.facets("source", everything, SHOWN_BARS)
        languages = snapshot.facets("language", everything, SHOWN_BARS)
    return Holdings(
        status=service.status(),
        model=service.model,
        timeline=timeline(months),
        sources=_shares("source", sources, kept),
        languages=_shares("language", languages, kept),
        articles=[(one, kept.at(article_path(one.id))) for one in articles],
        following=Address((*kept.pairs, ("cursor", following))).at("/library") if following else None,
    )


def _shares(name: str, facets: Sequence[Facet], kept: Address) -> list[Share]:
    return [
        Share(
            language_name(facet.value) if name == "language" else facet.value,
            facet.articles,
            length,
            kept.toggled(name, facet.value).at("/"),
        )
        for facet, length in shares(facets)
    ]
