"""Searching over HTTP: the shape that was promised, exact citations, filters, and errors that name the field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

QUESTION = "When will the harbour bridge close?"


def search(client: TestClient, **choices: Any) -> dict[str, Any]:
    reply = client.post("/v1/search", json={"query": QUESTION} | choices)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def ids(answer: dict[str, Any]) -> list[str]:
    return [hit["passage"]["article_id"] for hit in answer["hits"]]


def test_an_answer_has_the_promised_shape(full: TestClient) -> None:
    answer = search(full)
    assert set(answer) == {"query", "understood", "answerable", "hits", "library", "timings_ms"}
    assert answer["query"] == QUESTION
    assert answer["understood"] == {"text": QUESTION, "phrases": [], "without": [], "period": None}
    assert 0 <= answer["answerable"] <= 1
    assert answer["library"] == {
        "articles": 3,
        "passages": 3,
        "generation": 1,
        "model": "hashing",
        "passages_without_vectors": 0,
    }
    first = answer["hits"][0]
    assert set(first) == {"rank", "score", "scores", "passage", "highlights", "citation", "also_reported_by", "explain"}
    assert (first["rank"], first["explain"]) == (1, None)
    assert set(first["citation"]) == {
        *("id", "article_id", "revision", "title", "source", "author", "published", "url", "deep_link"),
        *("quote", "start", "end", "selectors"),
    }
    assert [selector["type"] for selector in first["citation"]["selectors"]] == [
        "TextQuoteSelector",
        "TextPositionSelector",
    ]


def test_what_was_understood_and_every_stage_are_told(full: TestClient) -> None:
    asked = {"query": 'bridge "nine weeks" -tunnel last week', "as_of": "2025-01-20", "explain": True}
    answer = full.post("/v1/search", json=asked).json()
    assert answer["understood"] == {
        "text": "bridge nine weeks last week",
        "phrases": ["nine weeks"],
        "without": ["tunnel"],
        "period": {"start": "2025-01-13T00:00:00Z", "end": "2025-01-20T00:00:00Z", "words": "last week"},
    }
    told = answer["hits"][0]["explain"]
    assert [stage["name"] for stage in told][:3] == ["meaning", "words", "joined"]
    assert (told[-1]["name"], told[-1]["rank"], told[-1]["score"]) == ("result", 1, answer["hits"][0]["score"])


def test_a_citation_may_quote_the_sentence(full: TestClient) -> None:
    hit = search(full, quote="sentence")["hits"][0]
    assert hit["citation"]["quote"] == "The harbour bridge will close for nine weeks from March."


def test_every_quote_stands_in_its_article_to_the_character(full: TestClient) -> None:
    for hit in search(full, group="none")["hits"]:
        cited = hit["citation"]
        article = full.get(f"/v1/articles/{cited['article_id']}").json()
        assert article["revision"] == cited["revision"]
        assert article["text"][cited["start"] : cited["end"]] == cited["quote"] == hit["passage"]["text"]
        quoted = cited["selectors"][0]
        assert quoted["prefix"] + quoted["exact"] + quoted["suffix"] in article["text"]


def test_the_sentence_that_answers_is_marked(full: TestClient) -> None:
    hit = search(full)["hits"][0]
    span = hit["highlights"][0]
    start = span["start"] - hit["passage"]["start"]
    marked = hit["passage"]["text"][start : start + span["end"] - span["start"]]
    assert marked == "The harbour bridge will close for nine weeks from March."


def test_the_same_report_elsewhere_is_listed_with_its_own_citation(full: TestClient) -> None:
    answer = search(full)
    first = answer["hits"][0]
    assert first["passage"]["article_id"] == "news/harbour bridge.txt"
    assert [other["source"] for other in first["also_reported_by"]] == ["Island Courier"]
    assert "reprint" not in ids(answer)
    assert "reprint" in ids(search(full, group="none"))
    assert "reprint" in ids(search(full, group="article"))


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_every_mode_finds_the_bridge_first(full: TestClient, mode: str) -> None:
    answer = search(full, mode=mode)
    first = answer["hits"][0]
    assert first["passage"]["article_id"] == "news/harbour bridge.txt"
    assert (first["scores"]["dense"] is None) == (mode == "lexical")
    assert (first["scores"]["lexical"] is None) == (mode == "dense")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"sources": ["ISLAND courier"]}, {"reprint"}),
        ({"languages": ["tr"]}, {"tr/iğde"}),
        ({"tags": ["island", "transport"]}, {"reprint", "news/harbour bridge.txt"}),
        ({"authors": ["tom oyelaran"]}, {"reprint", "news/harbour bridge.txt"}),
        ({"article_ids": ["tr/iğde"]}, {"tr/iğde"}),
        ({"published_after": "2025-01-14"}, {"reprint"}),
        ({"published_before": "2025-01-13"}, {"tr/iğde"}),
        ({"published_after": "2025-01-14T07:30:01Z"}, set()),
        ({"sources": ["Harbour Gazette"], "languages": ["tr"]}, set()),
        ({"any_of": [{"languages": ["tr"]}, {"tags": ["island"]}]}, {"tr/iğde", "reprint"}),
        ({"none_of": [{"languages": ["tr"]}, {"tags": ["island"]}]}, {"news/harbour bridge.txt"}),
        (
            {"languages": ["en"], "none_of": [{"any_of": [{"sources": ["Island Courier"]}]}]},
            {"news/harbour bridge.txt"},
        ),
    ],
)
def test_filters_decide_which_articles_may_answer(
    full: TestClient, filters: dict[str, Any], expected: set[str]
) -> None:
    assert set(ids(search(full, mode="dense", group="none", filters=filters))) == expected


def test_pages_follow_one_another(full: TestClient) -> None:
    whole = ids(search(full, group="none"))
    pages = [search(full, group="none", limit=1, offset=offset)["hits"] for offset in range(3)]
    assert [hit["passage"]["article_id"] for page in pages for hit in page] == whole
    assert [hit["rank"] for page in pages for hit in page] == [1, 2, 3]


def test_recency_prefers_the_newer_report(full: TestClient) -> None:
    question = "When will the bridge close?"
    recency = {"half_life_days": 0.5, "as_of": "2025-01-14T07:30:00Z"}
    plain = search(full, query=question, group="none")["hits"]
    newer = search(full, query=question, group="none", recency=recency)["hits"]
    assert plain[0]["passage"]["article_id"] == "news/harbour bridge.txt"
    assert newer[0]["passage"]["article_id"] == "reprint"
    assert newer[0]["scores"]["age_days"] == 0
    assert newer[1]["scores"]["age_days"] == pytest.approx(1.3125)


def test_the_address_asks_the_same_question(full: TestClient) -> None:
    reply = full.get("/v1/search", params={"q": QUESTION, "group": "none", "source": ["Island Courier"], "limit": 3})
    posted = search(full, group="none", filters={"sources": ["Island Courier"]}, limit=3)
    assert reply.json()["hits"] == posted["hits"]


def test_the_same_question_twice_gives_the_same_answer(full: TestClient) -> None:
    assert search(full)["hits"] == search(full)["hits"]


def test_an_empty_library_answers_with_nothing(client: TestClient) -> None:
    answer = search(client)
    assert answer["hits"] == []
    assert answer["answerable"] == 0
    nothing = {"articles": 0, "passages": 0, "generation": 0, "model": None, "passages_without_vectors": 0}
    assert answer["library"] == nothing


def nested(depth: int) -> dict[str, Any]:
    filters: dict[str, Any] = {}
    for _ in range(depth - 1):
        filters = {"any_of": [filters]}
    return filters


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "query"),
        ({"query": ""}, "query"),
        ({"query": " \n "}, "query"),
        ({"query": "x" * 100_000}, "query"),
        ({"query": "a\0b"}, "query"),
        ({"query": 7}, "query"),
        ({"query": "x", "limit": 0}, "limit"),
        ({"query": "x", "limit": 101}, "limit"),
        ({"query": "x", "limit": "many"}, "limit"),
        ({"query": "x", "offset": -1}, "offset"),
        ({"query": "x", "mode": "telepathy"}, "mode"),
        ({"query": "x", "group": "colour"}, "group"),
        ({"query": "x", "filters": {"colour": ["red"]}}, "filters.colour"),
        ({"query": "x", "filters": {"sources": "one"}}, "filters.sources"),
        ({"query": "x", "filters": {"sources": ["a"] * 1001}}, "filters.sources"),
        ({"query": "x", "filters": {"published_after": "2025-02-30"}}, "filters.published_after"),
        ({"query": "x", "filters": {"published_before": "soon"}}, "filters.published_before"),
        ({"query": "x", "filters": {"published_before": 20250101}}, "filters.published_before"),
        ({"query": "x", "filters": {"any_of": [{"colour": ["red"]}]}}, "filters.any_of.0.colour"),
        ({"query": "x", "filters": {"none_of": [{}] * 101}}, "filters.none_of"),
        ({"query": "x", "filters": nested(9)}, "filters"),
        ({"query": "x", "recency": {"half_life_days": 0}}, "recency.half_life_days"),
        ({"query": "x", "recency": {"half_life_days": 3, "as_of": "13/13/2025"}}, "recency.as_of"),
        ({"query": "x", "nonsense": 1}, "nonsense"),
        ({"query": "x", "mode": "lexical", "rerank": True}, "rerank"),
    ],
)
def test_what_cannot_be_used_is_named(full: TestClient, body: dict[str, Any], field: str) -> None:
    reply = full.post("/v1/search", json=body)
    error = reply.json()["error"]
    assert reply.status_code == 422
    assert error["code"] in ("invalid_input", "invalid_query")
    assert error["detail"]["field"] == field
    assert error["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[]",
        b'"text"',
        b'{"query": "\\ud800"}',
        b'{"query": "x", "limit": 1e999}',
        b'{"query": NaN}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"query": "x", "filters": {"sources": ["\\udfff"]}}',
        json.dumps({"query": "x", "filters": nested(200)}).encode(),
    ],
)
def test_broken_bodies_are_client_errors_in_the_one_shape(full: TestClient, body: bytes) -> None:
    reply = full.post("/v1/search", content=body, headers={"content-type": "application/json"})
    assert 400 <= reply.status_code < 500
    assert set(reply.json()["error"]) == {"code", "message", "detail"}


@pytest.mark.parametrize(
    "parameters", ["", "q=", "q=x&colour=red", "q=x&limit=0", "q=x&published_after=2025-02-30", "q=%00"]
)
def test_addresses_that_cannot_be_used_are_refused(full: TestClient, parameters: str) -> None:
    reply = full.get(f"/v1/search?{parameters}")
    assert reply.status_code == 422
    assert reply.json()["error"]["detail"]["field"]


def test_a_body_over_the_limit_is_refused_whether_announced_or_not(client: TestClient) -> None:
    big = b'{"query": "' + b"x" * 2_000_000 + b'"}'
    announced = client.post("/v1/search", content=big, headers={"content-type": "application/json"})
    pieces = (big[place : place + 65_536] for place in range(0, len(big), 65_536))
    streamed = client.post("/v1/search", content=pieces, headers={"content-type": "application/json"})
    for reply in (announced, streamed):
        assert reply.status_code == 413
        assert reply.json()["error"]["code"] == "too_large"


def test_unknown_routes_and_methods_have_the_one_error_shape(client: TestClient) -> None:
    assert client.get("/nowhere").json()["error"]["code"] == "no_such_route"
    assert client.delete("/v1/search").json()["error"]["code"] == "method_not_allowed"
