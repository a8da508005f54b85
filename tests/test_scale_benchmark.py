"""`make bench`, the vector part alone: built once, opened, and nearly all found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import faiss
import numpy as np
import pytest

from benchmarks.scale import vectors
from benchmarks.scale.grow import Soil, nearest, unit
from benchmarks.scale.kinds import grown_file
from benchmarks.scale.report import table

ROWS, DIMENSIONS = 3_000, 16


def shown(_what: str, done: int, of: int) -> None:
    assert done <= of


@pytest.fixture
def _threads() -> Iterator[None]:
    before = faiss.omp_get_max_threads()
    yield
    faiss.omp_set_num_threads(before)


@pytest.mark.usefixtures("_threads")
def test_vectors_alone(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    real, asked = (unit(rng.standard_normal((count, DIMENSIONS), np.float32)) for count in (200, 20))
    file, kept = tmp_path / "grown.f32", tmp_path / "kept"
    grown = grown_file(Soil(real), ROWS, file, shown)
    truth = nearest(asked, grown, 10)[1]

    vectors.built(grown, kept, shown)
    made = (kept / "made.json").read_text()
    vectors.built(grown, kept, shown)
    assert (kept / "made.json").read_text() == made

    found = vectors.measured(file, kept, asked, truth)
    assert found["rows"] == ROWS
    assert found["dense"]["recall@10"] > 0.9
    likeness = {"passage_distance": [], "question_distance": [], "dimension": [], "ivf": {}}
    told = {"taken": "now", "machine": "m", "real passages": 200, "likeness": {"real": likeness}}
    assert f"| {ROWS:,} | {found['build']['seconds']} |" in table({**told, f"vectors {ROWS}": found}, ())
