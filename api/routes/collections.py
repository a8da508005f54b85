"""Collections: which there are for the caller, and for administrators, making and deleting them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api.routes.common import AccessHere, errors
from api.wire.collections import CollectionOut, CollectionsOut

router = APIRouter(prefix="/v1/collections", tags=["collections"])

MADE: dict[int | str, dict[str, Any]] = {201: {"model": CollectionOut, "description": "It is new."}}

Name = Annotated[str, Path(description="The collection's name.", examples=["gazette"])]


@router.get("", operation_id="list_collections", responses=errors())
def list_collections(access: AccessHere) -> CollectionsOut:
    """The collections that the caller may use."""
    return CollectionsOut(collections=[CollectionOut(name=name) for name in access.names()])


@router.put("/{name}", operation_id="create_collection", responses=errors(503) | MADE)
def create_collection(name: Name, access: AccessHere, response: Response) -> CollectionOut:
    """Make an empty collection: 201 when it is new, 200 when it was there. Needs `admin` over all collections."""
    access.require("admin", everywhere=True)
    response.status_code = 200 if name in access.collections.names() else 201
    access.collections.create(name)
    return CollectionOut(name=name)


@router.delete("/{name}", operation_id="delete_collection", responses=errors(503))
def delete_collection(name: Name, access: AccessHere) -> CollectionOut:
    """Delete a collection with everything in it. Needs `admin` over all collections."""
    access.require("admin", everywhere=True)
    access.collections.delete(name)
    return CollectionOut(name=name)
