"""Which trials there are: for each life, everywhere that it can be cut short or be refused something.

A *place* is one of the times that a point was met: in which step of a life, and the how-manieth time in that step. The
places of one point in one kind of operation of a life, with one thing that happens there, make a *group*: the same call
of the same code for the same purpose, once for each row or file. A group is tried when it took place at one of its
places at least; kills are then tried at all other places, too, so that nobody has to believe that they are alike.
"""

from __future__ import annotations

import errno
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.faults.interposed import Effect, Kind
from tests.faults.lives import Life
from tests.faults.trial import Trial

WORDS = {kind.name.lower(): kind for kind in Kind if kind.name}
"""The kinds by the word that begins a point's name."""

CHANGES = Kind.WRITE | Kind.SYNC | Kind.RENAME | Kind.REMOVE | Kind.TRUNCATE | Kind.MAKE
REFUSALS = {
    "disk full": (errno.ENOSPC, Effect.FAIL_ON, Kind.WRITE | Kind.MAKE | Kind.TRUNCATE | Kind.SYNC),
    "disk fails": (errno.EIO, Effect.FAIL_ONCE, Kind.WRITE | Kind.SYNC | Kind.TRUNCATE | Kind.RENAME | Kind.REMOVE),
    "read-only folder": (
        errno.EROFS,
        Effect.FAIL_ON,
        Kind.WRITE | Kind.MAKE | Kind.TRUNCATE | Kind.RENAME | Kind.REMOVE,
    ),
    "too many open files": (errno.EMFILE, Effect.FAIL_ON, Kind.OPEN | Kind.MAKE),
}
"""What may be refused: the error, whether once or from then on, and to which kinds of calls."""

Points = Sequence[tuple[int, str]]
"""The points that a life met, one after the other, each with the number of its step."""


@dataclass(frozen=True)
class Group:
    """Trials that differ in nothing but the place, in random order."""

    life: str
    operation: str
    trials: tuple[Trial, ...]


def kind_of(point: str) -> Kind:
    return WORDS[point.split(" ", 1)[0]]


def places(life: Life, points: Points) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Where each point was met, by operation and point: the step, and the how-manieth time in it."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    met: Counter[tuple[int, str]] = Counter()
    for step, point in points:
        met[step, point] += 1
        found.setdefault((life.operation(step), point), []).append((step, met[step, point]))
    return found


def kills(life: Life, points: Points, chance: random.Random, *, power: bool = False) -> Iterator[Group]:
    """Killed before and after each change of a file, and with half of each write done."""
    for (operation, point), where in places(life, points).items():
        if kind_of(point) not in CHANGES:
            continue
        effects = [Effect.KILL_BEFORE, Effect.KILL_AFTER]
        effects += [Effect.KILL_HALFWAY] if kind_of(point) is Kind.WRITE else []
        for effect in effects:
            trials = [
                Trial(life.name, point, nth, step, effect, power=power, seed=chance.randrange(2**31))
                for step, nth in chance.sample(where, len(where))
            ]
            yield Group(life.name, operation, tuple(trials))


def refusals(life: Life, points: Points, chance: random.Random) -> Iterator[Group]:
    """Every kind of refusal, beginning at each point that it concerns."""
    for error, effect, kinds in REFUSALS.values():
        for (operation, point), where in places(life, points).items():
            if kind_of(point) in kinds:
                trials = [
                    Trial(life.name, point, nth, step, effect, error=error, kinds=kinds)
                    for step, nth in chance.sample(where, len(where))
                ]
                yield Group(life.name, operation, tuple(trials))


def moments(life: Life, seconds: float, number: int, chance: random.Random) -> Iterator[Group]:
    """Killed at random moments of a life that takes so many seconds."""
    for _ in range(number):
        yield Group(life.name, "", (Trial(life.name, after_seconds=chance.uniform(0, seconds)),))


def damages(number: int, chance: random.Random) -> Iterator[Group]:
    """Files damaged in a library that a copy was made of."""
    for _ in range(number):
        for how in ("flip", "cut"):
            yield Group("restore", how, (Trial("restore", damage=how, seed=chance.randrange(2**31)),))
