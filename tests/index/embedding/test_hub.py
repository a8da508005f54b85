"""Models by their name on a hub, from a hub that is served here."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from index.embedding.embedder import load_embedder
from index.embedding.hub import fetch_from_hub
from index.embedding.offline import go_offline
from index.errors import ModelError

MakeModel = Callable[..., Path]

REVISION = "0123456789abcdef0123456789abcdef01234567"


class _Hub(BaseHTTPRequestHandler):
    """Enough of a hub to fetch the one model ``acme/tiny`` from."""

    folder: Path
    asked: list[str]

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        self.asked.append(self.path)
        body = self._content(self.path.partition("?")[0])
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
        self.send_header("X-Repo-Commit", REVISION)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _content(self, path: str) -> bytes | None:
        files = {one.relative_to(self.folder).as_posix(): one for one in self.folder.rglob("*") if one.is_file()}
        if path == "/api/models/acme/tiny/revision/main":
            return json.dumps({"id": "acme/tiny", "sha": REVISION, "siblings": [], "tags": []}).encode()
        if path == f"/api/models/acme/tiny/tree/{REVISION}":
            sizes = {name: file.stat().st_size for name, file in files.items()} | {"pytorch_model.bin": 9}
            return json.dumps(
                [{"type": "file", "path": name, "size": size, "oid": "0" * 40} for name, size in sizes.items()]
            ).encode()
        name = path.removeprefix(f"/acme/tiny/resolve/{REVISION}/")
        return files[name].read_bytes() if name in files else None

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub(make_tiny: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Hub]]:
    handler = type("Handler", (_Hub,), {"folder": make_tiny("tiny"), "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("PINCITE_MODELS", str(tmp_path / "models"))
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_hub_model_is_fetched_although_this_process_is_offline(hub: type[_Hub]) -> None:
    go_offline()
    embedder = load_embedder("acme/tiny", precision="float32")
    local = load_embedder(str(hub.folder), precision="float32")
    assert embedder.name == embedder.fingerprint["name"] == "acme/tiny"
    assert embedder.fingerprint["weights"] == local.fingerprint["weights"]
    assert np.array_equal(embedder.embed_question("rain"), local.embed_question("rain"))


def test_only_what_is_read_is_fetched_and_nothing_is_reported_home(hub: type[_Hub], tmp_path: Path) -> None:
    folder = fetch_from_hub("acme/tiny")
    assert tmp_path in folder.parents
    names = {path.rpartition(REVISION)[2] for path in hub.asked if "/resolve/" in path}
    files = {f"/{path.relative_to(hub.folder)}" for path in hub.folder.rglob("*") if path.is_file()}
    assert names == files
    assert {path.split("/resolve/")[0].split("?")[0] for path in hub.asked} == {
        "/api/models/acme/tiny/revision/main",
        f"/api/models/acme/tiny/tree/{REVISION}",
        "/acme/tiny",
    }


def test_a_hub_that_is_gone_leaves_what_was_fetched(hub: type[_Hub], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = fetch_from_hub("acme/tiny")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    assert fetch_from_hub("acme/tiny") == folder
    with pytest.raises(ModelError, match="The model acme/other could not be fetched from the hub"):
        fetch_from_hub("acme/other")


def test_a_model_that_the_hub_does_not_have(hub: type[_Hub]) -> None:
    with pytest.raises(ModelError, match=r"The model acme/none could not be fetched from the hub: .+") as caught:
        load_embedder("acme/none")
    assert caught.value.detail == {"model": "acme/none"}
