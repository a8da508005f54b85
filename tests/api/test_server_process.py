"""The real command in a process of its own, on a real port, with a real small model and the network blocked."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from index.embedding.catalogue import SMALL_EMBEDDER

pytestmark = pytest.mark.model

# Loaded by Python before anything else in the child: every connection and look-up that leaves the machine fails, and
# says so in a file.
NO_NETWORK = """
import socket, os
def _refuse(name):
    def call(*arguments, **more):
        with open(os.environ["NETWORK_LOG"], "a") as log:
            print(name, arguments, file=log)
        raise OSError("the network is blocked")
    return call
_connect = socket.socket.connect
_look_up = socket.getaddrinfo
def connect(self, address):
    local = self.family == socket.AF_UNIX or address[0] in ("127.0.0.1", "::1")
    return _connect(self, address) if local else _refuse("connect")(address)
def look_up(host, *arguments, **more):
    return _look_up(host, *arguments, **more) if host in ("127.0.0.1", "localhost") else _refuse("look up")(host)
socket.socket.connect = connect
socket.getaddrinfo = look_up
"""
PATIENCE = 120


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "blocked").mkdir()
    (tmp_path / "blocked" / "sitecustomize.py").write_text(NO_NETWORK)
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "bridge.txt").write_text("The harbour bridge will close for nine weeks from March.\n")
    return os.environ | {
        "PYTHONPATH": str(tmp_path / "blocked"),
        "NETWORK_LOG": str(tmp_path / "network.log"),
        "PINCITE_LIBRARY": str(tmp_path / "library"),
        "PINCITE_MODEL": SMALL_EMBEDDER,
        "OMP_NUM_THREADS": "1",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(environment: dict[str, str], folder: Path) -> Iterator[httpx.Client]:
    """A running `pincite serve`; at the end it is asked to stop and must do so in order."""
    port = free_port()
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port), "--first-index", str(folder)]
    with (
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client,
    ):
        try:
            wait_until_ready(client, process)
            yield client
        finally:
            process.send_signal(signal.SIGTERM)
            _, messages = process.communicate(timeout=PATIENCE)
        assert process.returncode == -signal.SIGTERM, messages
        assert f"Serving on http://127.0.0.1:{port} " in messages
        assert "Application shutdown complete." in messages


def wait_until_ready(client: httpx.Client, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()[1]
        with suppress(httpx.TransportError):
            if client.get("/readyz").status_code == 200:
                return
        time.sleep(0.2)
    pytest.fail("the server did not become ready")


def first_hit(client: httpx.Client, question: str) -> dict[str, Any]:
    hit: dict[str, Any] = client.post("/v1/search", json={"query": question}).json()["hits"][0]
    return hit


def test_it_serves_without_a_network_keeps_what_it_was_told_and_indexes_nothing_twice(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with served(environment, tmp_path / "articles") as client:
        assert first_hit(client, "When is the bridge shut?")["citation"]["article_id"] == "articles/bridge.txt"
        added = client.post("/v1/articles", json={"id": "owl", "text": "The owl in the tower has three chicks."})
        assert added.json()["counts"] == {"added": 1}
    with served(environment, tmp_path / "articles") as client:
        assert client.get("/v1/status").json()["generation"] == 2
        assert first_hit(client, "Which bird has young?")["citation"]["article_id"] == "owl"

    command = [sys.executable, "-m", "api.cli", "search", "Which bird has young?", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert json.loads(done.stdout)["hits"][0]["citation"]["article_id"] == "owl"
    assert done.stderr == ""
    assert not (tmp_path / "network.log").exists(), (tmp_path / "network.log").read_text()


def test_asked_to_stop_it_finishes_what_it_accepted(environment: dict[str, str], tmp_path: Path) -> None:
    articles = [
        {"id": f"a{number}", "text": f"Ferry number {number} leaves the harbour at noon. " * 20}
        for number in range(200)
    ]
    replies: list[httpx.Response] = []
    with served(environment, tmp_path / "articles") as client:
        asking = threading.Thread(target=lambda: replies.append(client.post("/v1/articles", json=articles)))
        asking.start()
        while 'pincite_permits_used{kind="write"} 1.0' not in client.get("/metrics").text:
            assert not replies, "it was done before it could be asked to stop; give it more to do"
            time.sleep(0.02)
    asking.join()
    assert [reply.json()["counts"] for reply in replies] == [{"added": 200}]
