"""A query that cannot be used is refused by the field at fault."""

from __future__ import annotations

from datetime import datetime

import pytest

from index.errors import InvalidQuery
from search.query import DEEPEST_OFFSET, LONGEST_QUESTION, MOST_HITS, Query, Recency


@pytest.mark.parametrize(
    ("choices", "field"),
    [
        ({"text": ""}, "query"),
        ({"text": "\u00a0\n"}, "query"),
        ({"text": "x" * (LONGEST_QUESTION + 1)}, "query"),
        ({"text": "a\0"}, "query"),
        ({"text": "a\udc00"}, "query"),
        ({"limit": 0}, "limit"),
        ({"limit": MOST_HITS + 1}, "limit"),
        ({"offset": -1}, "offset"),
        ({"offset": DEEPEST_OFFSET + 1}, "offset"),
        ({"recency": Recency(0)}, "recency.half_life_days"),
        ({"recency": Recency(40_000)}, "recency.half_life_days"),
        ({"as_of": datetime(2025, 1, 20)}, "as_of"),  # noqa: DTZ001 - without a zone on purpose
    ],
)
def test_the_field_at_fault_is_named(choices: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidQuery) as caught:
        Query(**({"text": "why"} | choices))  # type: ignore[arg-type]
    assert caught.value.detail == {"field": field}


def test_the_limits_themselves_are_allowed() -> None:
    query = Query("x" * LONGEST_QUESTION, limit=MOST_HITS, offset=DEEPEST_OFFSET, recency=Recency(0.1))
    assert (query.limit, query.offset, query.mode, query.group) == (MOST_HITS, DEEPEST_OFFSET, "hybrid", "story")
