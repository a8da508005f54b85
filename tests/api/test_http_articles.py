"""Articles over HTTP: in, out, replaced, deleted, listed; and citations checked after it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.service import Service
from index.ingest import FEW

BRIDGE_ID = "news/harbour bridge.txt"
ENCODED = quote(BRIDGE_ID, safe="")


def test_an_article_comes_back_as_it_was_sent(full: TestClient) -> None:
    article = full.get(f"/v1/articles/{ENCODED}").json()
    assert article["id"] == BRIDGE_ID
    assert article["title"] == "Harbour bridge to close"
    assert article["author"] == "Mara Lindqvist; Tom Oyelaran"
    assert article["published"] == "2025-01-13"
    assert article["tags"] == ["transport"]
    assert article["metadata"]["desk"] == "city"
    assert article["metadata"]["provenance"]["title"] == "record"
    assert article["text"].startswith("The harbour bridge will close for nine weeks from March.")


def test_the_same_article_again_is_unchanged_and_writes_nothing(full: TestClient) -> None:
    article = {"id": "a", "text": "One sentence that stays the same."}
    first = full.post("/v1/articles", json=article).json()
    second = full.post("/v1/articles", json=article).json()
    assert [result["status"] for result in first["results"] + second["results"]] == ["added", "unchanged"]
    assert second["generation"] == first["generation"] == 2


def test_among_several_a_bad_one_is_rejected_and_the_rest_stored(client: TestClient) -> None:
    records = [
        {"id": "a", "text": "Good."},
        {"id": "b"},
        7,
        {"id": "c", "text": "Also good.", "published": "2025-02-30"},
    ]
    reply = client.post("/v1/articles", json=records)
    assert reply.status_code == 200
    results = reply.json()["results"]
    assert [result["status"] for result in results] == ["added", "rejected", "rejected", "rejected"]
    assert [result["index"] for result in results] == [0, 1, 2, 3]
    assert all(result["error"]["message"] for result in results[1:])
    assert client.get("/v1/status").json()["articles"] == 1


def test_of_two_with_one_id_the_later_counts(client: TestClient) -> None:
    records = [{"id": "a", "text": "First version."}, {"id": "a", "text": "Corrected version."}]
    reply = client.post("/v1/articles", json=records).json()
    assert [result["status"] for result in reply["results"]] == ["superseded", "added"]
    assert client.get("/v1/articles/a").json()["text"] == "Corrected version."


def test_a_single_bad_article_is_an_error(client: TestClient) -> None:
    reply = client.post("/v1/articles", json={"id": "c", "text": "Fine.", "published": "2025-02-30"})
    assert reply.status_code == 422
    assert "2025-02-30" in reply.json()["error"]["message"]


def test_one_article_a_line(client: TestClient) -> None:
    lines = '{"id": "a", "text": "Alpha."}\n\nnot json\n{"id": "b", "text": "Beta."}\n'
    reply = client.post("/v1/articles", content=lines, headers={"content-type": "application/x-ndjson"})
    assert [result["status"] for result in reply.json()["results"]] == ["added", "rejected", "added"]


def test_uploaded_files_are_read_by_their_format(client: TestClient) -> None:
    files = [
        ("files", ("note.md", b"---\ntitle: A note\n---\nMarkdown text that says something.", "text/markdown")),
        ("files", ("rows.jsonl", b'{"id": "r1", "text": "Row one."}\n{"id": "r2"}\n', "application/jsonl")),
    ]
    reply = client.post("/v1/articles/upload", files=files)
    assert [result["status"] for result in reply.json()["results"]] == ["added", "added", "rejected"]
    assert client.get("/v1/articles/note.md").json()["title"] == "A note"


def test_without_id_and_address_the_text_is_the_name(client: TestClient) -> None:
    first = client.post("/v1/articles", json={"text": "Nameless but not forgotten."}).json()["results"][0]
    again = client.post("/v1/articles", json=[{"text": "Nameless but not forgotten."}]).json()["results"][0]
    other = client.post("/v1/articles", json={"text": "Another one."}).json()["results"][0]
    assert (first["status"], again["status"], other["status"]) == ("added", "unchanged", "added")
    assert first["id"] == again["id"] != other["id"]


def test_put_creates_then_replaces(client: TestClient) -> None:
    created = client.put("/v1/articles/a%2Fb%3Fc", json={"text": "First."})
    replaced = client.put("/v1/articles/a%2Fb%3Fc", json={"text": "Second."})
    assert [(reply.status_code, reply.json()["status"]) for reply in (created, replaced)] == [
        (201, "added"),
        (200, "updated"),
    ]
    assert client.get("/v1/articles/a%2Fb%3Fc").json()["text"] == "Second."


@pytest.mark.parametrize("body", [{"id": "other", "text": "x"}, [], {"text": 5}, {"text": "   "}, {}])
def test_put_refuses_what_is_no_article(client: TestClient, body: Any) -> None:
    reply = client.put("/v1/articles/a", json=body)
    assert reply.status_code == 422
    assert client.get("/v1/status").json()["articles"] == 0


def test_deleted_articles_are_gone_from_everything(full: TestClient) -> None:
    reply = full.delete(f"/v1/articles/{ENCODED}")
    assert reply.json() == {"id": BRIDGE_ID, "deleted": True, "generation": 2}
    assert full.get(f"/v1/articles/{ENCODED}").status_code == 404
    assert full.delete(f"/v1/articles/{ENCODED}").json()["error"]["code"] == "article_not_found"
    hits = full.get("/v1/search", params={"q": "harbour bridge", "group": "none"}).json()["hits"]
    assert BRIDGE_ID not in {hit["passage"]["article_id"] for hit in hits}


def test_the_list_pages_through_all_articles_by_id(full: TestClient) -> None:
    seen, cursor = [], None
    for _ in range(3):
        page = full.get("/v1/articles", params={"limit": 1} | ({"cursor": cursor} if cursor else {})).json()
        seen += [article["id"] for article in page["articles"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == ([BRIDGE_ID, "reprint", "tr/iğde"], None)
    assert "text" not in page["articles"][0]


@pytest.mark.parametrize("cursor", ["%", "_w", "a"])
def test_a_made_up_cursor_is_refused(full: TestClient, cursor: str) -> None:
    reply = full.get("/v1/articles", params={"cursor": cursor})
    assert (reply.status_code, reply.json()["error"]["detail"]["field"]) == (422, "cursor")


@pytest.mark.parametrize(
    "body",
    [b"{", b"7", b'[{"id": "a", "text": "x", "n": NaN}]', b"[" * 5_000, b"\xff", b'{"n": ' + b"9" * 5_000 + b"}"],
)
def test_bodies_that_are_no_json_are_refused_whole(client: TestClient, body: bytes) -> None:
    reply = client.post("/v1/articles", content=body)
    assert reply.status_code == 422
    assert set(reply.json()["error"]) == {"code", "message", "detail"}
    assert client.get("/v1/status").json()["generation"] == 0


@pytest.mark.parametrize(
    "record",
    [
        {"id": "a", "text": "half a pair \ud800"},
        {"id": "\ud800", "text": "x"},
        {"id": "a\0", "text": "x"},
        {"id": "", "text": "x"},
        {"id": "x" * 3_000, "text": "x"},
        {"id": "a", "text": "x", "tags": [1]},
        {"id": "a", "text": "x", "deep": json.loads("[" * 70 + "]" * 70)},
    ],
)
def test_hostile_articles_leave_the_library_as_it_was(full: TestClient, record: dict[str, Any]) -> None:
    before = full.get("/v1/status").json()
    reply = full.post("/v1/articles", content=json.dumps(record))
    assert 200 <= reply.status_code < 500
    if reply.status_code == 200:  # cleaned instead of refused: then it must come back whole
        article_id = reply.json()["results"][0]["id"]
        assert full.get(f"/v1/articles/{quote(article_id, safe='')}").status_code == 200
    else:
        assert full.get("/v1/status").json() == before


def citation_of(client: TestClient, question: str) -> dict[str, Any]:
    cited: dict[str, Any] = client.get("/v1/search", params={"q": question}).json()["hits"][0]["citation"]
    return cited


def test_a_citation_tells_what_became_of_its_quote(full: TestClient) -> None:
    cited = citation_of(full, "harbour bridge close")
    text = full.get(f"/v1/articles/{ENCODED}").json()["text"]

    def check() -> dict[str, Any]:
        checked: dict[str, Any] = full.get(f"/v1/citations/{cited['id']}").json()
        return checked

    assert check()["status"] == "unchanged"
    full.put(f"/v1/articles/{ENCODED}", json={"text": f"Correction. An earlier version was unclear.\n\n{text}"})
    moved = check()
    assert (moved["status"], moved["citation"]["quote"]) == ("moved", cited["quote"])
    assert moved["citation"]["start"] == cited["start"] + len("Correction. An earlier version was unclear.\n\n")
    assert moved["revision"] != moved["cited_revision"]
    full.put(f"/v1/articles/{ENCODED}", json={"text": text.replace("nine", "ten")})
    assert check()["status"] == "changed"
    full.delete(f"/v1/articles/{ENCODED}")
    assert check()["status"] == "gone"


def test_what_is_no_citation_is_not_found(full: TestClient) -> None:
    reply = full.get("/v1/citations/nonsense")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "invalid_citation")


def test_many_articles_are_found_by_words_at_once_and_by_meaning_soon(client: TestClient, service: Service) -> None:
    articles = [{"id": f"a{number}", "text": f"The harbour bridge, day {number}."} for number in range(FEW + 6)]
    reply = client.post("/v1/articles", json=articles).json()
    assert reply["counts"] == {"added": FEW + 6}
    assert 0 <= reply["passages_without_vectors"] <= FEW + 6
    found = client.get("/v1/search", params={"q": "bridge", "mode": "lexical", "limit": 3}).json()
    assert len(found["hits"]) == 3
    service.finish()
    assert client.get("/v1/status").json()["passages_without_vectors"] == 0
    found = client.get("/v1/search", params={"q": "harbour bridge", "mode": "dense", "limit": 3}).json()
    assert len(found["hits"]) == 3


def test_few_articles_are_found_by_meaning_at_once(full: TestClient) -> None:
    reply = full.put("/v1/articles/one", json={"text": "The chapel has a new roof."})
    assert reply.status_code == 201
    assert full.get("/v1/status").json()["passages_without_vectors"] == 0
    found = full.get("/v1/search", params={"q": "chapel roof", "mode": "dense", "limit": 1}).json()
    assert found["hits"][0]["citation"]["article_id"] == "one"
