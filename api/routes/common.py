"""What the routes share: the service behind them, what its caller may reach, and the documentation of errors."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer, SecurityScopes

from api.access import Access
from api.keys import Scope
from api.service import Service
from api.wire.common import ABOUT_COLLECTION, ErrorOut
from index.errors import InvalidInput

_bearer = HTTPBearer(auto_error=False, scheme_name="bearer", description="An API key: `pincite keys create`.")
_header = APIKeyHeader(name="X-API-Key", auto_error=False, scheme_name="header", description="The same key.")


def access_of_request(request: Request) -> Access:
    """What the caller of this request may reach: collections by name, and their names.

    For adapters, also in mounted applications: ``access_of_request(request).service(name)`` is the service of a
    collection that the caller named in a shape of its own, and ``.names()`` lists those that it may use.
    """
    access: Access = request.state.access
    return access


async def access_here(  # waits for nothing, but what is not async is called in a thread of its own
    request: Request, _bearer: Annotated[object, Security(_bearer)], _header: Annotated[object, Security(_header)]
) -> Access:
    """The same as a dependency, which also tells the OpenAPI page that a key is needed. The gate has looked at it."""
    return access_of_request(request)


AccessHere = Annotated[Access, Depends(access_here)]


def service_here(
    access: AccessHere,
    scopes: SecurityScopes,
    collection: Annotated[str | None, Query(**ABOUT_COLLECTION)] = None,
    pincite_collection: Annotated[str | None, Header(alias="Pincite-Collection", **ABOUT_COLLECTION)] = None,
) -> Service:
    """The service of the collection that the request names, if the caller may use it for what the route does."""
    if collection and pincite_collection and collection != pincite_collection:
        raise InvalidInput("The header Pincite-Collection and the parameter collection differ.", field="collection")
    scope: Scope = scopes.scopes[0]  # type: ignore[assignment]
    return access.service(collection or pincite_collection, scope)


ServiceHere = Annotated[Service, Security(service_here, scopes=["search"])]
"""The service, for reading."""

ServiceToWrite = Annotated[Service, Security(service_here, scopes=["write"])]
"""The service, for storing and deleting."""

_MEANING = {
    401: "A valid API key is needed.",
    403: "The key is not for this.",
    404: "There is no such thing, or no such collection for this caller.",
    408: "The request's body came too slowly.",
    409: "The library was made with another model.",
    413: "The request body is too large.",
    421: "The server is not known by this name.",
    422: "Something in the request cannot be used; detail.field names it.",
    429: "Too much was asked; Retry-After tells when to ask again.",
    501: "An extra that this needs is not installed.",
    503: "The library or the model cannot be used now, or it took too long.",
}
_ALWAYS = (401, 403, 404, 408, 413, 421, 422, 429, 503)


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for these statuses and those that every route behind the gate may answer, all in the one error
    shape."""
    shown = sorted({*_ALWAYS, *statuses})
    return {status: {"model": ErrorOut, "description": _MEANING[status]} for status in shown}
