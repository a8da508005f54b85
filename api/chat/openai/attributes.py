"""Attributes of files and results: the citation and the article's facts within OpenAI's limits, and the ids of files.

A file is an article. Its id is the article's in letters that may stand in any address.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import suppress

from index.articles.article import Article
from index.errors import ArticleNotFound
from search.answer import Citation

MOST_ATTRIBUTES = 16
LONGEST_VALUE = 512
PREFIX = "file-"

Attribute = str | float | bool
SHORTENED = frozenset({"title", "source", "author", "tags"})
"""What may be cut off at the limit; an address or an id of which a part is missing would be wrong, and is left out."""


def file_id(article_id: str) -> str:
    """The id of an article as a file."""
    return PREFIX + base64.urlsafe_b64encode(article_id.encode()).decode().rstrip("=")


def article_id_of(file: str) -> str:
    """The id of the article that is this file.

    Raises:
        ArticleNotFound: no file has such an id.
    """
    name = file.removeprefix(PREFIX)
    with suppress(ValueError):
        if name != file:
            return base64.b64decode(name + "=" * (-len(name) % 4), altchars=b"-_", validate=True).decode()
    raise ArticleNotFound(f"There is no file {file!r} in this vector store.")


def of_article(article: Article) -> dict[str, Attribute]:
    """An article's facts; what is unknown is left out."""
    return _within_limits(
        {
            "article_id": article.id,
            "title": article.title,
            "source": article.source,
            "author": article.author,
            "published": article.published,
            "url": article.url,
            "language": article.language,
            "tags": ", ".join(article.tags),
        }
    )


def of_citation(citation: Citation, article: Article | None) -> dict[str, Attribute]:
    """The same with the exact place; `article` is None where it was deleted meanwhile."""
    place: dict[str, Attribute | None] = {
        "citation_id": citation.id,
        "revision": citation.revision,
        "start": citation.start,
        "end": citation.end,
        "deep_link": citation.deep_link,
    }
    return _within_limits(place) | (of_article(article) if article else {})


def _within_limits(values: Mapping[str, Attribute | None]) -> dict[str, Attribute]:
    kept: dict[str, Attribute] = {}
    for key, value in values.items():
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            value = value[: LONGEST_VALUE - 1] + "…" if key in SHORTENED else None  # noqa: PLW2901
        if value is not None and value != "":
            kept[key] = value
    return kept
