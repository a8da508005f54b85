"""Metrics: every promised figure is there, and moves when it should; no label comes from what somebody sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from api.collections import Collections
from api.keys import KeyRing
from api.service import Service
from api.shelf import Shelf
from index.embedding.hashing import HashingEmbedder
from index.library.opening import open_library
from tests.api.conftest import BRIDGE, TURKISH


def figures(client: TestClient, headers: dict[str, str] | None = None) -> dict[str, float]:
    """All samples as `name{label="value"}`, labels by name."""
    reply = client.get("/metrics", headers=headers)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        sample.name
        + "{"
        + ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
        + "}": sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_and_status_and_timed(full: TestClient) -> None:
    before = figures(full)
    full.get("/v1/search?q=bridge")
    full.get("/v1/search?q=bridge")
    full.get("/v1/articles/nothing")
    full.get("/nowhere/at/all")
    after = figures(full)
    grown = {name: after[name] - before.get(name, 0) for name in after}
    assert grown["pincite_requests_total{method=GET,route=/v1/search,status=200}"] == 2
    assert grown["pincite_requests_total{method=GET,route=/v1/articles/{article_id:path},status=404}"] == 1
    assert grown["pincite_requests_total{method=GET,route=other,status=404}"] == 1
    assert grown["pincite_request_seconds_count{route=/v1/search}"] == 2
    assert after["pincite_request_seconds_sum{route=/v1/search}"] > 0


def test_stages_of_answers_are_timed_by_collection(full: TestClient) -> None:
    full.get("/v1/search?q=bridge")
    found = figures(full)
    for stage in ("retrieve", "rerank", "cite", "total"):
        assert found[f"pincite_stage_seconds_count{{collection=default,stage={stage}}}"] >= 1


def test_what_is_stored_and_embedded_is_counted(client: TestClient) -> None:
    client.post("/v1/articles", json=[BRIDGE, TURKISH, {"id": "empty"}])
    client.post("/v1/articles", json=[BRIDGE])
    found = figures(client)
    assert found["pincite_articles_given_total{collection=default,fate=added}"] == 2
    assert found["pincite_articles_given_total{collection=default,fate=unchanged}"] == 1
    assert found["pincite_articles_given_total{collection=default,fate=rejected}"] == 1
    assert found["pincite_embedded_passages_total{collection=default}"] == 2
    assert found["pincite_embedding_seconds_total{collection=default}"] > 0


def test_what_a_library_holds_and_how_far_its_parts_are(full: TestClient) -> None:
    full.get("/v1/search?q=bridge")
    found = figures(full)
    assert found["pincite_articles{collection=default}"] == 3
    assert found["pincite_passages{collection=default}"] == 3
    assert found["pincite_generation{collection=default}"] == 1
    assert found["pincite_derived_behind{collection=default,part=words}"] == 0
    assert found["pincite_derived_behind{collection=default,part=vectors}"] == 0
    assert found["pincite_library_readable{collection=default}"] == 1


def test_permits_and_queues_are_told(client: TestClient) -> None:
    found = figures(client)
    assert found["pincite_permits{kind=read}"] >= 2
    assert found["pincite_permits{kind=write}"] == 2
    assert found["pincite_permits_used{kind=read}"] == found["pincite_queue{kind=read}"] == 0
    assert found["pincite_queue_places{kind=read}"] == 16
    assert found["pincite_process_resident_memory_bytes{}"] > 0


def test_collections_that_are_opened_later_are_watched_too(tmp_path: Path) -> None:
    embedder = HashingEmbedder()

    def opened(folder: Path) -> Service:
        return Service(open_library(folder, create=True), lambda: embedder)

    Shelf(tmp_path / "shelf").create("gazette")
    app = create_app(Collections(opened(tmp_path / "library"), Shelf(tmp_path / "shelf"), opened))
    with TestClient(app) as client:
        assert "pincite_articles{collection=gazette}" not in figures(client)
        client.post("/v1/articles?collection=gazette", json=BRIDGE)
        client.get("/v1/search?q=bridge&collection=gazette")
        found = figures(client)
    assert found["pincite_articles{collection=gazette}"] == 1
    assert found["pincite_articles{collection=default}"] == 0
    assert found["pincite_stage_seconds_count{collection=gazette,stage=total}"] == 1


def test_figures_of_all_collections_are_for_administrators_of_all(service: Service, tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "ring.json")
    client = TestClient(create_app(service, keys=ring))

    def asking(*scopes: str, collection: str = "*") -> int:
        _, secret = ring.create(f"{scopes} {collection}", scopes, [collection])  # type: ignore[arg-type]
        return client.get("/metrics", headers={"X-API-Key": secret}).status_code

    assert asking("admin") == 200
    assert asking("search", "write") == 403
    assert asking("admin", collection="default") == 403
    assert client.get("/metrics").status_code == 401


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_unknown_addresses_make_no_labels(client: TestClient, method: str) -> None:
    for number in range(20):
        client.request(method, f"/made-up/{number}")
    made = {name for name in figures(client) if "made-up" in name}
    assert made == set()
