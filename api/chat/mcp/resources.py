"""Articles as resources: how they are named, listed page by page, and read. Knows no protocol."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from api.chat.mcp.shapes import RESOURCES, resource_uri
from api.service import Service
from index.articles.article import Article
from index.errors import ArticleNotFound

PAGE = 100
"""How many articles a page of the list has."""

TEMPLATE = f"{RESOURCES}{{id}}"
TYPE = "text/plain"


def listed(service: Service, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """A page of resources and the cursor of the next page.

    Raises:
        InvalidInput: the cursor is not one of ours.
    """
    articles, following = service.articles(cursor, PAGE)
    return [_resource(article) for article in articles], following


def read(service: Service, uri: str) -> Article:
    """The article that an address names.

    Raises:
        ArticleNotFound: there is none, or this is not the address of an article.
    """
    if not uri.startswith(RESOURCES):
        raise ArticleNotFound(f"Resources of this server are named {TEMPLATE}, with the article's id percent-encoded.")
    return service.article(unquote(uri.removeprefix(RESOURCES)))


def _resource(article: Article) -> dict[str, Any]:
    about = ", ".join(part for part in (article.source, article.author, article.published) if part)
    return {
        "uri": resource_uri(article.id),
        "name": article.id,
        "title": article.title,
        "description": about or None,
        "mime_type": TYPE,
    }
