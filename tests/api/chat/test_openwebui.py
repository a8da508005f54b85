"""Open WebUI: the library as a web search engine, and as a tool server by OpenAPI."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.chat.serving import Served, get, post


def test_the_library_is_a_web_search_engine(served: Served) -> None:
    reply = post(f"{served.url}/openwebui/search", json={"query": "When will the bridge close?", "count": 2})
    results = reply.json()
    assert len(results) == 2
    assert all(set(one) == {"link", "title", "snippet"} for one in results)
    assert results[0]["title"] == "Harbour bridge to close · Harbour Gazette"
    assert results[0]["link"].startswith("https://gazette.example/bridge#:~:text=")
    assert results[0]["snippet"].startswith("The harbour bridge will close for nine weeks from March.")


def test_an_article_from_no_page_is_linked_to_where_the_server_has_it(served: Served) -> None:
    results = post(f"{served.url}/openwebui/search", json={"query": "Iğdır kar yağışı", "count": 1}).json()
    assert results[0]["link"] == f"{served.url}/v1/articles/tr%2Fi%C4%9Fde"
    assert get(results[0]["link"]).json()["id"] == "tr/iğde"


@pytest.mark.parametrize(("body", "field"), [({"query": ""}, "query"), ({"query": "x", "count": 0}, "count")])
def test_what_cannot_be_searched_is_named(served: Served, body: dict[str, Any], field: str) -> None:
    reply = post(f"{served.url}/openwebui/search", json=body)
    assert (reply.status_code, reply.json()["error"]["detail"]["field"]) == (422, field)


def test_the_tool_server_offers_what_reads_with_flat_parameters(served: Served) -> None:
    document = get(f"{served.url}/openwebui/openapi.json").json()
    operations = {
        operation["operationId"]: (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert {name: (method, path) for name, (method, path, _) in operations.items()} == {
        "search_by_address": ("get", "/v1/search"),
        "get_article": ("get", "/v1/articles/{article_id}"),
        "check_citation": ("get", "/v1/citations/{citation_id}"),
    }
    for _, _, operation in operations.values():
        assert operation["description"]
        assert "requestBody" not in operation
        assert all(one.get("description") or one["schema"].get("description") for one in operation["parameters"])
    for _, path, operation in operations.values():
        names = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert names == ({part.strip("{}") for part in path.split("/") if part.startswith("{")})
