"""Facets as they are asked for and sent."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from api.wire.common import EXAMPLE_QUESTION, Shape
from api.wire.questions import FilterParameters
from index.library.contract import FacetField
from search.facets import Facets
from search.query import LONGEST_QUESTION

FIELDS: tuple[FacetField, ...] = ("source", "language", "tag", "month")
MOST_VALUES = 1_000


class FacetParameters(FilterParameters):
    """Which articles are counted, and by what."""

    q: str = Field(
        "",
        description="A question: its filters and phrases count too.",
        max_length=LONGEST_QUESTION,
        examples=[EXAMPLE_QUESTION],
    )
    field: list[FacetField] = Field(
        list(FIELDS), description="What is counted; may be repeated.", max_length=5, examples=[["source"]]
    )
    limit: int = Field(20, description="How many values of each, the commonest.", ge=1, le=MOST_VALUES, examples=[20])


class FacetOut(Shape):
    """One value."""

    value: str = Field(description="As articles write it; a month is 2025-01.", examples=["Harbour Gazette"])
    articles: int = Field(description="How many articles have it and pass the other filters.", examples=[12])


class FacetsOut(Shape):
    """What a search could be narrowed to."""

    facets: dict[FacetField, list[FacetOut]] = Field(
        description="By field: the commonest values first, months newest first.",
        examples=[{"source": [{"value": "Harbour Gazette", "articles": 12}]}],
    )

    @classmethod
    def of(cls, facets: Facets) -> Self:
        """The wire shape of facets."""
        return cls(facets={field: [FacetOut.model_validate(one) for one in values] for field, values in facets.items()})
