"""What all shapes share: their base, the examples that recur, and the one shape of errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.failures import invalid_input

EXAMPLE_QUESTION = "Who warned that two percent is not enough?"
EXAMPLE_ARTICLE = "articles/harbour-bridge.txt"
EXAMPLE_CITATION = "YXJ0aWNsZXMvaGFyYm91ci1icmlkZ2UudHh0.0f3a5c7e9b1d2f40.120-184.17c2-9f86d081884c7d65"


class Shape(BaseModel):
    """Base of all shapes: unknown fields are an error in requests, attributes can be read from the nouns."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    @classmethod
    def checked(cls, values: Mapping[str, object]) -> Self:
        """The shape with these values; raises InvalidInput, naming the field, where they do not fit."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise invalid_input([{**one, "loc": ("option", *one["loc"])} for one in error.errors()]) from error


ABOUT_COLLECTION: Any = {
    "description": "Which collection; the key's own if it has only one, else `default`.",
    "examples": ["default"],
}


class ErrorBody(Shape):
    """What went wrong."""

    code: str = Field(description="Stable, for programs.", examples=["invalid_query"])
    message: str = Field(description="For people: what is wrong and what to do.", examples=["The query is empty."])
    detail: dict[str, Any] = Field(description="More, such as the field.", examples=[{"field": "query"}])


class ErrorOut(Shape):
    """The one shape of every error."""

    error: ErrorBody = Field(
        description="The error.", examples=[{"code": "invalid_query", "message": "…", "detail": {}}]
    )
