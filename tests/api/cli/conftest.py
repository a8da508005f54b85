"""A website on loopback, for the commands that read URLs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.index.web.website import Site


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()
