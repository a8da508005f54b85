"""Whether the service lives, can answer, and what it holds."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.routes.common import ServiceHere, errors
from api.wire.articles import HealthOut, StatusOut

router = APIRouter(tags=["health"])


@router.get("/healthz", operation_id="healthz")
async def healthz() -> HealthOut:
    """The process is alive."""
    return HealthOut(status="ok")


@router.get("/readyz", operation_id="readyz", responses={503: {"model": HealthOut, "description": "Not yet."}})
def readyz(request: Request, response: Response) -> HealthOut:
    """The model is loaded, the library can be read, and questions are answered."""
    ready = request.state.access.collections.default.can_answer()
    response.status_code = 200 if ready else 503
    return HealthOut(status="ok" if ready else "starting")


@router.get("/v1/status", operation_id="status", responses=errors(503))
def status(service: ServiceHere) -> StatusOut:
    """How much the library holds and in what state it is."""
    return StatusOut.of(service.status(), service.model, service.hardware())
