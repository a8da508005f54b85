"""Trials: a life in a process of its own that is killed, or whose calls fail, and a look at what is left.

Run as a program it reads one trial a line (JSON) and answers with what came of it, a line each. It only forks: each
trial lives in one child, and is looked at in another. `Bench` starts it and asks it.
"""

from __future__ import annotations

import errno
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
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from index.errors import LibraryDamaged, LibraryError, PinciteError
from index.library.local.copying import restore
from tests.faults import damaging, interposed
from tests.faults.interposed import Effect, Kind
from tests.faults.lives import Desk, Life, State, Step, lives, observed

ROOT = Path(__file__).resolve().parents[2]
LONGEST_SECONDS = 40
"""A process that lives or looks for longer hangs: it is ended, saying where."""
STEP = "step "
"""What begins a line of the log that says which step comes now."""

POWER_VARIANTS = 3
"""How many states that a loss of power may leave are looked at: the least, and some by chance."""


@dataclass(frozen=True)
class Trial:
    """One life, and what happens to it.

    Attributes:
        life: its name.
        point, nth, effect: where, and what; see `interposed.armed`.
        step: the number of the step in which counting begins, from 0.
        error, kinds: of calls that are to fail.
        after_seconds: kill it after so long instead, whatever it is doing; seeded by `seed`.
        damage: instead of a life, one bit of a file that was drawn is turned ("flip") or its end is cut off ("cut").
        power: look at what a loss of power would have left, too.
    """

    life: str
    point: str = ""
    nth: int = 1
    step: int = 0
    effect: Effect = Effect.NOTHING
    error: int = 0
    kinds: int = 0
    after_seconds: float | None = None
    power: bool = False
    damage: str = ""
    seed: int = 0

    @classmethod
    def of(cls, told: dict[str, Any]) -> Trial:
        """A trial as `dataclasses.asdict` told it, by way of JSON."""
        return cls(**{**told, "effect": Effect(told["effect"])})

    def __str__(self) -> str:
        where = (
            f"{self.effect.name.lower().replace('_', ' ')} {self.point!r} #{self.nth} of step {self.step}"
            if self.point
            else ""
        )
        wrong = f" with {errno.errorcode[self.error]}" if self.error else ""
        when = "" if self.after_seconds is None else f"killed after {self.after_seconds:.3f} s"
        damage = f"{self.damage} drawn from {self.seed}" if self.damage else ""
        return f"{self.life}: {where}{wrong}{when}{damage}{', power lost' if self.power else ''}"


@dataclass
class Outcome:
    """What came of a trial. `acknowledged` counts steps, `refused` those that failed with a clear error first;
    `opened_seconds` is how long the library took to open and be looked at, at most; `problems` should be empty.
    `points` are the numbers of steps and the points met in them, where nothing was to happen; `last` is the last of
    them before a kill at a random moment."""

    happened: bool = False
    acknowledged: int = 0
    refused: int = 0
    looked_at: int = 0
    opened_seconds: float = 0.0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    points: list[tuple[int, str]] = field(default_factory=list)
    last: tuple[int, str] = (0, "")

    @classmethod
    def of(cls, told: dict[str, Any]) -> Outcome:
        """An outcome as `dataclasses.asdict` told it, by way of JSON."""
        return cls(**{**told, "points": [tuple(one) for one in told["points"]], "last": tuple(told["last"])})


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
            child = _forked(lambda: _live(home, life, trial, acks, mirror if trial.power else None))
            status = _ended(child, trial)
            outcome.happened = status == -signal.SIGKILL
            if status not in {0, -signal.SIGKILL}:
                outcome.problems.append(f"the process ended with {status}, see standard error")
            outcome.seconds = time.monotonic() - began
            _take_up(outcome, acks)
            if not trial.point:
                points = _points(home.with_name("log"))
                outcome.last = points[-1] if points else (0, "")
                outcome.points = points if trial.after_seconds is None else []
            for left in self._leftovers(home, mirror, trial):
                look = partial(_looked_at, left, life, outcome.acknowledged)
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


