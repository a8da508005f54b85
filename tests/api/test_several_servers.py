"""Two servers over one library, as docs/operate.md tells for machines with more cores: neither notices the other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.collections import Collections
from api.exposure import keys_for
from api.keys import KeyRing
from api.service import Service
from api.settings import Settings
from api.shelf import Shelf
from index.embedding.hashing import HashingEmbedder
from index.library.opening import open_library
from tests.api.serving import serving

PATIENCE = 60


def opened(folder: Path) -> Service:
    service = Service(open_library(folder, create=True), HashingEmbedder)
    service.look_after()
    return service


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[httpx.Client, httpx.Client, KeyRing]]:
    """Clients of two servers with the key of one desk, and the keys."""
    ring = KeyRing(tmp_path / "keys.json")
    _, key = ring.create("desk", ["search", "write", "admin"], ["*"])
    settings = Settings(keys=str(tmp_path / "keys.json"))

    def application() -> Any:
        collections = Collections(opened(tmp_path / "library"), Shelf(tmp_path / "collections"), opened)
        return create_app(collections, settings, keys_for(settings))

    headers = {"Authorization": f"Bearer {key}"}
    with (
        serving(application()) as one,
        serving(application()) as other,
        httpx.Client(base_url=one, headers=headers, timeout=PATIENCE) as first,
        httpx.Client(base_url=other, headers=headers, timeout=PATIENCE) as second,
    ):
        yield first, second, ring


def found(client: httpx.Client, question: str, **more: str) -> list[str]:
    reply = client.get("/v1/search", params={"q": question, "limit": 50, **more})
    assert reply.status_code == 200, reply.text
    return [hit["passage"]["article_id"] for hit in reply.json()["hits"]]


def test_what_one_stores_and_deletes_the_other_sees_at_once(
    servers: tuple[httpx.Client, httpx.Client, KeyRing],
) -> None:
    first, second, _ = servers
    for round_ in range(5):
        name = f"owl-{round_}"
        first.post("/v1/articles", json={"id": name, "text": "The owl has three chicks."}).raise_for_status()
        assert found(second, "owl", group="none") == [name]
        assert second.delete(f"/v1/articles/{name}").status_code == 200
        assert found(first, "owl", group="none") == []


def test_both_store_at_once_and_nothing_is_lost(servers: tuple[httpx.Client, httpx.Client, KeyRing]) -> None:
    first, second, _ = servers

    def store(number: int) -> int:
        record = {"id": f"{number}", "text": f"Owl number {number} has three chicks."}
        return (first, second)[number % 2].post("/v1/articles", json=record).status_code

    with ThreadPoolExecutor(4) as several:
        assert set(several.map(store, range(40))) == {200}
    assert sorted(found(first, "owl", group="none"), key=int) == [str(number) for number in range(40)]
    assert found(first, "owl", group="none") == found(second, "owl", group="none")
    statuses = [client.get("/v1/status").json() for client in (first, second)]
    assert [one["passages_without_vectors"] for one in statuses] == [0, 0]


def test_a_collection_and_a_key_are_those_of_both(servers: tuple[httpx.Client, httpx.Client, KeyRing]) -> None:
    first, second, ring = servers
    assert first.put("/v1/collections/north").status_code in {200, 201}
    article = {"id": "owl", "text": "The owl has three chicks."}
    second.post("/v1/articles", params={"collection": "north"}, json=article).raise_for_status()
    assert found(first, "owl", collection="north") == ["owl"]
    assert found(first, "owl") == []
    assert first.delete("/v1/collections/north").status_code == 200
    for client in (first, second):
        assert client.get("/v1/search", params={"q": "owl", "collection": "north"}).status_code == 404
    ring.revoke("desk")
    assert [client.get("/v1/status").status_code for client in (first, second)] == [401, 401]
