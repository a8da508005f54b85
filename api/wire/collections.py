"""Collections as they are told."""

from __future__ import annotations

from pydantic import Field

from api.wire.common import Shape


class CollectionOut(Shape):
    """A collection."""

    name: str = Field(description="Its name.", examples=["default"])


class CollectionsOut(Shape):
    """The collections that the caller may use."""

    collections: list[CollectionOut] = Field(
        description="Each by name, `default` first.", examples=[[{"name": "default"}, {"name": "gazette"}]]
    )
