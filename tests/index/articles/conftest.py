"""What the tests of articles share: a tokenizer that needs no model, and the sample files."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

WORD = re.compile(r"\w+|[^\w\s]")


@pytest.fixture(scope="session")
def words() -> Callable[[str], list[tuple[int, int]]]:
    """Tokens as words and single signs."""
    return lambda text: [found.span() for found in WORD.finditer(text)]


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of sample files."""
    return Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of sample articles that a first run indexes."""
    return Path(__file__).resolve().parents[3] / "seeds"
