"""What has been tried, kept in a file, so that a run that was ended goes on where it was. Knows no libraries.

The first line says what was drawn from which seed, at which sources, and what the lives were when nothing went wrong;
each line after it one trial and its outcome. Other sources are another thing to try: their file is begun anew.
"""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.faults.plans import Points
from tests.faults.trial import ROOT, Outcome, Trial

SOURCES = ("index/**/*.py", "search/**/*.py", "tests/faults/*.[pc]*", "tests/index/library/*.py")
"""What a trial depends on."""

Traces = dict[str, Points]
"""The points of every life."""


class Kept:
    """The file, whose lines are read when it is opened.

    Args:
        path: where it is, or is to be; None to keep nothing.
        anew: throw away what is there.

    Attributes:
        seed, traces: of the run that began the file; None when there is none that can be gone on with.
        tried: the outcomes by trial.
        counts: what was counted otherwise, by name.
        finds: what went wrong otherwise.
    """

    def __init__(self, path: Path | None, *, anew: bool = False) -> None:
        self._path, self._gate = path, threading.Lock()
        self.seed: int | None = None
        self.traces: Traces = {}
        self.tried: dict[Trial, Outcome] = {}
        self.counts: dict[str, int] = {}
        self.finds: list[str] = []
        content = path.read_text() if path and path.exists() and not anew else ""
        lines = content.splitlines()[: content.count("\n")]  # what has no end was being written when all ended
        if lines and json.loads(lines[0])["sources"] == sources():
            self._read(lines)

    def begin(self, seed: int, traces: Traces) -> None:
        """Begin the file."""
        self.seed, self.traces = seed, traces
        if self._path:
            self._path.write_text("")
            self._write({"seed": seed, "sources": sources(), "traces": traces})

    def add(self, trial: Trial, outcome: Outcome) -> None:
        """Keep one trial. Safe to call from several threads."""
        with self._gate:
            self.tried[trial] = outcome
            self._write({"trial": asdict(trial), "outcome": asdict(outcome)})

    def count(self, what: str, number: int) -> None:
        """Add to a number."""
        self.counts[what] = self.counts.get(what, 0) + number
        self._write({"count": what, "number": number})

    def find(self, what: str) -> None:
        """Add what went wrong when something was drawn."""
        self.finds.append(what)
        self._write({"find": what})

    def _write(self, line: dict[str, Any]) -> None:
        if self._path:
            with self._path.open("a") as file:
                file.write(json.dumps(line) + "\n")

    def _read(self, lines: list[str]) -> None:
        head = json.loads(lines[0])
        self.seed = head["seed"]
        self.traces = {name: [(step, point) for step, point in points] for name, points in head["traces"].items()}
        for line in lines[1:]:
            told = json.loads(line)
            if "find" in told:
                self.finds.append(told["find"])
            elif "count" in told:
                self.counts[told["count"]] = self.counts.get(told["count"], 0) + told["number"]
            else:
                self.tried[Trial.of(told["trial"])] = Outcome.of(told["outcome"])


def sources() -> str:
    """A hash of what a trial depends on."""
    found = hashlib.sha256()
    for path in sorted(path for pattern in SOURCES for path in ROOT.glob(pattern)):
        found.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return found.hexdigest()[:16]
