"""Fixtures of the chat tools' contract tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.chat.serving import Served, filled, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of the three articles, without keys."""
    with serving(filled(tmp_path_factory.mktemp("chat") / "library")) as served:
        yield served
