"""deploy/nginx.conf before a real server: what people do through it works, and who they are not is still noticed."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.exposure import keys_for
from api.keys import KeyRing
from api.service import Service
from api.settings import Settings
from index.embedding.hashing import HashingEmbedder
from index.library.opening import open_library
from tests.api.chat.serving import filled
from tests.api.serving import serving

ROOT = Path(__file__).resolve().parents[1]
NAME = "pincite.example.org"
PATIENCE = 30
MAIN = """
daemon off;
{user}
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/pincite.conf;
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def written(folder: Path, port: int, server: str, before: str = "") -> Path:
    """nginx' configuration: ours, with another port and certificate, and what stands before it."""
    certificate = ROOT / "tests" / "data" / "tls" / "gazette.example.pem"
    ours = (ROOT / "deploy" / "nginx.conf").read_text()
    for told, here in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/letsencrypt/live/pincite.example.org/fullchain.pem": str(certificate),
        "/etc/letsencrypt/live/pincite.example.org/privkey.pem": str(certificate),
        "http://127.0.0.1:8000": server,
    }.items():
        assert told in ours
        ours = ours.replace(told, here)
    (folder / "pincite.conf").write_text(before + ours)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
    return folder / "nginx.conf"


@contextmanager
def nginx(folder: Path, server: str, before: str = "") -> Iterator[str]:
    """The address of a running nginx with our configuration before a server."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("there is no nginx")
    port = free_port()
    proxy = subprocess.Popen([program, "-c", written(folder, port, server, before)])
    try:
        wait_for(port, proxy)
        yield f"https://127.0.0.1:{port}"
    finally:
        proxy.terminate()
        proxy.wait(PATIENCE)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, str]]:
    """A client of the proxy, and a key."""
    folder = tmp_path_factory.mktemp("proxy")
    _, key = KeyRing(folder / "keys.json").create("desk", ["search", "write"], ["default"])
    settings = Settings(hosts=NAME, keys=str(folder / "keys.json"))
    with (
        serving(create_app(filled(folder / "library"), settings, keys_for(settings))) as server,
        nginx(folder, server) as address,
        httpx.Client(base_url=address, headers={"Host": NAME}, verify=False) as client,
    ):
        yield client, key


def wait_for(port: int, proxy: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert proxy.poll() is None, "nginx did not start"
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.05)
    pytest.fail("nginx does not listen")


def test_the_page_asks_its_own_server(proxied: tuple[httpx.Client, str]) -> None:
    client, key = proxied
    own = {"Origin": f"https://{NAME}", "Sec-Fetch-Site": "same-origin"}
    assert client.get("/").status_code == 401  # where to log in
    article = {"id": "owl", "text": "The owl in the tower has three chicks."}
    assert client.post("/v1/articles", json=article, headers=own).status_code == 401
    stored = client.post("/v1/articles", json=article, headers=own | {"X-API-Key": key})
    assert stored.json()["counts"] == {"added": 1}
    found = client.get("/v1/search?q=owl", headers={"Authorization": f"Bearer {key}"})
    assert found.json()["hits"][0]["citation"]["article_id"] == "owl"


def test_pages_of_others_are_refused_behind_it_too(proxied: tuple[httpx.Client, str]) -> None:
    client, key = proxied
    reply = client.get("/v1/status", headers={"Origin": "https://evil.example", "X-API-Key": key})
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "origin_refused")


def test_who_comes_through_it_is_not_taken_for_this_machine(proxied: tuple[httpx.Client, str]) -> None:
    client, _ = proxied
    for told in ({}, {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"}, {"Host": "localhost"}):
        reply = client.get("/v1/status", headers=told)
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "key_required")


def test_a_request_has_one_id_all_the_way(proxied: tuple[httpx.Client, str]) -> None:
    client, _ = proxied
    identity = client.head("/healthz").headers["x-request-id"]
    assert len(identity) == 32
    assert int(identity, 16) >= 0


def test_several_servers_share_the_questions_out(tmp_path: Path) -> None:
    told = (ROOT / "docs" / "operate.md").read_text()
    (upstream,) = re.findall(r"^upstream pincite {.*}$", told, re.MULTILINE)
    first, second = filled(tmp_path / "library"), Service(open_library(tmp_path / "library"), HashingEmbedder)
    settings = Settings(hosts=NAME, open=True)
    with serving(create_app(first, settings)) as one, serving(create_app(second, settings)) as other:
        for place, server in {"127.0.0.1:8000": one, "127.0.0.1:8001": other}.items():
            assert place in upstream
            upstream = upstream.replace(place, server.removeprefix("http://"))
        with (
            nginx(tmp_path, "http://pincite", f"{upstream}\n") as address,
            httpx.Client(base_url=address, headers={"Host": NAME}, verify=False) as client,
        ):
            for _ in range(8):
                assert client.get("/v1/search?q=bridge").json()["hits"]
        asked = [searches(server) for server in (one, other)]
    assert sum(asked) == 8
    assert all(asked)


def searches(server: str) -> int:
    """How many searches a server has answered."""
    figures = httpx.get(f"{server}/metrics").text
    found = re.search(r"^pincite_requests_total{[^}]*/v1/search[^}]*} (\d+)", figures, re.MULTILINE)
    return int(found[1]) if found else 0
