"""The figures of the running server, for Prometheus."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.observing.metrics import CONTENT_TYPE
from api.routes.common import AccessHere, errors

router = APIRouter(tags=["health"])

FIGURES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Figures in Prometheus' format."}
}


@router.get("/metrics", operation_id="metrics", response_class=Response, responses=errors() | FIGURES)
def metrics(request: Request, access: AccessHere) -> Response:
    """Requests, latencies by stage, permits and queues, and what the open collections hold. Needs `admin`."""
    access.require("admin", everywhere=True)
    return Response(request.app.state.metrics.told(), media_type=CONTENT_TYPE)
