"""Dify's external knowledge API: its bodies, conditions and errors, as its documentation has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from api.keys import KeyRing
from api.service import Service
from index.embedding.hashing import HashingEmbedder
from index.library.opening import open_library
from tests.api.chat.serving import Served, filled, get, post, serving

QUESTION = "When will the harbour bridge close?"
EN, TR = {"news/harbour bridge.txt", "reprint"}, {"tr/iğde"}


def asked(served: Served, **choices: Any) -> httpx.Response:
    body = {"knowledge_id": "default", "query": QUESTION, "retrieval_setting": {"top_k": 5, "score_threshold": 0.0}}
    return post(f"{served.url}/dify/retrieval", json=body | choices)


def records(served: Served, **choices: Any) -> list[dict[str, Any]]:
    reply = asked(served, **choices)
    assert reply.status_code == 200, reply.text
    assert set(reply.json()) == {"records"}
    found: list[dict[str, Any]] = reply.json()["records"]
    return found


def test_a_record_is_a_passage_with_its_citation(served: Served) -> None:
    first = records(served)[0]
    assert set(first) == {"content", "score", "title", "metadata"}
    assert first["title"] == "Harbour bridge to close"
    assert 0 < first["score"] <= 1
    about = first["metadata"]
    assert about["document_id"] == "news/harbour bridge.txt"
    article = get(f"{served.url}/v1/articles/{about['document_id']}").json()
    assert article["text"][about["start"] : about["end"]] == first["content"]
    assert about["deep_link"].startswith("https://gazette.example/bridge#:~:text=")


def test_metadata_is_never_null_and_holds_no_nulls(served: Served) -> None:
    turkish = records(served, query="Iğdır kar yağışı")[0]
    assert turkish["metadata"]["document_id"] == "tr/iğde"
    assert None not in turkish["metadata"].values()
    assert "url" not in turkish["metadata"]


def test_the_setting_is_obeyed(served: Served) -> None:
    every = records(served)
    assert len(records(served, retrieval_setting={"top_k": 1, "score_threshold": 0.0})) == 1
    least = every[0]["score"]
    strong = records(served, retrieval_setting={"top_k": 5, "score_threshold": least})
    assert [one["score"] for one in strong] == [least]
    assert records(served, retrieval_setting={"top_k": 5, "score_threshold": None}) == every
    assert records(served, retrieval_setting={"top_k": 5, "score_threshold": 1.0}) == []


# Conditions


def condition(name: Any, operator: str, value: Any = None) -> dict[str, Any]:
    return {"name": name, "comparison_operator": operator, "value": value}


def passing(served: Served, *conditions: dict[str, Any], operator: str = "and") -> set[str]:
    """Ids of the articles that may answer, copies of one story being told of by the first."""
    metadata = {"logical_operator": operator, "conditions": list(conditions)}
    found = set()
    for question in ("harbour bridge", "kar yağışı"):
        for one in records(served, query=question, metadata_condition=metadata):
            found.add(one["metadata"]["document_id"])
    return found


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (condition("source", "contains", "COURIER"), {"reprint"}),
        (condition("source", "contains", "doğu"), TR),
        (condition("source", "not contains", "a"), set()),
        (condition("source", "not contains", "courier"), {"news/harbour bridge.txt"} | TR),
        (condition("source", "start with", "island"), {"reprint"}),
        (condition("source", "end with", "Gazette"), {"news/harbour bridge.txt"}),
        (condition("source", "is", "island courier"), {"reprint"}),
        (condition("source", "=", "Island Courier"), {"reprint"}),
        (condition("language", "is not", "en"), TR),
        (condition("language", "≠", "en"), TR),
        (condition("language", "in", ["tr", "de"]), TR),
        (condition("language", "in", "tr, de"), TR),
        (condition("language", "not in", "en"), TR),
        (condition("author", "empty"), TR),
        (condition("author", "not empty"), {"news/harbour bridge.txt"}),
        (condition("published", "empty"), set()),
        (condition("published", "not empty"), {"news/harbour bridge.txt"} | TR),
        (condition("published", "before", "2025-01-01"), TR),
        (condition("published", "after", "2025-01-13"), {"reprint"}),
        (condition("published", ">", 1736730000), {"reprint"}),
        (condition("published", "≥", "1736839800"), {"reprint"}),
        (condition("published", "≤", "2025-01-13"), {"news/harbour bridge.txt"} | TR),
        (condition("published", "<", "2025-01-13"), TR),
        (condition(["language"], "is", "tr"), TR),
        (condition(["tag", "language"], "is", "tr"), TR),
        (condition("source", "contains", "nowhere"), set()),
    ],
)
def test_conditions_are_mapped(served: Served, one: dict[str, Any], expected: set[str]) -> None:
    assert passing(served, one) == expected


def test_conditions_are_joined(served: Served) -> None:
    turkish, island = condition("language", "is", "tr"), condition("tag", "is", "island")
    assert passing(served, turkish, island) == set()
    assert passing(served, turkish, island, operator="or") == {"reprint", "tr/iğde"}
    everything = {"news/harbour bridge.txt", "tr/iğde"}
    assert passing(served) == passing(served, operator="or") == everything
    assert {one["metadata"]["document_id"] for one in records(served, metadata_condition=None)} == everything


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (condition("colour", "is", "red"), "There is no key 'colour' to filter by"),
        (condition("source", "resembles", "red"), "There is no comparison 'resembles'; there are is, =, is not"),
        (condition("source", "is"), "source: is needs a value"),
        (condition("source", ">", "a"), "source is a text and cannot be compared by gt"),
        (condition("source", "is", ["a"]), "source: is takes one value"),
        (condition("published", "contains", "2025"), "Parts of published cannot be compared"),
        (condition("article_id", "start with", "news"), "Parts of article_id cannot be compared"),
        (condition("published", "before", "soon"), "'soon' is no date"),
    ],
)
def test_conditions_that_cannot_be_mapped_are_told(served: Served, one: dict[str, Any], words: str) -> None:
    reply = asked(served, metadata_condition={"logical_operator": "and", "conditions": [one]})
    assert (reply.status_code, reply.json()["error_code"]) == (422, 422)
    assert words in reply.json()["error_msg"]


# Registering, and errors


@pytest.mark.parametrize("body", [b"", b"  ", b"{}", b'{"query": ""}', b'{"knowledge_id": "", "query": null}'])
def test_the_odd_bodies_of_registering_are_answered_with_no_records(served: Served, body: bytes) -> None:
    reply = post(f"{served.url}/dify/retrieval", content=body)
    assert (reply.status_code, reply.json()) == (200, {"records": []})


def test_fields_that_dify_may_add_are_left_alone(served: Served) -> None:
    setting = {"top_k": 1, "score_threshold": 0, "score_threshold_enabled": False, "reranking_model": None}
    assert len(records(served, retrieval_setting=setting, user="u1", inputs={})) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", "body"),
        (b"[]", "body"),
        (b'{"query": 7}', "query"),
        (b'{"query": "x", "retrieval_setting": {"top_k": 0}}', "top_k"),
        (b'{"query": "x", "metadata_condition": {"logical_operator": "xor"}}', "logical_operator"),
    ],
)
def test_other_bodies_are_refused_in_difys_shape(served: Served, body: bytes, field: str) -> None:
    reply = post(f"{served.url}/dify/retrieval", content=body)
    assert (reply.status_code, set(reply.json())) == (422, {"error_code", "error_msg"})
    assert field in reply.json()["error_msg"]


def test_keys_and_collections_have_difys_error_codes(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "keys.json")
    good, writer = ring.create("dify", ["search"], ["*"])[1], ring.create("writer", ["write"], ["*"])[1]
    sports = {"id": "cup", "text": "The cup final ended in a draw."}
    filled(tmp_path / "collections" / "sports", [sports]).close()

    def code(authorization: str | None, **body: Any) -> tuple[int, int | None]:
        headers = {"authorization": authorization} if authorization is not None else {}
        reply = post(f"{guarded.url}/dify/retrieval", json=body, headers=headers)
        return reply.status_code, reply.json().get("error_code")

    with serving(filled(tmp_path / "library"), keys=ring, folder=tmp_path / "collections") as guarded:
        assert code(None) == (403, 1001)
        assert code(good) == (403, 1001)
        assert code("Bearer") == (403, 1001)
        assert code("Bearer wrong", query="x") == (403, 1002)
        assert code(f"Bearer {writer}", query="x") == (403, 1002)
        assert code(f"Bearer {good}", knowledge_id="nowhere", query="x") == (404, 2001)
        assert code(f"Bearer {good}", knowledge_id="nowhere") == (404, 2001)
        assert code(f"Bearer {good}") == (200, None)
        reply = post(
            f"{guarded.url}/dify/retrieval",
            json={"knowledge_id": "sports", "query": "cup"},
            headers={"authorization": f"Bearer {good}"},
        )
        assert [one["metadata"]["document_id"] for one in reply.json()["records"]] == ["cup"]


class Broken(HashingEmbedder):
    """A model with a fault that nobody foresaw."""

    def embed_question(self, text: str) -> Any:
        if text == QUESTION:
            raise RuntimeError("a fault that nobody foresaw")
        return super().embed_question(text)


def test_faults_of_the_server_are_told_in_difys_shape_too(tmp_path: Path) -> None:
    filled(tmp_path / "library").close()
    with serving(Service(open_library(tmp_path / "library"), Broken)) as served:
        reply = asked(served)
        assert (reply.status_code, set(reply.json())) == (500, {"error_code", "error_msg"})
        assert reply.json()["error_code"] == 500
        assert set(post(f"{served.url}/v1/search", json={"query": QUESTION}).json()) == {"error"}


def test_other_routes_keep_the_one_shape_of_errors(served: Served) -> None:
    assert set(post(f"{served.url}/v1/search", json={}).json()) == {"error"}
    assert get(f"{served.url}/dify/retrieval").json()["error_code"] == 405
