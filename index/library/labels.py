"""What a filter means, the same for every library: the labels an article carries and those that a filter wants.

Each text filter is a set of labels, a label being a kind and a caseless value. An article passes when it has at least
one wanted label of every kind asked for. Dates are compared as whole microseconds of UTC, phrases as words in a row.
How all of these are stored and searched is each engine's own affair.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from index.articles.article import Article
from index.library.analysis import spelt
from index.library.contract import Filters

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ALWAYS = (-(2**62), 2**62)
"""Two instants that every date lies between."""

Phrase = tuple[str, ...]
"""Words as `analysis.spelt` gives them, which must stand in this order and side by side."""


class Label(NamedTuple):
    """One thing that an article can be filtered by, such as ``Label("source", "reuters")``."""

    kind: str
    value: str


def caseless(text: str) -> str:
    """`text` as it is compared without regard to case. The Turkish dotted and dotless i count as one letter, because
    each of them is the other case of some i."""
    return text.casefold().replace("i\u0307", "i").replace("\u0131", "i")


def labels_of(article: Article) -> frozenset[Label]:
    """All labels of an article: its id (exact), source, language, tags and each of its authors (caseless)."""
    found = {Label("id", article.id)}
    if article.source is not None:
        found.add(Label("source", caseless(article.source)))
    if article.language is not None:
        found.add(Label("language", caseless(article.language)))
    found.update(Label("tag", caseless(tag)) for tag in article.tags)
    names = (article.author or "").split(";")
    found.update(Label("author", caseless(name.strip())) for name in names if name.strip())
    return frozenset(found)


def wanted_labels(filters: Filters) -> list[list[Label]]:
    """One list of alternatives for each text field that is given; an article must have one label of every list."""
    lists = [alternatives for part in filters.parts() for alternatives in _alternatives(part)]
    return list({tuple(alternatives): alternatives for alternatives in lists if alternatives}.values())


def _alternatives(part: Filters) -> list[list[Label]]:
    fields = {
        "source": map(caseless, part.sources),
        "language": map(caseless, part.languages),
        "tag": map(caseless, part.tags),
        "author": map(caseless, part.authors),
        "id": part.article_ids,
    }
    return [[Label(kind, value) for value in dict.fromkeys(values)] for kind, values in fields.items()]


def wanted_instants(filters: Filters) -> tuple[int, int] | None:
    """The first instant that passes and the first after it that no longer does; None when no date is asked for."""
    after = [microseconds(part.published_after) for part in filters.parts() if part.published_after]
    before = [microseconds(part.published_before) for part in filters.parts() if part.published_before]
    if not after and not before:
        return None
    first = max(after, default=ALWAYS[0])
    return first, max(first, min(before, default=ALWAYS[1]))


def wanted_phrases(filters: Filters) -> list[Phrase]:
    """The phrases that must all occur, each once."""
    return _phrases(phrase for part in filters.parts() for phrase in part.phrases)


def unwanted_phrases(filters: Filters) -> list[Phrase]:
    """The phrases of which none may occur, each once."""
    return _phrases(phrase for part in filters.parts() for phrase in part.without)


def _phrases(texts: Iterable[str]) -> list[Phrase]:
    phrases = dict.fromkeys(tuple(spelt(text)) for text in texts)
    return [phrase for phrase in phrases if phrase]


def instant_of(article: Article) -> int | None:
    """When the article was published, in microseconds since 1970 UTC, or None.

    Raises:
        ValueError: `published` is neither an ISO 8601 date nor a date-time.
    """
    if article.published is None:
        return None
    moment = datetime.fromisoformat(article.published)
    return microseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def microseconds(moment: datetime) -> int:
    """An aware moment as whole microseconds since 1970 UTC; negative before."""
    return (moment - EPOCH) // timedelta(microseconds=1)
