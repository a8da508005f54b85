"""`make torture`: everything that may go wrong with a library's files and processes, tried for as long as one likes.

Prints what was tried, part by part, and every loss; ends with 1 when there was any. What was tried is kept in a file,
so that the next run goes on with the rest; each part has its share of the time, and goes through its trials in an order
drawn from the seed.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests.faults import inputs, interposed, plans
from tests.faults.interposed import Effect
from tests.faults.kept import Kept, Traces
from tests.faults.lives import Life, lives
from tests.faults.report import Part, table
from tests.faults.trial import Outcome, Trial
from tests.faults.trials import Bench
from tests.index.library.test_library_machine import LibraryMachine

SHARES = {
    "kills at random moments": 0.1,
    "kills at named points": 0.25,
    "refusals": 0.2,
    "losses of power": 0.25,
    "damaged files": 0.1,
}
"""Which part of the time each part may take; inputs and operations are drawn in what is left, then kills go on."""
DRAWING = {"max_examples": 10, "stateful_step_count": 40, "deadline": None, "database": None}
MOMENTS = 60
"""Kills at random moments of each kind of operation."""
DAMAGES = 500
ATTEMPTS = 4
"""How often a group is tried, at its places in turn, until it took place: threads meet points in another order."""
TICK_SECONDS = 0.5
INPUTS = 40_000
OPERATIONS = 3_000
"""How many inputs and operations are drawn at least."""


def traced(bench: Bench) -> Traces:
    """The points of every life."""
    found = {}
    for name in lives():
        outcome = bench.hold(Trial(name))
        if outcome.problems:
            sys.exit(f"{name}, with nothing going wrong: {outcome.problems}")
        found[name] = outcome.points
    return found


def planned(part: str, traces: Traces, chance: random.Random) -> list[plans.Group]:
    """All groups of a part, in random order."""
    groups: list[plans.Group] = []
    if part == "damaged files":
        groups += plans.damages(DAMAGES, chance)
    elif part == "kills at random moments":
        groups += plans.moments(traces, MOMENTS, chance)
    else:
        for name, points in traces.items():
            groups += of_life(part, lives()[name], points, chance)
    chance.shuffle(groups)
    return groups


def of_life(part: str, life: Life, points: plans.Points, chance: random.Random) -> Iterator[plans.Group]:
    """The groups of one life."""
    if part == "refusals":
        return plans.refusals(life, points, chance)
    return plans.kills(life, points, chance, power=part == "losses of power")


class Watch:
    """Notices when all of this stood still, since the machine slept or somebody stopped the processes: what should
    have ended by then did not, and what was being tried says nothing."""

    def __init__(self) -> None:
        self._stood_still = -math.inf
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        then = time.monotonic()
        while True:
            time.sleep(TICK_SECONDS)
            now = time.monotonic()
            if now - then > 10 * TICK_SECONDS:
                self._stood_still = now
            then = now

    def stood_still_since(self, moment: float) -> bool:
        """Whether it ended to stand still after this moment."""
        time.sleep(2 * TICK_SECONDS if time.monotonic() - moment > 10 * TICK_SECONDS else 0)
        return self._stood_still >= moment


@dataclass
class Run:
    """Trials held on benches, side by side, and kept."""

    benches: Sequence[Bench]
    kept: Kept
    watch: Watch = field(default_factory=Watch)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def hold(self, trials: Sequence[Trial], until: float) -> None:
        """Hold all of these, until it is done or the time is over."""
        rest = iter(trials)

        def work(bench: Bench) -> None:
            while time.monotonic() < until:
                with self._turn:
                    trial = next(rest, None)
                if trial is None:
                    return
                self.kept.add(trial, self._held(bench, trial))

        workers = [threading.Thread(target=work, args=[bench]) for bench in self.benches]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def _held(self, bench: Bench, trial: Trial) -> Outcome:
        while True:
            began = time.monotonic()
            outcome = bench.hold(trial)
            if not self.watch.stood_still_since(began):
                return outcome

    def attempt(self, groups: Sequence[plans.Group], until: float) -> None:
        """Hold a trial of each group; where nothing took place another one, or the same again, and so on."""
        for number in range(ATTEMPTS):
            open_ones = [one for one in groups if not self.visited(one)]
            self.hold(self.untried([one.trials[number] for one in open_ones if number < len(one.trials)]), until)
            again = [one.trials[number % len(one.trials)] for one in open_ones if number >= len(one.trials)]
            self.hold([trial for trial in again if trial in self.kept.tried], until)

    def untried(self, trials: Sequence[Trial]) -> list[Trial]:
        """Those that were not held before."""
        return [trial for trial in trials if trial not in self.kept.tried]

    def visited(self, group: plans.Group) -> bool:
        """Whether something took place at one of the group's places; a moment that came too late is over."""
        tried = {trial: self.kept.tried[trial] for trial in group.trials if trial in self.kept.tried}
        return any(outcome.happened or trial.effect is Effect.KILL_LATER for trial, outcome in tried.items())


