"""Open WebUI: a web search engine of its own, and the few operations that it should offer to a model as tools.

Its reranker is `/v1/rerank`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from pydantic import Field, StrictInt

from api.routes.common import ServiceHere, errors
from api.wire.common import EXAMPLE_QUESTION, Shape
from search.query import LONGEST_QUESTION, MOST_HITS, Query

router = APIRouter(prefix="/openwebui", tags=["open webui"])

TOOLS = ("search_by_address", "get_article", "check_citation")
"""The operations that are tools: those that only read, and whose parameters are flat."""


class WebSearchIn(Shape):
    """A search for pages."""

    query: str = Field(
        description="The question.", min_length=1, max_length=LONGEST_QUESTION, examples=[EXAMPLE_QUESTION]
    )
    count: StrictInt = Field(5, description="How many results.", ge=1, le=MOST_HITS, examples=[5])


class WebResultOut(Shape):
    """A page that was found."""

    link: str = Field(description="Opens the page at the quote.", examples=["https://gazette.example/bridge"])
    title: str = Field(description="The article's title and outlet.", examples=["Harbour bridge to close · Gazette"])
    snippet: str = Field(description="The passage.", examples=["The bridge will close for nine weeks."])


@router.post("/search", operation_id="openwebui_search", responses=errors(409, 413, 503))
def web_search(asked: WebSearchIn, service: ServiceHere, request: Request) -> list[WebResultOut]:
    """Search the library as a web search engine for Open WebUI."""
    answer = service.search(Query(asked.query, limit=asked.count, operators=False))
    results = []
    for hit in answer.hits:
        cited = hit.citation
        here = f"{request.base_url}v1/articles/{quote(cited.article_id, safe='')}"
        title = " · ".join(part for part in (cited.title or cited.article_id, cited.source) if part)
        link = cited.deep_link or cited.url or here
        results.append(WebResultOut(link=link, title=title, snippet=hit.passage.text))
    return results


@router.get("/openapi.json", include_in_schema=False)
def tool_server(request: Request) -> dict[str, Any]:
    """The OpenAPI document with nothing but the tools, at the same addresses."""
    whole = request.app.openapi()
    paths = {path: _tools_among(operations) for path, operations in whole["paths"].items()}
    return {**whole, "paths": {path: operations for path, operations in paths.items() if operations}}


def _tools_among(operations: dict[str, Any]) -> dict[str, Any]:
    return {method: one for method, one in operations.items() if one.get("operationId") in TOOLS}
