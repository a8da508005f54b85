"""The HTTP reply to an error, for middleware and handlers alike; `failures` itself needs no web framework."""

from __future__ import annotations

from starlette.responses import JSONResponse

from api.failures import headers_of, shape_of, status_of
from index.errors import PinciteError


def reply_to(error: PinciteError) -> JSONResponse:
    """The one error shape with its status and headers."""
    return JSONResponse(shape_of(error), status_of(error), headers=headers_of(error))
