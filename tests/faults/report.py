"""The figures of `make torture`, as a page of Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.interposed import Effect
from tests.faults.kept import Kept
from tests.faults.lives import lives
from tests.faults.plans import Group, operation_at


@dataclass
class Part:
    """What came of one part. Of a group is *visited* what took place at one of its places at least; `open` are groups
    of which not all attempts were made, `never` those that took place in none."""

    name: str
    groups: int = 0
    visited: int = 0
    places: int = 0
    tried: int = 0
    happened: int = 0
    looked_at: int = 0
    slowest_opening: float = 0.0
    open: int = 0
    never: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, name: str, groups: Sequence[Group], kept: Kept) -> Part:
        """Count what was kept of these groups."""
        part = cls(name, len(groups))
        for group in groups:
            outcomes = [(trial, kept.tried[trial]) for trial in group.trials if trial in kept.tried]
            happened = sum(outcome.happened for _, outcome in outcomes)
            part.places += len(group.trials)
            part.tried += len(outcomes)
            part.happened += happened
            part.visited += happened > 0
            part.looked_at += sum(outcome.looked_at for _, outcome in outcomes)
            part.slowest_opening = max([part.slowest_opening, *(outcome.opened_seconds for _, outcome in outcomes)])
            part.losses += [f"{trial}: {problem}" for trial, outcome in outcomes for problem in outcome.problems]
            if not outcomes:
                part.open += 1
            elif not happened:
                part.never.append(str(group.trials[0]))
        return part


def table(kept: Kept, parts: Sequence[Part]) -> str:
    """All figures."""
    met = sum(map(len, kept.traces.values()))
    named = len({(name, point) for name, points in kept.traces.items() for _, point in points})
    lines = [
        f"Seed {kept.seed}: {len(kept.traces)} lives with {named:,} named points, met {met:,} times.",
        "",
        "| part | groups | of them visited | places | of them tried | took place | libraries looked at | losses |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {one.name} | {one.groups:,} | {one.visited:,} | {one.places:,} | {one.tried:,} | {one.happened:,} "
            f"| {one.looked_at:,} | {len(one.losses)} |"
            for one in parts
        ),
        "",
        f"Slowest opening: {max(one.slowest_opening for one in parts):.2f} s.",
        "",
        "| drawn | how many |",
        "|---|---|",
        *(f"| {what} | {number:,} |" for what, number in sorted(kept.counts.items())),
        "",
        "| kills at random moments, by what was going on | how many |",
        "|---|---|",
        *(f"| {what} | {number:,} |" for what, number in by_operation(kept).most_common()),
        "",
        f"Losses in all: {sum(len(one.losses) for one in parts)}.",
        "",
        *(f"- LOST {loss}" for one in parts for loss in one.losses),
        *(f"- FOUND {find}" for find in kept.finds),
        *(f"- never met again: {one}" for part in parts if "kills at named" in part.name for one in part.never),
    ]
    return "\n".join(lines).rstrip() + "\n"


def by_operation(kept: Kept) -> Counter[str]:
    """During which operations processes were really killed at random moments, as the last point before tells."""
    known = lives()
    return Counter(
        operation_at(known[trial.life], *outcome.last)
        for trial, outcome in kept.tried.items()
        if trial.effect is Effect.KILL_LATER and outcome.happened
    )
