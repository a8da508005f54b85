"""`make torture`: everything that may go wrong with a library's files and processes, tried for as long as one likes.

Prints what was tried, part by part, and every loss; ends with 1 when there was any. Within the seconds given each part
gets its share, and goes through its trials in an order drawn from the seed, so that a longer run tries more of them and
another seed others.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests.faults import interposed, plans
from tests.faults.lives import lives
from tests.faults.trials import Bench, Outcome, Trial
from tests.index.library.test_library_machine import LibraryMachine

SHARES = {
    "kills at named points": 0.2,
    "kills at random moments": 0.2,
    "refusals": 0.2,
    "losses of power": 0.15,
    "damaged files": 0.15,
}
"""Which part of the time each part may take; operations are drawn in what is left."""
DRAWING = {"max_examples": 10, "stateful_step_count": 40, "deadline": None, "database": None}


@dataclass
class Figures:
    """What came of one part."""

    trials: int = 0
    happened: int = 0
    looked_at: int = 0
    slowest_opening: float = 0.0
    losses: list[str] = field(default_factory=list)
    planned: int = 0

    def add(self, trial: Trial, outcome: Outcome) -> None:
        """Take in one trial."""
        self.trials += 1
        self.happened += outcome.happened
        self.looked_at += outcome.looked_at
        self.slowest_opening = max(self.slowest_opening, outcome.opened_seconds)
        self.losses += [f"{trial}: {problem}" for problem in outcome.problems]


def traced(bench: Bench) -> dict[str, tuple[plans.Points, float]]:
    """The points of every life, and how many seconds it takes."""
    found = {}
    for name in lives():
        outcome = bench.hold(Trial(name))
        if outcome.problems:
            sys.exit(f"{name}, with nothing going wrong: {outcome.problems}")
        found[name] = (plans.counted(outcome.points), outcome.seconds)
    return found


def planned(part: str, traces: dict[str, tuple[plans.Points, float]], chance: random.Random) -> list[Trial]:
    """All trials of a part, in random order."""
    trials: list[Trial] = []
    if part == "damaged files":
        drawn = [(how, chance.randrange(2**31)) for _ in range(5000) for how in ("flip", "cut")]
        return [Trial("restore", damage=how, seed=seed) for how, seed in drawn]
    for life, (points, seconds) in traces.items():
        if part == "kills at named points":
            trials += plans.kills(life, points, chance)
        elif part == "kills at random moments":
            trials += plans.moments(life, seconds, 400, chance)
        elif part == "refusals":
            trials += plans.refusals(life, points, chance)
        else:
            trials += plans.kills(life, points, chance, power=True)
    chance.shuffle(trials)
    return trials


def tried(benches: Sequence[Bench], trials: Sequence[Trial], until: float) -> Iterator[tuple[Trial, Outcome]]:
    """Hold the trials on all benches at a time, until all are held or the time is over."""
    rest, turn, done = iter(trials), threading.Lock(), []

    def work(bench: Bench) -> None:
        while time.monotonic() < until:
            with turn:
                trial = next(rest, None)
            if trial is None:
                return
            done.append((trial, bench.hold(trial)))

    workers = [threading.Thread(target=work, args=[bench]) for bench in benches]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    yield from done


def drawn(until: float) -> int:
    """How many operations were drawn and compared with a plain-Python model; a difference is raised."""
    count = 0

    class Counting(LibraryMachine):
        @invariant()
        def counted(self) -> None:
            nonlocal count
            count += 1

    while time.monotonic() < until:
        run_state_machine_as_test(Counting, settings=settings(**DRAWING, suppress_health_check=list(HealthCheck)))  # type: ignore[arg-type]
    return count


def main() -> None:
    """Try everything, and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[1])
    parser.add_argument("--seconds", type=float, default=3600, help="how long it may take (3600)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="what is drawn (the time)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time (the processors)")
    asked = parser.parse_args()
    print(f"seed {asked.seed}, {asked.seconds:,.0f} seconds, {asked.jobs} at a time", flush=True)
    with tempfile.TemporaryDirectory(prefix="pincite-torture-") as room:
        shared_object = interposed.compiled(Path(room))
        if shared_object is None:
            sys.exit("A C compiler is needed (cc, gcc or clang).")
        benches = [Bench(Path(room) / str(number), shared_object) for number in range(asked.jobs)]
        losses = sum(run(benches, asked.seconds, random.Random(asked.seed)).values())
        print(f"operations drawn: {drawn(time.monotonic() + 0.1 * asked.seconds):,}, all as in the model", flush=True)
        for bench in benches:
            bench.close()
    print(f"losses: {losses}")
    sys.exit(losses > 0)


def run(benches: Sequence[Bench], seconds: float, chance: random.Random) -> dict[str, int]:
    """Every part in turn; the number of losses by part."""
    traces = traced(benches[0])
    points = sum(len(one) for one, _ in traces.values())
    met = sum(sum(one.values()) for one, _ in traces.values())
    print(
        f"{len(traces)} lives with {points:,} named points, met {met:,} times",
        flush=True,
    )
    losses = {}
    for part, share in SHARES.items():
        trials, figures = planned(part, traces, chance), Figures()
        for trial, outcome in tried(benches, trials, time.monotonic() + share * seconds):
            figures.add(trial, outcome)
        print(
            f"{part}: {figures.trials:,} of {len(trials):,} tried, {figures.happened:,} took place, "
            f"{figures.looked_at:,} libraries looked at, slowest opening {figures.slowest_opening:.2f} s, "
            f"losses: {len(figures.losses)}",
            flush=True,
        )
        for loss in figures.losses:
            print(f"  LOST {loss}", flush=True)
        losses[part] = len(figures.losses)
    return losses


if __name__ == "__main__":
    main()
