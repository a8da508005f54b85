"""Checking citations."""

from __future__ import annotations

from fastapi import APIRouter, Path

from api.routes.common import ServiceHere, errors
from api.wire.answers import CheckOut
from api.wire.common import EXAMPLE_CITATION

router = APIRouter(prefix="/v1", tags=["citations"])


@router.get("/citations/{citation_id}", operation_id="check_citation", responses=errors(404, 422))
def check(
    service: ServiceHere,
    citation_id: str = Path(description="A citation's id.", examples=[EXAMPLE_CITATION]),
) -> CheckOut:
    """Tell whether a cited quote still stands: unchanged, moved, changed or gone."""
    return CheckOut.of(service.check(citation_id))
