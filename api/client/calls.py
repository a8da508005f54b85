"""What each call sends and what it gets back, without sending anything: both clients share it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import quote as percent_encoded

from api.plain.options import search_body
from api.plain.shapes import Answer, Article, ArticlePage, Check, Fates, Status

T = TypeVar("T")

SECONDS_TO_STORE = 1_800.0
"""The time-out of storing, which embeds and so takes as long as there is to embed."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request.

    Attributes:
        method, path: as in HTTP; the path is percent-encoded.
        gives: what the reply holds.
        more: the body, the parameters and a time-out of its own, as httpx takes them.
    """

    method: str
    path: str
    gives: type[T]
    more: Mapping[str, Any] = field(default_factory=dict)


def search(query: str, options: Mapping[str, Any]) -> Call[Answer]:
    """Ask a question."""
    return Call("POST", "/v1/search", Answer, {"json": search_body(query, options)})


def add(articles: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> Call[Fates]:
    """Store one article, which is an error when it cannot be used, or several, of which some may be rejected."""
    body = dict(articles) if isinstance(articles, Mapping) else [dict(article) for article in articles]
    return Call("POST", "/v1/articles", Fates, {"json": body, "timeout": SECONDS_TO_STORE})


def upload(files: Sequence[Path | tuple[str, bytes]]) -> Call[Fates]:
    """Store the articles in files, each given by its path or as its name and content."""
    named = [(one.name, one.read_bytes()) if isinstance(one, Path) else one for one in files]
    body = [("files", one) for one in named]
    return Call("POST", "/v1/articles/upload", Fates, {"files": body, "timeout": SECONDS_TO_STORE})


def articles(cursor: str | None, limit: int) -> Call[ArticlePage]:
    """One page of the list."""
    parameters = {"limit": limit} | ({"cursor": cursor} if cursor else {})
    return Call("GET", "/v1/articles", ArticlePage, {"params": parameters})


def article(article_id: str) -> Call[Article]:
    """One article with its text."""
    return Call("GET", _place(article_id), Article)


def delete(article_id: str) -> Call[Any]:
    """Delete one article; the reply has the `generation`."""
    return Call("DELETE", _place(article_id), dict)


def verify(citation_id: str) -> Call[Check]:
    """Ask whether a quote still stands."""
    return Call("GET", f"/v1/citations/{percent_encoded(citation_id, safe='')}", Check)


def status() -> Call[Status]:
    """Ask what the library holds."""
    return Call("GET", "/v1/status", Status)


def _place(article_id: str) -> str:
    return f"/v1/articles/{percent_encoded(article_id, safe='')}"
