"""A question's options, and the body of `POST /v1/search` that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, TypedDict

Moment = str | date
"""A date or a time: ``2025-01-31``, ``2025-01-31T09:00:00+01:00``, or one of Python's own."""

Mode = Literal["hybrid", "dense", "lexical"]
Group = Literal["story", "article", "none"]
Fusion = Literal["minmax", "rrf"]
Quote = Literal["passage", "sentence"]


class SearchOptions(TypedDict, total=False):
    """How a question is answered. All that is left out is the server's choice.

    Attributes:
        limit, offset: how many hits (1 to 100, 10 if not given), and how many of the best are skipped.
        mode: by meaning and words, by meaning, or by words.
        group: fold hits of one story, of one article, or none.
        rerank: read the best hits again.
        fusion: how meaning and words are joined.
        quote: cite the passage, or the sentence that answers.
        explain: tell what every stage said.
        operators: whether quotes, minus signs and keys in the question mean something.
        as_of: when it is asked, for "last week" and age.
        half_life_days: prefer newer articles.
        sources, languages, tags, authors, article_ids: only articles with one of these.
        published_after, published_before: only articles of this time.
        any_of, none_of: more filters, of which one must hold, or none may; each as `POST /v1/search` takes it.
    """

    limit: int
    offset: int
    mode: Mode
    group: Group
    rerank: bool | None
    fusion: Fusion
    quote: Quote
    explain: bool
    operators: bool
    as_of: Moment | None
    half_life_days: float | None
    sources: Sequence[str]
    languages: Sequence[str]
    tags: Sequence[str]
    authors: Sequence[str]
    article_ids: Sequence[str]
    published_after: Moment | None
    published_before: Moment | None
    any_of: Sequence[Mapping[str, Any]]
    none_of: Sequence[Mapping[str, Any]]


_FILTERS = ("sources", "languages", "tags", "authors", "article_ids", "any_of", "none_of")
_PERIOD = ("published_after", "published_before")


def search_body(query: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The body of `POST /v1/search`. What is None is left out.

    Raises:
        TypeError: there is no such option.
    """
    if unknown := set(options) - set(SearchOptions.__annotations__):
        raise TypeError(f"search has no option {', '.join(sorted(unknown))}")
    given = {name: _plain(value) for name, value in options.items() if value is not None}
    filters = {name: list(given.pop(name)) for name in _FILTERS if name in given}
    filters |= {name: given.pop(name) for name in _PERIOD if name in given}
    recency = {"recency": {"half_life_days": given.pop("half_life_days")}} if "half_life_days" in given else {}
    return {"query": query, **given, **recency, **({"filters": filters} if filters else {})}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
