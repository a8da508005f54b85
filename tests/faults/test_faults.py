"""A part of `make torture` that is quick: see `torture.py` for the whole.

A library that is killed at any write, sync, rename or removal, refused one of them, or loses what was not synced, opens
with what was acknowledged and nothing by halves, and goes on from there.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.library.local import footers
from tests.faults import damaging, interposed, plans
from tests.faults.interposed import Effect, Kind
from tests.faults.lives import Desk, lives
from tests.faults.torture import SHARES, Figures, planned, traced
from tests.faults.trials import Bench, Trial

SEED = 20250113
TRIED = 16
"""How many trials of each part."""

Traces = dict[str, tuple[plans.Points, float]]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    room = tmp_path_factory.mktemp("faults")
    shared_object = interposed.compiled(room)
    if shared_object is None:
        pytest.skip("there is no C compiler to make the calls of a process go wrong with")
    made = Bench(room / "bench", shared_object)
    yield made
    made.close()


@pytest.fixture(scope="module")
def traces(bench: Bench) -> Traces:
    """Every life as it goes when nothing goes wrong."""
    return traced(bench)


def test_the_points_are_where_a_library_is_written(traces: Traces) -> None:
    points = {point for found, _ in traces.values() for point in found}
    assert points >= {
        "make library",
        "sync library/truth.sqlite.new",
        "rename library/truth.sqlite.new",
        "write library/truth.sqlite-wal",
        "sync library/truth.sqlite-wal",
        "write library/words/H.term",
        "sync library/words/H.term",
        "rename library/words.new",
        "rename library/vectors/main.json.new",
        "rename copy.pincite.new",
        "rename library",
        "rename library.restoring",
    }


@pytest.mark.parametrize("part", SHARES)
def test_nothing_is_lost_in_some_trials_drawn_from_all(bench: Bench, traces: Traces, part: str) -> None:
    figures = Figures()
    for trial in planned(part, traces, random.Random(SEED))[:TRIED]:
        figures.add(trial, bench.hold(trial))
    assert figures.losses == []
    assert figures.looked_at >= TRIED


RENAMES = [
    ("making", "rename library/truth.sqlite.new"),
    ("main index", "rename library/vectors/main.json.new"),
    ("snapshot", "rename copy.pincite.new"),
    ("restore", "rename library"),
    ("restore", "rename library.restoring"),
]


@pytest.mark.parametrize("effect", [Effect.KILL_BEFORE, Effect.KILL_AFTER])
@pytest.mark.parametrize(("life", "point"), RENAMES, ids=[point for _, point in RENAMES])
def test_a_kill_around_a_rename_loses_nothing(bench: Bench, life: str, point: str, effect: Effect) -> None:
    outcome = bench.hold(Trial(life, point, effect=effect, power=True))
    assert (outcome.happened, outcome.problems) == (True, [])
    assert outcome.looked_at == 4


def test_what_was_not_synced_may_be_gone_after_a_loss_of_power(tmp_path: Path) -> None:
    folder, mirror = tmp_path / "folder", tmp_path / "mirror"
    folder.mkdir()
    (folder / "synced").write_text("before")
    interposed.begin_mirror(folder, mirror)
    (folder / "synced").write_text("after")
    (folder / "new").write_text("new")
    interposed.after_power_loss(folder, mirror, tmp_path / "least", None)
    assert {path.name: path.read_text() for path in (tmp_path / "least").iterdir()} == {"synced": "before"}


def test_every_trial_of_a_plan_is_at_a_point_of_its_kind() -> None:
    points = {"write library/truth.sqlite-wal": 9, "open library/truth.sqlite": 3}
    chance = random.Random(SEED)
    killed = list(plans.kills("writing", points, chance))
    assert {one.point for one in killed} == {"write library/truth.sqlite-wal"}
    assert {one.effect for one in killed} == {Effect.KILL_BEFORE, Effect.KILL_AFTER, Effect.KILL_HALFWAY}
    assert {1, 9} <= {one.nth for one in killed}
    refused = list(plans.refusals("writing", points, chance))
    opened = [one for one in refused if plans.kind_of(one.point) is Kind.OPEN]
    assert [one.error for one in opened] == [plans.REFUSALS["too many open files"][0]]


def test_turned_bits_of_the_words_are_noticed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    lives()["making"].furnish(desk)
    for step in lives()["making"].steps:
        step.act(desk)
    desk.close()
    words = tmp_path / "library" / "words"
    footers.check(words)
    files = [
        path for path in words.iterdir() if path.suffix in {".term", ".idx", ".pos", ".fieldnorm", ".fast", ".store"}
    ]
    assert len(files) >= 6
    for path in files:
        content = path.read_bytes()
        for at in range(0, damaging.body(path, content), 7):
            path.write_bytes(content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :])
            with pytest.raises(ValueError, match=path.name):
                footers.check(words)
        path.write_bytes(content)


def test_the_lives_take_every_kind_of_step() -> None:
    names = {step.what.split(" ")[0] for life in lives().values() for step in life.steps}
    assert names == {
        "make",
        "adopt",
        "put",
        "delete",
        "fill",
        "close",
        "snapshot",
        "restore",
        "begin",
        "embed",
        "switch",
        "forget",
        "migrate",
    }
