"""Articles by their address: the server reads a URL that it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from api.failures import shape_of
from api.fates import fate, fates
from api.fetching import Web
from api.routes.common import ServiceToWrite, errors
from api.wire.articles import FatesOut
from api.wire.common import Shape
from index.errors import PinciteError
from index.ingest import Outcome

router = APIRouter(prefix="/v1/articles", tags=["articles"])

LINES = "application/x-ndjson"
MOST_PAGES = 500


class FetchIn(Shape):
    """What is read."""

    url: str = Field(
        description="An http or https address of a page, a document, a feed or a sitemap.",
        max_length=2_048,
        examples=["https://gazette.example/bridge"],
    )
    pages: int = Field(20, description="How many pages of a sitemap are read.", ge=1, le=MOST_PAGES, examples=[20])


@router.post(
    "/fetch",
    operation_id="fetch_articles",
    responses=errors(409, 413, 422, 503) | {200: {"model": FatesOut, "content": {LINES: {}}}},
    response_model=None,
)
def fetch_articles(wanted: FetchIn, request: Request, service: ServiceToWrite) -> Response | FatesOut:
    """Read a URL and store its articles, as `pincite index URL` does and as carefully; tells the fate of each.

    A feed or sitemap may take a minute. Who accepts `application/x-ndjson` gets a line for each article as it is
    stored.
    """
    web: Web = request.app.state.web
    outcomes = web.read(wanted.url, service, wanted.pages)
    if LINES in request.headers.get("accept", ""):
        return StreamingResponse(_lines(outcomes), media_type=LINES)
    return fates(service, list(outcomes))


def _lines(outcomes: Iterator[Outcome]) -> Iterator[str]:
    """One fate a line; what breaks the reading off is the last line, in the shape of errors."""
    try:
        for place, outcome in enumerate(outcomes):
            yield fate(place, outcome).model_dump_json() + "\n"
    except PinciteError as error:
        yield json.dumps(shape_of(error)) + "\n"
