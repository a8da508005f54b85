"""A service over a real library with the deterministic embedder, and a client that speaks HTTP to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service
from api.settings import Settings
from index.embedding.hashing import HashingEmbedder
from index.library.opening import open_library
from tests.api.command import Run

BRIDGE: dict[str, Any] = {
    "id": "news/harbour bridge.txt",
    "title": "Harbour bridge to close",
    "text": "The harbour bridge will close for nine weeks from March. Ferries will run every half hour meanwhile.\n\n"
    "Mayor Ines Calder said that two percent of the budget was not enough for repairs.",
    "source": "Harbour Gazette",
    "author": "Mara Lindqvist; Tom Oyelaran",
    "published": "2025-01-13",
    "url": "https://gazette.example/bridge",
    "language": "en",
    "tags": ["transport"],
    "desk": "city",
}
REPRINT: dict[str, Any] = BRIDGE | {
    "id": "reprint",
    "source": "Island Courier",
    "url": "https://courier.example/7",
    "published": "2025-01-14T08:30:00+01:00",
    "tags": ["island"],
}
TURKISH: dict[str, Any] = {
    "id": "tr/iğde",
    "title": "Iğdır'da kar yağışı",
    "text": "Iğdır'da yoğun kar yağışı nedeniyle okullar iki gün tatil edildi. Valilik yolları açık tutuyor.",
    "source": "Doğu Postası",
    "published": "2024-12-02",
    "language": "tr",
}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(open_library(tmp_path / "library", create=True), HashingEmbedder) as service:
        yield service


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(create_app(service, Settings(max_body_mb=1)), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def full(client: TestClient) -> TestClient:
    """The client of a library that holds the three articles."""
    reply = client.post("/v1/articles", json=[BRIDGE, REPRINT, TURKISH])
    assert reply.json()["counts"] == {"added": 3}
    return client


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(tmp_path / "library", capsys, monkeypatch)
