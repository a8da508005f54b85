"""A real server on a real port over the three articles, with the deterministic embedder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.api.serving import serving


@pytest.fixture
def server(full: TestClient) -> Iterator[str]:
    with serving(full.app) as address:  # type: ignore[arg-type]
        yield address
