"""A real server on a real port, in a thread of this process, over real libraries and the deterministic embedder."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from api.app import create_app
from api.collections import Collections
from api.keys import KeyRing
from api.payload import article_draft
from api.service import Service
from api.settings import Settings
from api.shelf import Shelf
from index.embedding.contract import Reranker
from index.embedding.hashing import HashingEmbedder
from index.library.opening import open_library
from tests.api.conftest import BRIDGE, REPRINT, TURKISH

PATIENCE = 60
get, post, request = (partial(ask, timeout=PATIENCE) for ask in (httpx.get, httpx.post, httpx.request))

ARTICLES = (BRIDGE, REPRINT, TURKISH)


@dataclass(frozen=True)
class Served:
    """Where a server listens, and what it serves."""

    url: str
    service: Service
    collections: Collections

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])


def filled(folder: Path, articles: Sequence[dict[str, Any]] = ARTICLES, reranker: Reranker | None = None) -> Service:
    """A service over a new library with these articles."""
    service = Service(open_library(folder, create=True), HashingEmbedder, (lambda: reranker) if reranker else None)
    outcomes = list(service.store(article_draft(dict(article)) for article in articles))
    assert [outcome.fate for outcome in outcomes] == ["added"] * len(articles)
    return service


@contextmanager
def serving(
    service: Service,
    settings: Settings | None = None,
    keys: KeyRing | None = None,
    folder: Path | None = None,
) -> Iterator[Served]:
    """Serve until the end of the block; sub-folders of `folder` are further collections."""

    collections = Collections(service, Shelf(folder), lambda library: Service(open_library(library), HashingEmbedder))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        app = create_app(collections, settings or Settings(), keys)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.01)
            yield Served(f"http://127.0.0.1:{port}", service, collections)
        finally:
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive(), "the server did not stop"
