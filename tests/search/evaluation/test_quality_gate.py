"""The answers are as good as they were: the default model on samples of real questions, held against pinned floors.

A floor is raised, after an improvement, with the command that a failing test prints.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from api.cli.commands.evaluate import Bench, models
from api.settings import Settings
from search.evaluation.dataset import read_dataset
from search.evaluation.gate import misses, read_gate

GATES = Path(__file__).parent / "gates"


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both sets have the same articles, which are indexed once."""
    return tmp_path_factory.mktemp("work")


@pytest.mark.model
@pytest.mark.shared
@pytest.mark.parametrize(("questions", "gate"), [("en", "xquad-en.json"), ("tr", "xquad-tr-over-en.json")])
def test_no_floor_is_missed(shared: Path, work: Path, questions: str, gate: str) -> None:
    data = shared / "data" / "xquad"
    pinned = read_gate(GATES / gate)
    dataset = read_dataset(data / "en", questions_of=data / questions)
    with Bench(dataset, work, *models(Settings(), list(pinned.floors))) as bench:
        found = bench.evaluate(list(pinned.floors), pinned.sample.most)
    raise_floors = (
        f"pincite evaluate {data / 'en'} --questions-of {data / questions} --modes {','.join(pinned.floors)} "
        f"--queries {pinned.sample.most} --write-gate {GATES / gate}"
    )
    assert misses(pinned, found) == [], raise_floors