def drawn(kept: Kept, until: float) -> None:
    """Draw operations and compare with a plain-Python model, until there were enough; a difference is kept."""
    count = 0

    class Counting(LibraryMachine):
        @invariant()
        def counted(self) -> None:
            nonlocal count
            count += 1

    while time.monotonic() < until and kept.counts.get("operations drawn", 0) < OPERATIONS:
        with finding(kept):
            run_state_machine_as_test(Counting, settings=settings(**DRAWING, suppress_health_check=list(HealthCheck)))  # type: ignore[arg-type]
        kept.count("operations drawn", count)
        count = 0


def read(kept: Kept, until: float) -> None:
    """Try inputs on everything that reads what strangers send, until there were enough; an exception is kept."""
    for name, trying in inputs.ALL.items():
        while time.monotonic() < until and kept.counts.get(name, 0) < INPUTS / len(inputs.ALL):
            with finding(kept):
                kept.count(name, trying())


@contextmanager
def finding(kept: Kept) -> Iterator[None]:
    """Keep what is raised, show where, and go on."""
    try:
        yield
    except Exception as error:
        traceback.print_exc()
        kept.find(repr(error))


def main() -> None:
    """Try everything, and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[1])
    parser.add_argument("--seconds", type=float, default=3600, help="how long it may take (3600)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="what is drawn (the time)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time (the processors)")
    parser.add_argument("--kept", type=Path, default=Path(".torture.jsonl"), help="what was tried (.torture.jsonl)")
    parser.add_argument("--anew", action="store_true", help="begin that file anew, with another seed")
    parser.add_argument("--report", type=Path, help="where to write the figures, too")
    asked = parser.parse_args()
    began, kept = time.monotonic(), Kept(asked.kept, anew=asked.anew)
    with tempfile.TemporaryDirectory(prefix="pincite-torture-") as room:
        shared_object = interposed.compiled(Path(room))
        if shared_object is None:
            sys.exit("A C compiler is needed (cc, gcc or clang).")
        benches = [Bench(Path(room) / str(number), shared_object) for number in range(asked.jobs)]
        if kept.seed is None:
            kept.begin(asked.seed, traced(benches[0]))
        print(f"seed {kept.seed}, {len(kept.tried):,} trials were kept", flush=True)
        parts = run(Run(benches, kept), began, asked.seconds)
        for bench in benches:
            bench.close()
    figures = table(kept, parts)
    print(figures)
    if asked.report:
        asked.report.write_text(figures)
    if any(part.open for part in parts):
        print("Not all that is planned was tried yet: the next run goes on.")
    sys.exit(bool(kept.finds) or any(part.losses for part in parts))


def run(held: Run, began: float, seconds: float) -> list[Part]:
    """Every part in turn, then all places of the kills; what came of each part."""
    chance, groups, until = random.Random(held.kept.seed), {}, began
    for part, share in SHARES.items():
        groups[part] = planned(part, held.kept.traces, chance)
        until += share * seconds
        held.attempt(groups[part], until)
        print(*told(Part.of(part, groups[part], held.kept)), sep="\n", flush=True)
    drawn(held.kept, until + 0.05 * seconds)
    read(held.kept, until + 0.1 * seconds)
    for part, those in groups.items():
        held.attempt(those, began + seconds)
        if part.startswith("kills"):
            held.hold(held.untried([trial for one in those for trial in one.trials]), began + seconds)
    return [Part.of(part, those, held.kept) for part, those in groups.items()]


def told(part: Part) -> Iterator[str]:
    """What came of a part, line by line."""
    yield f"{part.name}: {part.visited:,} of {part.groups:,} groups, {part.tried:,} trials, losses: {len(part.losses)}"
    yield from (f"  LOST {loss}" for loss in part.losses)


if __name__ == "__main__":
    main()
