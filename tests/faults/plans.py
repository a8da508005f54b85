"""Which trials there are: for each life, everywhere that it can be cut short or be refused something."""

from __future__ import annotations

import errno
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tests.faults.interposed import Effect, Kind
from tests.faults.trials import Trial

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

Points = Mapping[str, int]
"""How often each point was met in a life, by name."""


def counted(points: Sequence[str]) -> Points:
    return Counter(points)


def kind_of(point: str) -> Kind:
    return WORDS[point.split(" ", 1)[0]]


def times(count: int, chance: random.Random) -> list[int]:
    """Which of so many times at one point are tried: the first, the last, and one between."""
    return sorted({1, count, chance.randint(1, count)})


def kills(life: str, points: Points, chance: random.Random, *, power: bool = False) -> Iterator[Trial]:
    """Killed before and after each change of a file, and with half of each write done."""
    for point, count in points.items():
        if kind_of(point) not in CHANGES:
            continue
        effects = [Effect.KILL_BEFORE, Effect.KILL_AFTER]
        effects += [Effect.KILL_HALFWAY] if kind_of(point) is Kind.WRITE else []
        for effect in effects:
            for nth in times(count, chance):
                yield Trial(life, point, nth, effect, power=power, seed=chance.randrange(2**31))


def refusals(life: str, points: Points, chance: random.Random) -> Iterator[Trial]:
    """Every kind of refusal, beginning at each point that it concerns."""
    for error, effect, kinds in REFUSALS.values():
        for point, count in points.items():
            if kind_of(point) in kinds:
                yield Trial(life, point, chance.choice(times(count, chance)), effect, error=error, kinds=kinds)


def moments(life: str, seconds: float, number: int, chance: random.Random) -> Iterator[Trial]:
    """Killed at random moments of a life that takes so many seconds."""
    for _ in range(number):
        yield Trial(life, after_seconds=chance.uniform(0, seconds))
