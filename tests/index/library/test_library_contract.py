"""What every library must do, whatever its engine: one suite, run for each implementation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from index.library.contract import Filters, Library, Snapshot
from index.library.opening import open_library
from tests.index.library.samples import PlainLibrary, entry, random_entries, unit_vectors

Opener = Callable[[], Library]


@pytest.fixture(params=["local"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens one and the same library, as often as wanted."""
    opened: list[Library] = []

    def open_again() -> Library:
        opened.append({"local": lambda: open_library(tmp_path / "library", create=True)}[request.param]())
        return opened[-1]

    yield open_again
    for library in opened:
        library.close()


@pytest.fixture
def library(opener: Opener) -> Library:
    return opener()


def ids(snapshot: Snapshot, found: list) -> list[str]:
    return [one.passage.id for one in snapshot.passages([scored.key for scored in found])]


def agrees(snapshot: Snapshot, plain: PlainLibrary, vector: np.ndarray, limit: int, filters: Filters) -> None:
    """The same passages in the same order with the same scores as exact search."""
    found = snapshot.dense(vector, limit, filters)
    expected = plain.dense(vector, limit, filters)
    assert ids(snapshot, found) == [passage_id for passage_id, _ in expected]
    np.testing.assert_allclose([one.score for one in found], [score for _, score in expected], atol=1e-6)


def test_a_new_library_is_empty(library: Library) -> None:
    status = library.status()
    assert (status.articles, status.passages, status.generation, status.fingerprint) == (0, 0, 0, None)
    with library.snapshot() as snapshot:
        assert snapshot.generation == 0
        assert snapshot.counts() == (0, 0)
        assert snapshot.dense(unit_vectors(1, 0)[0], 10, Filters()) == []
        assert snapshot.lexical("anything", 10, Filters()) == []
        assert snapshot.articles(None, 10) == []


def test_dense_agrees_with_exact_search(library: Library) -> None:
    plain = PlainLibrary()
    entries = random_entries(200, seed=1)
    library.put(entries)
    plain.put(entries)
    with library.snapshot() as snapshot:
        for vector in unit_vectors(5, seed=2):
            for limit in (1, 10, 1000):
                agrees(snapshot, plain, vector, limit, Filters())
