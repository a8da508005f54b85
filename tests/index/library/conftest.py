"""The library that a conformance suite runs against; `openers` names the kinds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.library.contract import Library
from tests.index.library.openers import LACKS_NEIGHBOURS, Opener, forget, open_local, open_milvus


@pytest.fixture(params=[open_local, open_milvus])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens one and the same library, as often as wanted."""
    opened: list[Library] = []

    def open_again() -> Library:
        opened.append(request.param(tmp_path / "library"))
        return opened[-1]

    yield open_again
    if request.param is open_milvus and opened:
        forget(open_again())
    for library in opened:
        library.close()


@pytest.fixture
def finds_misspelt(request: pytest.FixtureRequest) -> None:
    """For tests of misspelt names, which not every kind of library finds."""
    if request.node.callspec.params["opener"] in LACKS_NEIGHBOURS:
        pytest.skip("Milvus does not list the words that it holds, so that near ones cannot be looked for")


@pytest.fixture
def library(opener: Opener) -> Library:
    return opener()
