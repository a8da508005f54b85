"""The library that a conformance suite runs against; `openers` names the kinds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.library.contract import Library
from tests.index.library.openers import Opener, open_local


@pytest.fixture(params=[open_local])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens one and the same library, as often as wanted."""
    opened: list[Library] = []

    def open_again() -> Library:
        opened.append(request.param(tmp_path / "library"))
        return opened[-1]

    yield open_again
    for library in opened:
        library.close()


@pytest.fixture
def library(opener: Opener) -> Library:
    return opener()
