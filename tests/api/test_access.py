"""Keys, scopes and collections over HTTP: who reaches what, and what the others are told."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.collections import Collections
from api.keys import KeyRing, Scope
from api.service import Service
from api.settings import Settings
from api.shelf import Shelf
from index.embedding.hashing import HashingEmbedder
from index.library.opening import open_library
from tests.api.conftest import BRIDGE, TURKISH

EMBEDDER = HashingEmbedder()


def opened(folder: Path) -> Service:
    return Service(open_library(folder, create=True), lambda: EMBEDDER)


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys.json")


@pytest.fixture
def guarded(tmp_path: Path, ring: KeyRing) -> Iterator[TestClient]:
    """A server with keys and three collections; `gazette` and `courier` hold one article each."""
    collections = Collections(opened(tmp_path / "library"), Shelf(tmp_path / "collections"), opened)
    app = create_app(collections, Settings(requests_per_minute=6000), ring)
    with TestClient(app, raise_server_exceptions=False) as client:
        ring.create("root", ["admin"], ["*"])
        for name, article in (("gazette", BRIDGE), ("courier", TURKISH)):
            headers = holder(ring, ["admin"], "*", name=f"filler of {name}") | {"Pincite-Collection": name}
            assert client.put(f"/v1/collections/{name}", headers=headers).status_code == 201
            assert client.post("/v1/articles", json=article, headers=headers).status_code == 200
        yield client


def holder(ring: KeyRing, scopes: list[Scope], *collections: str, name: str = "desk") -> dict[str, str]:
    """The headers of somebody with such a key."""
    return {"Authorization": f"Bearer {ring.create(name, scopes, collections)[1]}"}


def titles(reply: httpx.Response) -> set[str]:
    assert reply.status_code == 200, reply.text
    return {hit["citation"]["title"] for hit in reply.json()["hits"]}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/search?q=bridge"),
        ("POST", "/v1/search"),
        ("POST", "/v1/articles"),
        ("GET", "/v1/articles"),
        ("DELETE", "/v1/articles/x"),
        ("GET", "/v1/status"),
        ("GET", "/v1/collections"),
        ("GET", "/nowhere"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer pincite_0123_no"}, {"X-API-Key": "no"}])
def test_without_a_good_key_there_is_one_answer(
    guarded: TestClient, method: str, path: str, headers: dict[str, str]
) -> None:
    reply = guarded.request(method, path, headers=headers)
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"].startswith('Bearer realm="pincite"')
    assert reply.json()["error"] == {
        "code": "key_required",
        "message": "A valid API key is required: send it as `Authorization: Bearer KEY`. "
        "`pincite keys create` makes one.",
        "detail": {},
    }


def test_a_body_is_not_read_of_who_has_no_key(guarded: TestClient) -> None:
    def never() -> Iterator[bytes]:
        raise AssertionError("the body was asked for")
        yield b""

    assert guarded.post("/v1/articles", content=never()).status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json"])
def test_what_tells_nothing_needs_no_key(guarded: TestClient, path: str) -> None:
    assert guarded.get(path).status_code == 200


def test_a_key_may_come_in_three_ways(guarded: TestClient, ring: KeyRing) -> None:
    _, secret = ring.create("desk", ["search"], ["default"])
    basic = base64.b64encode(f"anybody:{secret}".encode()).decode()
    for headers in (
        {"Authorization": f"Bearer {secret}"},
        {"authorization": f"bearer  {secret}"},
        {"X-API-Key": secret},
        {"Authorization": f"Basic {basic}"},
    ):
        assert guarded.get("/v1/status", headers=headers).status_code == 200
    assert guarded.get("/v1/status", headers={"Authorization": "Basic %%%"}).status_code == 401
    assert guarded.get(f"/v1/status?key={secret}").status_code == 401


@pytest.mark.parametrize(
    ("scopes", "read", "written", "made"),
    [
        (["search"], 200, 403, 403),
        (["write"], 403, 200, 403),
        (["search", "write"], 200, 200, 403),
        (["admin"], 200, 200, 201),
    ],
)
def test_scopes(guarded: TestClient, ring: KeyRing, scopes: list[Scope], read: int, written: int, made: int) -> None:
    headers = holder(ring, scopes, "*")
    assert guarded.get("/v1/search?q=bridge", headers=headers).status_code == read
    assert guarded.get("/v1/articles", headers=headers).status_code == read
    assert guarded.post("/v1/articles", json=BRIDGE, headers=headers).status_code == written
    assert guarded.put("/v1/collections/island", headers=headers).status_code == made


def test_a_missing_scope_is_named(guarded: TestClient, ring: KeyRing) -> None:
    reply = guarded.delete("/v1/articles/x", headers=holder(ring, ["search"], "default"))
    assert reply.json()["error"] == {
        "code": "scope_required",
        "message": "This key does not have the scope 'write', which this needs.",
        "detail": {"scope": "write"},
    }


def test_a_request_chooses_its_collection_by_header_or_parameter(guarded: TestClient, ring: KeyRing) -> None:
    headers = holder(ring, ["search"], "*")
    assert titles(guarded.get("/v1/search?q=bridge&collection=gazette", headers=headers)) == {BRIDGE["title"]}
    named = headers | {"Pincite-Collection": "courier"}
    assert titles(guarded.get("/v1/search?q=kar", headers=named)) == {TURKISH["title"]}
    assert titles(guarded.post("/v1/search", json={"query": "kar"}, headers=named)) == {TURKISH["title"]}
    assert titles(guarded.get("/v1/search?q=bridge", headers=headers)) == set()
    both = guarded.get("/v1/search?q=bridge&collection=gazette", headers=named)
    assert (both.status_code, both.json()["error"]["detail"]) == (422, {"field": "collection"})


def test_a_key_of_one_collection_need_not_name_it(guarded: TestClient, ring: KeyRing) -> None:
    headers = holder(ring, ["search"], "gazette")
    assert titles(guarded.get("/v1/search?q=bridge", headers=headers)) == {BRIDGE["title"]}


@pytest.mark.parametrize("name", ["courier", "nothing-here", "default", "..", "%00", "a%2Fb"])
def test_forbidden_unknown_and_impossible_collections_are_told_alike(
    guarded: TestClient, ring: KeyRing, name: str
) -> None:
    headers = holder(ring, ["search", "write", "admin"], "gazette")
    for reply in (
        guarded.get(f"/v1/search?q=kar&collection={name}", headers=headers),
        guarded.get(f"/v1/articles/{TURKISH['id']}?collection={name}", headers=headers),
        guarded.post(f"/v1/articles?collection={name}", json=BRIDGE, headers=headers),
        guarded.delete(f"/v1/articles/{TURKISH['id']}?collection={name}", headers=headers),
    ):
        assert reply.status_code == 404
        error = reply.json()["error"]
        assert error["code"] == "collection_not_found"
        assert error["message"].startswith("There is no collection '")
        assert error["detail"] == {}


def test_the_list_shows_what_the_caller_may_use(guarded: TestClient, ring: KeyRing) -> None:
    def listed(*collections: str) -> list[str]:
        headers = holder(ring, ["search"], *collections, name=f"key for {collections}")
        return [one["name"] for one in guarded.get("/v1/collections", headers=headers).json()["collections"]]

    assert listed("*") == ["default", "courier", "gazette"]
    assert listed("gazette", "gone") == ["gazette"]
    assert listed("gone") == []


def test_only_who_administers_all_makes_and_deletes_collections(guarded: TestClient, ring: KeyRing) -> None:
    bound = holder(ring, ["admin"], "gazette", name="bound")
    for name in ("gazette", "island"):
        assert guarded.put(f"/v1/collections/{name}", headers=bound).json()["error"]["code"] == "scope_required"
        assert guarded.delete(f"/v1/collections/{name}", headers=bound).status_code == 403
    free = holder(ring, ["admin"], "*", name="free")
    assert guarded.put("/v1/collections/gazette", headers=free).status_code == 200
    assert guarded.delete("/v1/collections/gazette", headers=free).json() == {"name": "gazette"}
    assert guarded.delete("/v1/collections/gazette", headers=free).status_code == 404
    assert guarded.put("/v1/collections/No%20Name", headers=free).status_code == 422
    assert guarded.get("/v1/search?q=bridge&collection=gazette", headers=free).status_code == 404


def test_revoking_a_key_closes_the_door_of_a_running_server(guarded: TestClient, ring: KeyRing) -> None:
    headers = holder(ring, ["search"], "default", name="guest")
    assert guarded.get("/v1/status", headers=headers).status_code == 200
    ring.revoke("guest")
    assert guarded.get("/v1/status", headers=headers).status_code == 401


def test_the_first_key_puts_keys_into_force_and_nothing_takes_them_out(tmp_path: Path, ring: KeyRing) -> None:
    with TestClient(create_app(opened(tmp_path / "library"), keys=ring)) as client:
        assert client.get("/v1/status").status_code == 200
        headers = holder(KeyRing(tmp_path / "keys.json"), ["search"], "default", name="guest")
        assert client.get("/v1/status").status_code == 401
        assert client.get("/v1/status", headers=headers).status_code == 200
        ring.revoke("guest")
        assert client.get("/v1/status").status_code == 401
        (tmp_path / "keys.json").unlink()
        assert client.get("/v1/status").status_code == 401


def test_each_key_has_a_rate_of_its_own(tmp_path: Path, ring: KeyRing) -> None:
    app = create_app(opened(tmp_path / "library"), Settings(requests_per_minute=6), ring)
    one, other = (holder(ring, ["search"], "default", name=name) for name in ("one", "other"))
    with TestClient(app) as client:
        assert client.get("/v1/status", headers=one).status_code == 200
        refused = client.get("/v1/status", headers=one)
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_requests")
        assert 1 <= int(refused.headers["retry-after"]) <= 10
        assert client.get("/v1/status", headers=other).status_code == 200


def test_the_openapi_page_tells_how_to_send_a_key(guarded: TestClient) -> None:
    page = guarded.get("/openapi.json").json()
    assert page["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert page["components"]["securitySchemes"]["header"]["name"] == "X-API-Key"
    open_to_all = {
        path
        for path, methods in page["paths"].items()
        for operation in methods.values()
        if not operation.get("security")
    }
    # Slack signs what it sends instead.
    assert open_to_all == {"/healthz", "/readyz", "/slack/commands", "/slack/interactions"}
