"""Operators and dates in questions, asked over HTTP and on the command line."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.wire.questions import SearchIn, SearchParameters
from index.articles.dates import instant


def found(client: TestClient, query: str, **choices: Any) -> set[str]:
    reply = client.post("/v1/search", json={"query": query, "group": "none"} | choices)
    assert reply.status_code == 200, reply.text
    assert reply.json()["query"] == query
    return {hit["passage"]["article_id"] for hit in reply.json()["hits"]}


BOTH = {"news/harbour bridge.txt", "reprint"}


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('Will the bridge close for "nine weeks"?', BOTH),
        ("“NINE weeks” bridge source:“island courier”", {"reprint"}),
        ('bridge "weeks nine"', set()),
        ("bridge okullar -ferries", {"tr/iğde"}),
        ("bridge okullar -yağışı", BOTH),
        ("bridge okullar lang:tr", {"tr/iğde"}),
        ("bridge author:“Tom Oyelaran” after:2025-01-14", {"reprint"}),
        ("bridge before:2025-01-14 tag:transport", {"news/harbour bridge.txt"}),
        ('bridge okullar "ığdır"', {"tr/iğde"}),
    ],
)
def test_operators_hold_in_every_mode(full: TestClient, mode: str, query: str, expected: set[str]) -> None:
    assert found(full, query, mode=mode) == expected


def test_filters_of_the_request_hold_as_well(full: TestClient) -> None:
    assert found(full, "bridge tag:transport", filters={"tags": ["island"]}) == set()
    assert found(full, "bridge author:“Mara Lindqvist”", filters={"authors": ["Tom Oyelaran"]}) == BOTH
    assert found(full, "bridge after:2025-01-14", filters={"published_after": "2025-01-01"}) == {"reprint"}
    assert found(full, "bridge after:2025-01-01", filters={"published_after": "2025-01-14"}) == {"reprint"}


def test_operators_can_be_turned_off(full: TestClient) -> None:
    assert found(full, 'bridge "weeks nine" -ferries lang:tr', operators=False) >= BOTH
    reply = full.get("/v1/search", params={"q": "bridge -ferries", "operators": "false", "mode": "lexical"})
    assert len(reply.json()["hits"]) == 1


@pytest.mark.parametrize(
    ("query", "field", "way_out"),
    [
        ("bridge after:nonsense", "after", "after:2025-01-31"),
        ("bridge lang:?x", "lang", "lang:tr"),
        ('source:"Harbour Gazette"', "query", "add a word"),
    ],
)
def test_an_operator_that_cannot_be_used_is_named(full: TestClient, query: str, field: str, way_out: str) -> None:
    for reply in (full.post("/v1/search", json={"query": query}), full.get("/v1/search", params={"q": query})):
        assert reply.status_code == 422
        error = reply.json()["error"]
        assert (error["code"], error["detail"]["field"]) == ("invalid_query", field)
        assert way_out in error["message"]


def test_as_of_is_the_questions_and_recency_may_have_its_own() -> None:
    body = {"query": "x", "as_of": "2025-01-20", "recency": {"half_life_days": 3}}
    query = SearchIn.model_validate(body).to_query()
    assert query.as_of == instant("2025-01-20")
    assert query.recency is not None
    assert query.recency.as_of is None
    own = SearchIn.model_validate(body | {"recency": {"half_life_days": 3, "as_of": "2025-01-10"}}).to_query()
    assert own.recency is not None
    assert (own.as_of, own.recency.as_of) == (instant("2025-01-20"), instant("2025-01-10"))
    assert SearchParameters(q="x", as_of="2025-01-20").to_query().as_of == instant("2025-01-20")  # type: ignore[arg-type]


def test_age_counts_from_the_questions_as_of(full: TestClient) -> None:
    reply = full.get("/v1/search", params={"q": "okullar", "half_life_days": 5, "as_of": "2024-12-12", "group": "none"})
    ages = {hit["passage"]["article_id"]: hit["scores"]["age_days"] for hit in reply.json()["hits"]}
    assert ages["tr/iğde"] == 10.0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"limit": True}, "limit"),
        ({"limit": 3.0}, "limit"),
        ({"limit": "3"}, "limit"),
        ({"offset": False}, "offset"),
        ({"recency": {"half_life_days": True}}, "recency.half_life_days"),
        ({"as_of": 20250120}, "as_of"),
        ({"as_of": "soon"}, "as_of"),
    ],
)
def test_numbers_and_dates_are_what_they_say(client: TestClient, body: dict[str, Any], field: str) -> None:
    reply = client.post("/v1/search", json={"query": "x"} | body)
    assert reply.status_code == 422
    assert reply.json()["error"]["detail"]["field"] == field
