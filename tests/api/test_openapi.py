"""The OpenAPI page: every field described and exemplified, every route named, errors in their one shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service
from index.library.local.schema import TRUTH

METHODS = ("get", "post", "put", "delete")


@pytest.fixture
def page(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def operations(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [path[method] for path in page["paths"].values() for method in METHODS if method in path]


def test_every_field_has_a_description_and_an_example(page: dict[str, Any]) -> None:
    ours = {name: schema for name, schema in page["components"]["schemas"].items() if name.endswith(("In", "Out"))}
    assert "SearchIn" in ours
    missing = [
        f"{name}.{field}"
        for name, schema in ours.items()
        for field, about in schema.get("properties", {}).items()
        if not about.get("description") or not about.get("examples")
    ]
    assert missing == []


def test_every_parameter_has_a_description_and_an_example(page: dict[str, Any]) -> None:
    missing = [
        f"{operation['operationId']}.{parameter['name']}"
        for operation in operations(page)
        for parameter in operation.get("parameters", [])
        if not parameter["schema"].get("description", parameter.get("description"))
        or not parameter["schema"].get("examples", parameter.get("examples"))
    ]
    assert missing == []


def test_operations_have_clean_names_and_summaries(page: dict[str, Any]) -> None:
    found = {operation["operationId"] for operation in operations(page)}
    assert found == {
        *("search", "search_by_address", "add_articles", "upload_articles", "list_articles", "get_article"),
        *("put_article", "delete_article", "check_citation", "healthz", "readyz", "status", "metrics"),
        *("facets", "fetch_articles", "write_citation"),
        *("list_collections", "create_collection", "delete_collection"),
        *("list_vector_stores", "get_vector_store", "search_vector_store", "list_vector_store_files"),
        *("get_vector_store_file", "get_vector_store_file_content", "create_embeddings", "rerank"),
        *("dify_retrieval", "openwebui_search", "slack_command", "slack_interaction"),
    }
    assert all(operation["summary"] and operation["description"] for operation in operations(page))


def test_documented_errors_have_the_one_shape(page: dict[str, Any]) -> None:
    shapes = {
        reply["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        for operation in operations(page)
        for status, reply in operation["responses"].items()
        if status.startswith(("4", "5")) and operation["operationId"] not in {"readyz", "dify_retrieval"}
    }
    assert shapes == {"ErrorOut"}


def test_health_and_readiness(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    client.app.state.service.warm()  # type: ignore[attr-defined]
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ok"})


def test_it_is_not_ready_before_the_model_is_there_or_when_the_library_cannot_be_read(
    service: Service, tmp_path: Path
) -> None:
    client = TestClient(create_app(service))  # never started, so that it does not load the model by itself
    assert (client.get("/readyz").status_code, client.get("/readyz").json()) == (503, {"status": "starting"})
    service.warm()
    assert client.get("/readyz").status_code == 200
    (tmp_path / "library" / TRUTH).write_bytes(b"not a database" * 1000)
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_whoever_serves_is_told_once_the_model_is_loaded(service: Service) -> None:
    told: list[bool] = []
    with TestClient(create_app(service, when_warm=lambda: told.append(service.ready))):
        pass  # a server that ends waits until its model is loaded
    assert told == [True]
