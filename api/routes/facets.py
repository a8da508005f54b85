"""What a search could be narrowed to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.routes.common import ServiceHere, errors
from api.wire.facets import FacetParameters, FacetsOut

router = APIRouter(prefix="/v1", tags=["search"])


@router.get("/facets", operation_id="facets", responses=errors(422, 503))
def facets(parameters: Annotated[FacetParameters, Query()], service: ServiceHere) -> FacetsOut:
    """How many articles there are by outlet, language, tag, author or month, under filters.

    A filter on one of these does not count for that one itself, so that the alternatives to what is chosen are seen.
    """
    found = service.facets(parameters.q, parameters.filters(), parameters.field, parameters.limit)
    return FacetsOut.of(found)
