"""A real server over the three articles, and one library for all that ask in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.in_process import InProcess
from api.service import Service
from tests.api.serving import serving


@pytest.fixture
def server(full: TestClient) -> Iterator[str]:
    with serving(full.app) as address:  # type: ignore[arg-type]
        yield address


@pytest.fixture
def in_process(full: TestClient, service: Service) -> InProcess:
    assert full.get("/v1/status").json()["articles"] == 3
    return InProcess(service)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
