"""Which trials there are: for each life, everywhere that it can be cut short or be refused something.

A *place* is one of the times that a point was met: in which step of a life, and the how-manieth time in that step. The
places of one point in one kind of operation of a life, with one thing that happens there, make a *group*: the same call
of the same code for the same purpose, once for each row or file. A group is tried when it took place at one of its
places at least; kills are then tried at all other places, too, so that nobody has to believe that they are alike.

The main index is made by a thread beside the steps, now in this one and now in the next: what it does is an operation
of its own, whose places are counted from the beginning of a life.
"""

from __future__ import annotations

import errno
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.faults.interposed import BESIDE, Effect, Kind
from tests.faults.lives import Life, lives
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

Places = dict[tuple[str, str], list[tuple[int, int]]]
"""By operation and point: the steps in which it was met, and the how-manieth time since each of them began."""

WORDS_FOLDER = "library/words"
"""What threads do there is done before a step ends."""
MAKING, EXCHANGE = "making of a main index", "exchange of the main index"
NEW_POINTER, FOLDER_SYNCED = "main.json.new", f"sync library/vectors{BESIDE}"
SOON, LATE = -5, -1
"""Powers of ten: moments are drawn so many seconds after a point, all of their scales alike."""


@dataclass(frozen=True)
class Group:
    """Trials that differ in nothing but the place, in random order."""

    life: str
    operation: str
    trials: tuple[Trial, ...]


def kind_of(point: str) -> Kind:
    return WORDS[point.split(" ", 1)[0]]


def operation_at(life: Life, step: int, point: str) -> str:
    """What was going on when a point was met in a step."""
    if not point.endswith(BESIDE) or WORDS_FOLDER in point:
        return life.operation(step)
    return EXCHANGE if NEW_POINTER in point or point == FOLDER_SYNCED else MAKING


def places(life: Life, points: Points) -> Places:
    """Where each point was met."""
    found: Places = {}
    met: Counter[tuple[int, str]] = Counter()
    for step, point in points:
        operation = operation_at(life, step, point)
        since = 0 if operation in {MAKING, EXCHANGE} else step
        met[since, point] += 1
        found.setdefault((operation, point), []).append((since, met[since, point]))
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


def moments(traces: Mapping[str, Points], number: int, chance: random.Random) -> Iterator[Group]:
    """So many kills for each kind of operation, at random moments after random points of it, its lives in turn."""
    for operation, by_life in _points_of_operations(traces).items():
        for at in range(number):
            life = sorted(by_life)[at % len(by_life)]
            point, step, nth = chance.choice(by_life[life])
            after = 10 ** chance.uniform(SOON, LATE)
            yield Group(life, operation, (Trial(life, point, nth, step, Effect.KILL_LATER, after_seconds=after),))


def _points_of_operations(traces: Mapping[str, Points]) -> dict[str, dict[str, list[tuple[str, int, int]]]]:
    """By operation, and by life: each point with its step and number."""
    found: dict[str, dict[str, list[tuple[str, int, int]]]] = {}
    for life, points in traces.items():
        for (operation, point), where in places(lives()[life], points).items():
            found.setdefault(operation, {}).setdefault(life, []).extend((point, step, nth) for step, nth in where)
    return found


def damages(number: int, chance: random.Random) -> Iterator[Group]:
    """Files damaged in a library that a copy was made of."""
    for _ in range(number):
        for how in ("flip", "cut"):
            yield Group("restore", how, (Trial("restore", damage=how, seed=chance.randrange(2**31)),))
