"""What the routes share: the service behind them and the documentation of errors."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request

from api.service import Service
from api.wire.common import ErrorOut


def service_of(request: Request) -> Service:
    """The service that the application was made with."""
    service: Service = request.app.state.service
    return service


ServiceHere = Annotated[Service, Depends(service_of)]

_MEANING = {
    404: "There is no such thing.",
    409: "The library was made with another model.",
    413: "The request body is too large.",
    422: "Something in the request cannot be used; detail.field names it.",
    503: "The library or the model cannot be used now.",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for these statuses, all in the one error shape."""
    return {status: {"model": ErrorOut, "description": _MEANING[status]} for status in statuses}
