"""Questions in, ranked and cited passages out."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.chat.anthropic import AnthropicOut
from api.routes.common import ServiceHere, errors
from api.wire.answers import AnswerOut
from api.wire.questions import SearchIn, SearchParameters

router = APIRouter(prefix="/v1", tags=["search"])


Format = Annotated[
    Literal["pincite", "anthropic"],
    Query(
        description="anthropic: as search result blocks of Anthropic's API, one text block a sentence.",
        examples=["anthropic"],
    ),
]


@router.post("/search", operation_id="search", responses=errors(409, 413, 422, 503))
def search(request: SearchIn, service: ServiceHere, format: Format = "pincite") -> AnswerOut | AnthropicOut:  # noqa: A002
    """Answer a question with ranked passages and their citations."""
    answer = service.search(request.to_query())
    return AnthropicOut.of(answer, service) if format == "anthropic" else AnswerOut.of(answer)


@router.get("/search", operation_id="search_by_address", responses=errors(409, 422, 503))
def search_by_address(parameters: Annotated[SearchParameters, Query()], service: ServiceHere) -> AnswerOut:
    """The same, with the question in the address: for a browser or curl."""
    return AnswerOut.of(service.search(parameters.to_query()))
