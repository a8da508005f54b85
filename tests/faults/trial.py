"""The nouns: a trial, and what came of it. Both travel between processes as JSON."""

from __future__ import annotations

import errno
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.interposed import Effect

ROOT = Path(__file__).resolve().parents[2]
STEP = "step "
"""What begins a line of a trial's log that says which step comes now."""


@dataclass(frozen=True)
class Trial:
    """One life, and what happens to it.

    Attributes:
        life: its name.
        point, nth, effect: where, and what; see `interposed.armed`.
        step: the number of the step in which counting begins, from 0.
        error, kinds: of calls that are to fail.
        after_seconds: with `KILL_LATER`, how long after the point.
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
    after_seconds: float = 0
    power: bool = False
    damage: str = ""
    seed: int = 0

    @property
    def logged(self) -> bool:
        """Whether what it goes through is to be known."""
        return self.effect in {Effect.NOTHING, Effect.KILL_LATER}

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
        when = f", {1000 * self.after_seconds:.3f} ms later" if self.after_seconds else ""
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
