"""A part of `make torture` that is quick: see `torture.py` for the whole.

A library that is killed at any write, sync, rename or removal, refused one of them, or loses what was not synced, opens
with what was acknowledged and nothing by halves, and goes on from there.
"""

from __future__ import annotations

import math
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.library.local import footers
from tests.faults import damaging, inputs, interposed, plans
from tests.faults.interposed import BESIDE, Effect, Kind
from tests.faults.kept import Kept, Traces
from tests.faults.lives import Desk, Life, delete, lives, put
from tests.faults.report import Part
from tests.faults.torture import ATTEMPTS, SHARES, Run, finding, planned, traced
from tests.faults.trial import ROOT, Outcome, Trial
from tests.faults.trials import Bench

SEED = 20250113
TRIED = 16
"""How many trials of each part."""


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
    points = {point.removesuffix(BESIDE) for found in traces.values() for _, point in found}
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
    kept, groups = Kept(None), planned(part, traces, random.Random(SEED))[:TRIED]
    Run([bench], kept).attempt(groups, math.inf)
    told = Part.of(part, groups, kept)
    assert told.losses == []
    assert (told.groups, told.open) == (TRIED, 0)
    assert told.looked_at >= TRIED


RENAMES = [
    ("making", "rename library/truth.sqlite.new"),
    ("main index", "rename library/vectors/main.json.new *"),
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


def test_a_kill_in_the_middle_of_a_write_leaves_half_of_it(bench: Bench, tmp_path: Path) -> None:
    script = (
        "import pathlib, sys; from tests.faults import interposed; folder = pathlib.Path(sys.argv[1])\n"
        "file = open(folder / 'file', 'wb', buffering=0)\n"
        "with interposed.armed(folder, 'write file', 2, interposed.Effect.KILL_HALFWAY):\n"
        "    file.write(b'before'); interposed.count()\n"
        "    file.write(b'first'); file.write(b'second'); file.write(b'third')"
    )
    shared_object = interposed.compiled(tmp_path)
    assert shared_object is not None
    environment = interposed.environment(shared_object) | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", script, tmp_path], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (tmp_path / "file").read_bytes() == b"beforefirstsec"


def test_what_was_not_synced_may_be_gone_after_a_loss_of_power(tmp_path: Path) -> None:
    folder, mirror = tmp_path / "folder", tmp_path / "mirror"
    folder.mkdir()
    (folder / "synced").write_text("before")
    interposed.begin_mirror(folder, mirror)
    (folder / "synced").write_text("after")
    (folder / "new").write_text("new")
    interposed.after_power_loss(folder, mirror, tmp_path / "least", None)
    assert {path.name: path.read_text() for path in (tmp_path / "least").iterdir()} == {"synced": "before"}


def test_a_kill_comes_some_time_after_a_point(bench: Bench) -> None:
    point = "make library/truth.sqlite.new"
    soon, late = (
        bench.hold(Trial("making", point, effect=Effect.KILL_LATER, after_seconds=seconds)) for seconds in (1e-5, 100)
    )
    assert (soon.happened, soon.problems, soon.acknowledged) == (True, [], 0)
    assert (late.happened, late.problems, late.acknowledged) == (False, [], 3)
    assert late.last[0] == 3


LIFE = Life("writing", lambda desk: None, None, (put([1], 1), put([1], 2), delete([1]), put([2], 1)))


def test_every_group_of_a_plan_is_one_point_in_one_kind_of_operation() -> None:
    log, truth = "write library/truth.sqlite-wal", "open library/truth.sqlite"
    points = [(0, log), (0, log), (1, log), (2, log), (3, log), (3, truth), (4, log)]
    assert plans.places(LIFE, points) == {
        ("add", log): [(0, 1), (0, 2), (3, 1)],
        ("replace", log): [(1, 1)],
        ("delete", log): [(2, 1)],
        ("add", truth): [(3, 1)],
        ("close", log): [(4, 1)],
    }
    killed = list(plans.kills(LIFE, points, random.Random(SEED)))
    assert {one.point for group in killed for one in group.trials} == {log}
    assert len(killed) == 4 * 3  # before it, after it, and with half of it done
    assert sorted(len(group.trials) for group in killed) == [1] * 9 + [3] * 3
    refused = list(plans.refusals(LIFE, points, random.Random(SEED)))
    opened = [one for group in refused for one in group.trials if plans.kind_of(one.point) is Kind.OPEN]
    assert [one.error for one in opened] == [plans.REFUSALS["too many open files"][0]]


def test_what_a_thread_does_beside_the_steps_is_an_operation_of_its_own() -> None:
    points = [
        (0, "write library/words/H.term *"),
        (1, "make library/vectors/main-N.rows *"),
        (1, "rename library/vectors/main.json.new *"),
        (2, "make library/vectors/main-N.rows *"),
        (2, "sync library/vectors *"),
    ]
    assert plans.places(LIFE, points) == {
        ("add", "write library/words/H.term *"): [(0, 1)],
        ("making of a main index", "make library/vectors/main-N.rows *"): [(0, 1), (0, 2)],
        ("exchange of the main index", "rename library/vectors/main.json.new *"): [(0, 1)],
        ("exchange of the main index", "sync library/vectors *"): [(0, 1)],
    }


def test_moments_are_drawn_for_every_kind_of_operation_alike() -> None:
    traces = {"making": [(0, "make a"), (1, "write b"), (3, "sync b")], "snapshot": [(0, "write b"), (4, "sync b")]}
    groups = list(plans.moments(traces, 4, random.Random(SEED)))
    assert [(one.operation, one.life) for one in groups] == [
        *[("make", "making")] * 4,
        *[("adopt", "making")] * 4,
        *[("close", life) for life in ("making", "snapshot")] * 2,
        *[("replace", "snapshot")] * 4,
    ]
    trials = [trial for group in groups for trial in group.trials]
    assert {trial.effect for trial in trials} == {Effect.KILL_LATER}
    assert all(1e-5 <= trial.after_seconds <= 0.1 for trial in trials)
    assert len({trial.after_seconds for trial in trials}) == len(trials)


def test_a_run_that_ended_goes_on_where_it_was(tmp_path: Path) -> None:
    file, trial, another = tmp_path / "kept.jsonl", Trial("writing", "sync a", 2, 1, Effect.KILL_AFTER), Trial("making")
    kept = Kept(file)
    kept.begin(7, {"writing": [(0, "sync a")]})
    kept.add(trial, Outcome(happened=True, last=(1, "sync a")))
    kept.count("operations drawn", 40)
    with finding(kept):
        raise KeyError("sea")
    with file.open("a") as lines:
        lines.write('{"trial": {"life": "mak')  # it was killed as it wrote
    again = Kept(file)
    assert (again.seed, again.traces) == (7, {"writing": [(0, "sync a")]})
    assert (again.tried, again.counts) == (
        {trial: Outcome(happened=True, last=(1, "sync a"))},
        {"operations drawn": 40},
    )
    assert again.finds == ["KeyError('sea')"]
    assert another not in again.tried
    assert Kept(file, anew=True).seed is None


def test_what_was_tried_of_other_sources_counts_no_longer(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    Kept(file).begin(7, {})
    file.write_text(file.read_text().replace('"sources": "', '"sources": "0'))
    assert Kept(file).seed is None


def test_a_group_is_visited_once_something_took_place(tmp_path: Path) -> None:
    group = plans.Group("writing", "add", (Trial("writing", "sync a", 1), Trial("writing", "sync a", 2)))
    kept = Kept(None)
    assert (Part.of("kills", [group], kept).open, Part.of("kills", [group], kept).visited) == (1, 0)
    kept.add(group.trials[0], Outcome())
    assert (Part.of("kills", [group], kept).open, len(Part.of("kills", [group], kept).never)) == (0, 1)
    kept.add(group.trials[1], Outcome(happened=True, looked_at=1, problems=["gone"]))
    told = Part.of("kills", [group], kept)
    assert (told.visited, told.tried, told.happened, told.looked_at) == (1, 2, 1, 1)
    assert told.losses == [f"{group.trials[1]}: gone"]


def test_a_place_that_is_not_met_is_tried_again_and_a_moment_is_not(bench: Bench, tmp_path: Path) -> None:
    nowhere = Trial("making", "write nowhere", effect=Effect.KILL_BEFORE)
    late = Trial("making", "make library", effect=Effect.KILL_LATER, after_seconds=100)
    kept = Kept(tmp_path / "kept.jsonl")
    kept.begin(7, {})
    Run([bench], kept).attempt([plans.Group("making", "make", (one,)) for one in (nowhere, late)], math.inf)
    lines = (tmp_path / "kept.jsonl").read_text().splitlines()[1:]
    assert [sum(one.point in line for line in lines) for one in (nowhere, late)] == [ATTEMPTS, 1]
    assert [outcome.happened for outcome in kept.tried.values()] == [False, False]


@pytest.mark.parametrize("what", inputs.ALL)
def test_what_strangers_send_gives_a_result_or_one_of_our_errors(what: str) -> None:
    random.seed(SEED)
    assert sum(inputs.ALL[what]() for _ in range(4)) >= 200


def test_an_exception_is_a_find_that_names_its_seed() -> None:
    def broken(chance: random.Random) -> Iterator[Callable[[], object]]:
        yield lambda: {}["missing"]

    with pytest.raises(AssertionError, match=r"broken from seed \d+ raise KeyError"):
        inputs.trying(broken)()


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
    names = {step.operation for life in lives().values() for step in life.steps}
    assert names == {
        *("make", "adopt", "add", "replace", "delete", "fill", "close"),
        *("snapshot", "restore", "reembed", "switch", "forget", "migrate"),
    }
