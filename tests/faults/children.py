"""What the processes of a trial do: one lives, through refusals or until it is killed; one looks at what is left.

Each is forked by `trials.py`, which knows when; here is what they do, and what must come of it.
"""

from __future__ import annotations

import os
import time
import traceback
from pathlib import Path

from index.errors import LibraryDamaged, LibraryError, PinciteError
from index.library.local.copying import restore
from tests.faults import interposed
from tests.faults.holding import observed
from tests.faults.interposed import Kind
from tests.faults.lives import Desk, Life, State, Step
from tests.faults.trial import STEP, Trial


def live(home: Path, life: Life, trial: Trial, acks: Path, mirror: Path | None) -> None:
    """Live a life, in the process that this is done to; each step is acknowledged by a line in the file `acks`."""
    said = os.open(acks, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    log = os.open(home.with_name("log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND) if trial.logged else -1
    what = {"error": trial.error, "kinds": Kind(trial.kinds), "after_seconds": trial.after_seconds}
    watched = interposed.armed(home, trial.point, trial.nth, trial.effect, **what, log=log, mirror=mirror)

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
                wrong = _refused_rightly(desk, error, states[number : number + 2]) if trial.error else repr(error)
                if wrong:
                    say("wrong", f"{step.what}: {wrong}")
                _again(step, desk)
            say("done")
        begin(len(life.steps))
        desk.close()
    if trial.error and interposed.met() >= trial.nth:
        say("met")  # a call failed, whether or not a step did


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


def looked_at(home: Path, life: Life, acknowledged: int) -> tuple[float, str]:
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
