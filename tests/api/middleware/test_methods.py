"""Methods: HEAD answers what GET would, without the body, and a 405 says what the address takes."""

from __future__ import annotations

import logging
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.keys import KeyRing
from api.page.assets import asset_path, assets
from api.service import Service
from api.settings import Settings
from tests.api.chat.serving import filled
from tests.api.conftest import BRIDGE
from tests.api.serving import serving

VARIES = {"date", "x-request-id"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    service = filled(tmp_path_factory.mktemp("methods") / "library")
    service.warm()
    return service


@pytest.fixture(scope="module")
def address(service: Service) -> Iterator[str]:
    with serving(create_app(service, Settings())) as address:
        yield address


@pytest.fixture(scope="module")
def citation(service: Service, address: str) -> str:
    found: str = httpx.get(f"{address}/v1/search?q=bridge").json()["hits"][0]["citation"]["id"]
    return found


PATHS = (
    *("/", "/?q=bridge", "/library", "/articles/reprint", "/articles/nothing", asset_path(min(assets()))),
    *("/healthz", "/readyz", "/metrics", "/openapi.json", "/v1/status", "/v1/articles", "/v1/facets"),
    *("/v1/articles/news%2Fharbour%20bridge.txt", "/v1/articles/nothing", "/v1/collections", "/v1/vector_stores"),
    *("/v1/citations/CITATION", "/v1/citations/CITATION/bibtex", "/v1/citations/nothing", "/nowhere"),
    *("/v1/search", "/v1/search?q=bridge&collection=nothing"),
)


@pytest.mark.parametrize("path", PATHS)
def test_head_answers_what_get_would_without_the_body(address: str, citation: str, path: str) -> None:
    asked = path.replace("CITATION", citation)
    got, headed = (httpx.request(method, f"{address}{asked}") for method in ("GET", "HEAD"))
    assert (headed.status_code, headed.content) == (got.status_code, b"")
    told = [{name: value for name, value in one.headers.items() if name not in VARIES} for one in (got, headed)]
    if path == "/metrics":  # it counts what was asked in between
        told = [one | {"content-length": ""} for one in told]
    assert told[0] == told[1]
    assert "content-length" in headed.headers


def test_curl_shows_the_head_of_a_page(address: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    shown = subprocess.run(["curl", "-sSI", f"{address}/"], capture_output=True, text=True, check=True, timeout=60)
    assert shown.stdout.startswith("HTTP/1.1 200 OK")
    assert "content-type: text/html" in shown.stdout
    assert "<html" not in shown.stdout


def test_a_connection_goes_on_after_head(address: str) -> None:
    with httpx.Client(base_url=address) as client:
        for _ in range(3):
            assert client.head("/v1/status").status_code == 200
            assert client.get("/v1/status").json()["articles"] == 3


def test_head_needs_the_key_that_get_does(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "keys.json")
    _, writes = ring.create("feeder", ["write"], ["default"])
    _, reads = ring.create("desk", ["search"], ["default"])
    with serving(create_app(filled(tmp_path / "library"), Settings(), ring)) as address:
        statuses = [
            httpx.head(f"{address}/v1/articles/reprint", headers={"Authorization": f"Bearer {key}"}).status_code
            for key in ("none", writes, reads)
        ]
        page = httpx.head(f"{address}/")
    assert statuses == [401, 403, 200]
    assert (page.status_code, page.headers["www-authenticate"]) == (401, 'Bearer realm="pincite"')


def test_log_and_metrics_tell_of_head(address: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    httpx.head(f"{address}/v1/articles/{BRIDGE['id']}")
    figures = httpx.get(f"{address}/metrics").text  # asked first: a request is logged after it was answered
    assert "HEAD /v1/articles/{article_id:path} 200" in caplog.text
    assert 'method="HEAD",route="/v1/articles/{article_id:path}",status="200"' in figures


ALLOWED = [
    ("POST", "/", "GET, HEAD"),
    ("PUT", "/healthz", "GET, HEAD"),
    ("DELETE", "/openapi.json", "GET, HEAD"),
    ("PATCH", "/v1/search", "GET, POST, HEAD"),
    ("OPTIONS", "/v1/articles", "GET, POST, HEAD"),
    ("POST", "/v1/articles/reprint", "GET, PUT, DELETE, HEAD"),
    ("TRACE", "/v1/articles/upload", "GET, POST, PUT, DELETE, HEAD"),
    ("HEAD", "/v1/rerank", "POST"),
    ("GET", "/v1/embeddings", "POST"),
    ("GET", "/slack/commands", "POST"),
    ("GET", "/dify/retrieval", "POST"),
    ("HEAD", "/dify/retrieval", "POST"),
    ("GET", "/mcp", "POST"),
    ("HEAD", "/mcp", "POST"),
    ("POST", asset_path(min(assets())), "GET, HEAD"),
]


@pytest.mark.parametrize(("method", "path", "methods"), ALLOWED)
def test_what_an_address_does_not_take_is_told_with_what_it_takes(
    address: str, method: str, path: str, methods: str
) -> None:
    reply = httpx.request(method, f"{address}{path}")
    assert (reply.status_code, reply.headers.get("allow")) == (405, methods)
    if method == "HEAD":
        assert reply.content == b""
    elif path.startswith("/dify"):
        assert reply.json()["error_code"] == 405
    else:
        assert reply.json()["error"]["code"] == "method_not_allowed"
