"""Which web pages may ask: our own and those of the origins that are set; none by a name that is not ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.keys import KeyRing
from api.middleware.origins import name_of
from api.page.assets import asset_path
from api.service import Service
from api.settings import Settings


def client_of(service: Service, **settings: str) -> TestClient:
    return TestClient(create_app(service, Settings(**settings)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "localhost", "LOCALHOST:9", "[::1]:8000", "192.168.1.5:8000", "pincite:8000", "box"]
)
def test_addresses_and_names_without_a_dot_are_ours(service: Service, host: str) -> None:
    assert client_of(service).get("/v1/status", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example."),
        *("[::1].evil.example", "127.0.0.1:80@evil.example", "[evil.example]", "localhost:a.evil.example"),
    ],
)
def test_a_name_that_was_made_to_point_here_is_refused(service: Service, host: str) -> None:
    reply = client_of(service).get("/v1/search?q=x", headers={"Host": host})
    assert (reply.status_code, reply.json()["error"]["code"]) == (421, "host_refused")
    assert "PINCITE_HOSTS" in reply.json()["error"]["message"]


def test_names_that_are_set_are_ours(service: Service) -> None:
    client = client_of(service, hosts="pincite.example, search.example")
    assert client.get("/v1/status", headers={"Host": "Search.Example:443"}).status_code == 200
    assert client.get("/v1/status", headers={"Host": "evil.example"}).status_code == 421
    assert client_of(service, hosts="*").get("/v1/status", headers={"Host": "evil.example"}).status_code == 200


def test_with_keys_in_force_the_name_does_not_matter(service: Service, tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "ring.json")
    client = TestClient(create_app(service, keys=ring))
    assert client.get("/v1/status", headers={"Host": "evil.example"}).status_code == 421
    ring.create("desk", ["search"], ["default"])
    assert client.get("/v1/status", headers={"Host": "evil.example"}).status_code == 401


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000", "http://127.0.0.1"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_pages_of_other_origins_are_refused(service: Service, origin: str, method: str) -> None:
    headers = {"Origin": origin, "Host": "127.0.0.1:8000", "Content-Type": "text/plain"}
    reply = client_of(service).request(method, "/v1/articles", headers=headers)
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "origin_refused")
    assert "access-control-allow-origin" not in reply.headers
    assert service.status().articles == 0


def test_no_origin_hides_behind_another(service: Service) -> None:
    own, other = ("Origin", "http://127.0.0.1:8000"), ("Origin", "https://evil.example")
    for origins in ([own, other], [other, own]):
        reply = client_of(service).post("/v1/articles", headers=[("Host", "127.0.0.1:8000"), *origins])
        assert reply.json()["error"]["code"] == "origin_refused"


@pytest.mark.parametrize("path", ["/v1/status", "/v1/articles/nothing", "/nowhere", "/metrics", "/healthz", "/"])
def test_replies_are_for_who_asked_alone_and_what_they_say_they_are(service: Service, path: str) -> None:
    for host in ("localhost", "evil.example"):
        headers = client_of(service).get(path, headers={"Host": host}).headers
        assert (headers["cache-control"], headers["x-content-type-options"]) == ("private, no-cache", "nosniff")


def test_what_a_reply_says_of_caches_itself_stands(service: Service) -> None:
    headers = client_of(service).get(asset_path("page.css")).headers
    assert headers["cache-control"] == "public, max-age=31536000, immutable"


def test_our_own_pages_may_ask(service: Service) -> None:
    headers = {"Origin": "http://127.0.0.1:8000", "Host": "127.0.0.1:8000"}
    assert client_of(service).get("/v1/status", headers=headers).status_code == 200


def test_what_a_page_fetches_without_telling_its_origin_is_refused_and_a_link_is_followed(service: Service) -> None:
    client = client_of(service)
    fetched = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert client.get("/v1/search?q=x", headers=fetched).status_code == 403
    assert client.post("/v1/articles", headers={"Sec-Fetch-Site": "same-site"}).status_code == 403
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get("/v1/status", headers=followed).status_code == 200
    assert client.delete("/v1/articles/x", headers=followed).status_code == 403
    for own in ("same-origin", "none"):
        assert client.get("/v1/status", headers={"Sec-Fetch-Site": own}).status_code == 200


def test_pages_of_origins_that_are_set_may_ask_and_read(service: Service) -> None:
    client = client_of(service, origins="https://chat.example")
    asked = {"Origin": "https://chat.example", "Access-Control-Request-Method": "POST"}
    preflight = client.options(
        "/v1/search", headers=asked | {"Access-Control-Request-Headers": "authorization,content-type"}
    )
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://chat.example"
    assert "authorization" in preflight.headers["access-control-allow-headers"].lower()
    reply = client.get("/v1/status", headers={"Origin": "https://chat.example"})
    assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (200, "https://chat.example")
    assert client.get("/v1/status", headers={"Origin": "https://evil.example"}).status_code == 403


def test_a_preflight_needs_no_key_and_what_follows_does(service: Service, tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "ring.json")
    _, secret = ring.create("desk", ["search"], ["default"])
    client = TestClient(create_app(service, Settings(origins="https://chat.example"), ring))
    origin = {"Origin": "https://chat.example"}
    asked = origin | {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    assert client.options("/v1/search", headers=asked).status_code == 200
    refused = client.get("/v1/status", headers=origin)
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "https://chat.example"
    assert client.get("/v1/status", headers=origin | {"Authorization": f"Bearer {secret}"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "name"),
    [
        *(("A.example:80", "a.example"), ("[::1]:80", "::1"), ("a.example.", "a.example"), ("", "")),
        *(("[::1].a", "[::1].a"), ("a:b", "a:b"), ("a@b.c", "a@b.c")),
    ],
)
def test_the_name_in_a_host(host: str, name: str) -> None:
    assert name_of(host) == name
