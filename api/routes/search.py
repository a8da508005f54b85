"""Questions in, ranked and cited passages out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.routes.common import ServiceHere, errors
from api.wire.answers import AnswerOut
from api.wire.questions import SearchIn, SearchParameters

router = APIRouter(prefix="/v1", tags=["search"])


@router.post("/search", operation_id="search", responses=errors(409, 413, 422, 503))
def search(request: SearchIn, service: ServiceHere) -> AnswerOut:
    """Answer a question with ranked passages and their citations."""
    return AnswerOut.of(service.search(request.to_query()))


@router.get("/search", operation_id="search_by_address", responses=errors(409, 422, 503))
def search_by_address(parameters: Annotated[SearchParameters, Query()], service: ServiceHere) -> AnswerOut:
    """The same, with the question in the address: for a browser or curl."""
    return AnswerOut.of(service.search(parameters.to_query()))