def _ended(child: int, trial: Trial | None = None) -> int:
    """Wait for a child, killing it when the trial says so; its exit status, or minus the signal that ended it."""
    if trial is not None and trial.after_seconds is not None:
        time.sleep(trial.after_seconds)
        os.kill(child, signal.SIGKILL)
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
    """What the child said: a line for each step that was acknowledged or refused, or for something wrong."""
    for line in acks.read_text().splitlines() if acks.exists() else ():
        what, _, rest = line.partition(" ")
        outcome.acknowledged += what == "done"
        outcome.refused += what == "refused"
        outcome.happened |= what == "refused"
        if what == "wrong":
            outcome.problems.append(rest)


# In the child that lives


def _live(home: Path, life: Life, trial: Trial, acks: Path, mirror: Path | None) -> None:
    said = os.open(acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    log = os.open(home.with_name("log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND) if not trial.point else -1
    watched = interposed.armed(
        home, trial.point, trial.nth, trial.effect, error=trial.error, kinds=Kind(trial.kinds), log=log, mirror=mirror
    )

    def say(word: str, what: object = "") -> None:
        os.write(said, f"{word} {what}".replace("\n", " ").encode() + b"\n")

    def begin(number: int) -> None:
        if log >= 0:
            os.write(log, f"{STEP}{number}\n".encode())
        if number == trial.step:
            interposed.count()

    desk, states = Desk(home), life.states()
    with watched:
        for number, step in enumerate(life.steps):
            begin(number)
            try:
                step.act(desk)
            except Exception as error:
                interposed.disarm()  # there is room again
                say("refused", error)
                wrong = _refused_rightly(desk, error, states[number : number + 2])
                if wrong:
                    say("wrong", f"{step.what}: {wrong}")
                _again(step, desk)
            say("done")
        begin(len(life.steps))
        desk.close()


def _again(step: Step, desk: Desk) -> None:
    """Take a step that was refused, now that nothing is. A process that opened the library while its disk refused to be
    written may have to open it again: SQLite keeps what it shares between connections read-only until all close."""
    try:
        step.act(desk)
    except LibraryError:
        desk.close()
        step.act(desk)


def _refused_rightly(desk: Desk, error: Exception, allowed: list[State | None]) -> str:
    """What is wrong with a step that failed: the error must be clear, and the library as it was before or after."""
    if not isinstance(error, PinciteError) or isinstance(error, LibraryDamaged):
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        where = ", ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
        return f"no clear error, but {error!r} ({where})"
    try:
        return "" if observed(desk.folder) in allowed else f"after {error} the library holds neither"
    except Exception as another:
        return f"after {error} the library does not open: {another!r}"


# In the child that looks


def _looked_at(home: Path, life: Life, acknowledged: int) -> tuple[float, str]:
    """How long it took to open what is left, and what is wrong with it."""
    desk, states = Desk(home), life.states()
    began = time.monotonic()
    try:
        held = observed(desk.folder)
        seconds = time.monotonic() - began
        if held not in states[acknowledged : acknowledged + 2]:
            return seconds, f"after {acknowledged} steps: {_difference(held, states[acknowledged])}"
        for number, copy in enumerate(home.glob("*.pincite")):
            restore(copy, home / f"again-{number}")
            if observed(home / f"again-{number}") not in states:
                return seconds, f"{copy.name} holds what never was"
        return seconds, _goes_on(desk, life, acknowledged)
    except Exception as error:
        return time.monotonic() - began, f"after {acknowledged} steps: {error!r} {traceback.format_exc()[-700:]}"


def _goes_on(desk: Desk, life: Life, acknowledged: int) -> str:
    """Take the step that was cut short again, and those that follow."""
    for step in life.steps[acknowledged:]:
        step.act(desk)
    desk.close()
    held, expected = observed(desk.folder), life.states()[-1]
    return "" if held == expected else f"having gone on: {_difference(held, expected)}"


def _difference(held: State | None, expected: State | None) -> str:
    if held is None or expected is None:
        return f"there is {held and 'a'} library, expected {expected and 'one'}"
    texts = sorted(held.texts.items() ^ expected.texts.items())[:3]
    others = [(one.waiting, one.dimensions) for one in (held, expected)]
    return f"texts differ by {texts}, what waits and the model: {others}"


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
