"""A real server on a port of its own, and a real Chromium that looks at it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from api.app import create_app
from api.collections import Collections
from api.keys import KeyRing, Scope
from api.service import Service
from api.settings import Settings
from api.shelf import Shelf
from benchmarks.browser import chromium, executable
from index.embedding.hashing import HashingEmbedder
from index.library.opening import open_library
from tests.api.conftest import BRIDGE, REPRINT, TURKISH

ARABIC: dict[str, Any] = {
    "id": "ar/jisr",
    "title": "إغلاق جسر الميناء تسعة أسابيع",
    "text": "يُغلق جسر الميناء تسعة أسابيع ابتداء من مارس. وتسير العبّارات كل نصف ساعة في هذه الأثناء.",
    "source": "جريدة الميناء",
    "published": "2025-01-15",
    "language": "ar",
}
EMOJI: dict[str, Any] = {
    "id": "emoji",
    "title": "Fireworks 🎆 over the bay",
    "text": "🎆🎇 Fireworks 👩‍👩‍👧 lit the bay on Friday night. 🌉 The lighthouse keeper 🐈 counted 300 rockets.\n\n"
    "Nobody was hurt. 🚒 The engines went home at ten.",
    "source": "Harbour Gazette",
    "published": "2025-02-02",
    "url": "https://gazette.example/fireworks",
    "language": "en",
    "tags": ["festival"],
}
ARTICLES = [BRIDGE, REPRINT, TURKISH, ARABIC, EMOJI]

PATIENCE_MS = 20_000
"""How long a page may take on a busy machine."""

expect.set_options(timeout=PATIENCE_MS)


class Served:
    """A server that runs, and the library behind it."""

    def __init__(self, address: str, service: Service, keys: KeyRing | None) -> None:
        self.address, self.service, self.keys = address, service, keys

    def store(self, *articles: dict[str, Any], **headers: str) -> None:
        reply = httpx.post(f"{self.address}/v1/articles", json=list(articles), headers=headers)
        assert reply.json()["counts"] == {"added": len(articles)}


@contextmanager
def serving(folder: Path, keys: KeyRing | None = None, **settings: Any) -> Iterator[Served]:
    """A server over a new library with the deterministic embedder."""
    service = Service(open_library(folder / "library", create=True), HashingEmbedder)
    further = Shelf(folder / "collections")
    collections = Collections(service, further, lambda library: Service(open_library(library), HashingEmbedder))
    app = create_app(collections, Settings(**settings), keys)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none", lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Served(f"http://127.0.0.1:{port}", service, keys)
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if executable() is None:
        pytest.skip("there is no Chromium here (Debian: apt-get install chromium)")
    with chromium() as browser:
        yield browser


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens an address in a fresh profile; script errors and refused content fail the test."""
    contexts, complaints = [], []

    def open_it(address: str, **options: Any) -> Page:
        allowed = options.pop("allowed", ())
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: (
                said.type == "error"
                and not any(words in said.text for words in allowed)
                and complaints.append(said.text)
            ),
        )
        page.goto(address)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with some articles, for tests that only read."""
    with serving(tmp_path_factory.mktemp("served")) as served:
        served.store(*ARTICLES)
        yield served


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[Served]:
    """A server of the test's own, with one article."""
    with serving(tmp_path, private_hosts="127.0.0.1", seconds_per_request=0) as served:
        served.store(BRIDGE)
        yield served


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Served]:
    """A server that asks for keys, with some articles."""
    keys = KeyRing(tmp_path / "keys.json")
    _, secret = keys.create("admin", ["admin"], ["*"])
    with serving(tmp_path, keys) as served:
        served.store(*ARTICLES, Authorization=f"Bearer {secret}")
        yield served


def key_for(served: Served, *scopes: Scope, collections: tuple[str, ...] = ("*",)) -> str:
    """A new key of a server that asks for keys."""
    assert served.keys is not None
    return served.keys.create("-".join(scopes), scopes, collections)[1]
