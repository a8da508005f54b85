"""Trials: a life in a process of its own that is killed, or whose calls fail, and a look at what is left.

Run as a program it reads one trial a line (JSON) and answers with what came of it, a line each. It only forks: each
trial lives in one child, and is looked at in another. `Bench` starts it and asks it.
"""

from __future__ import annotations

import faulthandler
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path

from tests.faults import damaging, interposed
from tests.faults.children import live, looked_at
from tests.faults.interposed import Effect
from tests.faults.lives import Desk, Life, lives
from tests.faults.trial import ROOT, STEP, Outcome, Trial

LONGEST_SECONDS = 150
"""A process that lives or looks for longer hangs: it is ended, saying where."""
POWER_VARIANTS = 3
"""How many states that a loss of power may leave are looked at: the least, and some by chance."""


# In the program that forks


class Stage:
    """A folder in which trials are held, one after the other, with a furnished home for each kind of life."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)
        self._lives = lives()

    def hold(self, trial: Trial) -> Outcome:
        """Hold one trial, and say what came of it."""
        life, outcome = self._lives[trial.life], Outcome()
        with self._home(life) as home:
            if trial.damage:
                damaged = damaging.damage(home / "library", trial.damage, random.Random(trial.seed))
                self._look_at(home, outcome, lambda: damaging.looked_at(home / "library", damaged, life.before))
                outcome.happened = True
                return outcome
            acks, mirror = home.with_name("acks"), home.with_name("mirror")
            if trial.power:
                interposed.begin_mirror(home, mirror)
            began = time.monotonic()
            child = _forked(lambda: live(home, life, trial, acks, mirror if trial.power else None))
            status = _ended(child)
            outcome.happened = status == -signal.SIGKILL
            if status not in {0, -signal.SIGKILL}:
                outcome.problems.append(f"the process ended with {status}, see standard error")
            outcome.seconds = time.monotonic() - began
            _take_up(outcome, acks)
            points = _points(home.with_name("log"))
            if trial.effect is Effect.KILL_LATER:
                outcome.last = points[-1]
            else:
                outcome.points = points
            for left in self._leftovers(home, mirror, trial):
                look = partial(looked_at, left, life, outcome.acknowledged)
                self._look_at(left, outcome, look)
        return outcome

    @contextmanager
    def _home(self, life: Life) -> Iterator[Path]:
        """A home as it is before a life."""
        furnished = self._folder / life.name
        if not furnished.exists():
            _ended(_forked(lambda: life.furnish(Desk(_made(furnished)))))
        with tempfile.TemporaryDirectory(dir=self._folder) as room:
            yield Path(shutil.copytree(furnished, Path(room) / "home"))

    def _leftovers(self, home: Path, mirror: Path, trial: Trial) -> Iterator[Path]:
        if trial.power:
            for number in range(POWER_VARIANTS):
                left = home.with_name(f"after-{number}")
                chance = random.Random(f"{trial.seed} {number}") if number else None
                interposed.after_power_loss(home, mirror, left, chance)
                yield left
        yield home

    def _look_at(self, home: Path, outcome: Outcome, look: Callable[[], tuple[float, str]]) -> None:
        found = home.with_name("found")
        _ended(_forked(lambda: found.write_text(json.dumps(look()))))
        if not found.exists():
            outcome.problems.append("the process that looked at it died")
            return
        seconds, problem = json.loads(found.read_text())
        found.unlink()
        outcome.looked_at += 1
        outcome.opened_seconds = max(outcome.opened_seconds, seconds)
        if problem:
            outcome.problems.append(f"{home.name}: {problem}")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _forked(act: Callable[[], object]) -> int:
    child = os.fork()
    if child:
        return child
    faulthandler.dump_traceback_later(LONGEST_SECONDS, exit=True)
    try:
        act()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _ended(child: int) -> int:
    """Wait for a child; its exit status, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _points(log: Path) -> list[tuple[int, str]]:
    """The points that a life met, each with the number of its step."""
    points, step = [], 0
    for line in log.read_text().splitlines() if log.exists() else ():
        if line.startswith(STEP):
            step = int(line.removeprefix(STEP))
        else:
            points.append((step, line))
    return points


def _take_up(outcome: Outcome, acks: Path) -> None:
    """What the child said: a line for each step that was acknowledged or refused, for a call that failed, or for
    something wrong."""
    for line in acks.read_text().splitlines() if acks.exists() else ():
        what, _, rest = line.partition(" ")
        outcome.acknowledged += what == "done"
        outcome.refused += what == "refused"
        outcome.happened |= what == "met"
        if what == "wrong":
            outcome.problems.append(rest)


# From outside


class Bench:
    """The program that forks, running beside, with interposed calls."""

    def __init__(self, folder: Path, shared_object: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", __spec__.name, str(folder)] if __spec__ else [],
            cwd=ROOT,
            env=interposed.environment(shared_object) | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hold(self, trial: Trial) -> Outcome:
        """Hold one trial, and say what came of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(trial)) + "\n")
        self._process.stdin.flush()
        return Outcome.of(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        """Let it end."""
        self._process.communicate()


def main(folder: Path) -> None:
    """Answer each line of standard input."""
    stage = Stage(folder)
    for line in sys.stdin:
        try:
            outcome = stage.hold(Trial.of(json.loads(line)))
        except Exception:
            outcome = Outcome(problems=[traceback.format_exc()])
        sys.stdout.write(json.dumps(asdict(outcome)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
