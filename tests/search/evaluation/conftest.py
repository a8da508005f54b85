"""The small judged set in a temporary folder, and a pipeline over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.embedding.hashing import HashingEmbedder
from index.ingest import ingest
from index.library.contract import Library
from index.library.opening import open_library
from search.evaluation.building import build
from search.evaluation.dataset import Dataset
from search.pipeline import Pipeline
from tests.search.evaluation.judged_set import Content, Write, write_set


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(folder: str = "animals", *, packed: bool = False, **given: Content) -> Path:
        return write_set(tmp_path / folder, packed, given)

    return written


@pytest.fixture
def stock(tmp_path: Path) -> Iterator[Callable[[Dataset], Pipeline]]:
    """Makes a library of a set, and a pipeline over it."""
    opened: list[Library] = []

    def stocked(dataset: Dataset) -> Pipeline:
        folder = tmp_path / "work" / "library"
        library = open_library(folder, create=True)
        opened.append(library)
        embedder = HashingEmbedder(dimensions=4096)  # so many that no two words look alike
        build(dataset, folder, lambda drafts: ingest(drafts, library, embedder), lambda: None)
        return Pipeline(library, lambda: embedder)

    yield stocked
    for library in opened:
        library.close()
