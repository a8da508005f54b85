"""What a server does when it is asked for twice what it can do: nothing breaks, nothing grows, who is let in is served.

`hey` asks (Debian's package of that name); this measures the capacity first, then asks twice that for as long as is
wanted, with several questions. Meanwhile the health of the server is asked and its memory is read four times a second.
All traffic stays on the loopback and ends by itself. Exits with 1 where a promise is broken.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = (
    "Who warned that two percent is not enough?",
    "When does the harbour ferry run again?",
    "Neden Ukrayna barış görüşmelerine hazır değil?",
    "How do I return a product that is broken?",
)
WORKERS = 96
"""Connections that ask; far more than the server lets in, so that it is the server that says no."""

GROUPS = 6
"""So many `hey` ask each question."""

WARM_UP = 0.2
"""Of the time, after which memory must be flat."""

MOST_GROWTH = 0.1
MOST_HEALTH_MS = 1000


@dataclass(slots=True)
class Replies:
    """What `hey` saw: how long each reply took, in seconds, by status."""

    seconds: dict[int, list[float]] = field(default_factory=dict)

    def add(self, table: str) -> None:
        """Take in what one `hey` printed."""
        for row in csv.DictReader(table.splitlines()):
            self.seconds.setdefault(int(row["status-code"]), []).append(float(row["response-time"]))

    def count(self, *statuses: int) -> int:
        """How many replies there were with these statuses, or in all."""
        return sum(len(found) for status, found in self.seconds.items() if not statuses or status in statuses)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was found."""

    seconds: int
    capacity: float
    offered: float
    accepted: float
    statuses: dict[int, int]
    bound_ms: int
    accepted_ms: dict[str, int]
    refused_ms: dict[str, int]
    health_ms: dict[str, int]
    memory_mb: dict[str, int]

    def broken(self) -> Iterator[str]:
        """The promises that do not hold."""
        if others := set(self.statuses) - {200, 429}:
            yield f"there were other answers than 200 and 429: {others}"
        if self.accepted_ms["max"] > self.bound_ms:
            yield f"an accepted request took {self.accepted_ms['max']} ms, and the bound is {self.bound_ms}"
        if self.health_ms["max"] > MOST_HEALTH_MS:
            yield f"the health was told after {self.health_ms['max']} ms"
        if self.memory_mb["last"] > self.memory_mb["warm"] * (1 + MOST_GROWTH):
            yield f"memory grew from {self.memory_mb['warm']} to {self.memory_mb['last']} MB"
        if self.offered < 2 * self.capacity:
            yield f"only {self.offered:.1f} requests a second were made, and twice the capacity was meant"


def percentiles(seconds: Sequence[float]) -> dict[str, int]:
    """The median, 95th and 99th of a hundred, and the largest, in milliseconds."""
    ordered = sorted(seconds) or [0.0]
    places = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {name: round(1000 * ordered[min(len(ordered) - 1, int(at * len(ordered)))]) for name, at in places.items()}


def asked(address: str, seconds: int, workers: int, rate: float | None) -> Replies:
    """What comes back when so many workers ask for so long, at this rate altogether or as fast as they can."""
    # Each `hey` asks in bursts, all its workers at once; several that begin one after the other make a steady stream.
    groups = QUESTIONS * (GROUPS if rate else 1)
    share = workers // len(groups)
    limit = ["-q", f"{rate / share / len(groups):.4f}"] if rate else []
    common = ["-z", f"{seconds}s", "-c", str(share), *limit, "-t", "120", "-o", "csv", "-T", "application/json"]
    running = []
    for question in groups:
        body = json.dumps({"query": question})
        command = ["hey", *common, "-m", "POST", "-d", body, f"{address}/v1/search"]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        time.sleep(share / rate if rate else 0)
    replies = Replies()
    for one in running:
        replies.add(one.communicate()[0])
    return replies


@contextmanager
def served(folder: Path, port: int) -> Iterator[tuple[str, int]]:
    """A server over the sample articles: its address and its process's number."""
    environment = os.environ | {"PINCITE_LIBRARY": str(folder / "library"), "PINCITE_KEYS": str(folder / "keys.json")}
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port), "--first-index", "seeds"]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log) as process,
    ):
        address = f"http://127.0.0.1:{port}"
        try:
            while status(f"{address}/readyz") != 200:
                if process.poll() is not None:
                    sys.exit((folder / "log").read_text())
                time.sleep(0.3)
            yield address, process.pid
        finally:
            process.terminate()


def status(address: str) -> int | None:
    """The status that an address answers with; None where nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=30) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


class Watch(threading.Thread):
    """Asks for the health and reads the memory of a server until told to stop."""

    def __init__(self, address: str, process: int) -> None:
        super().__init__(daemon=True)
        self._address, self._process, self._over = address, process, threading.Event()
        self.health: list[float] = []
        self.memory: list[int] = []

    def run(self) -> None:
        """Until stopped."""
        while not self._over.wait(0.25):
            begun = time.perf_counter()
            if status(f"{self._address}/healthz") != 200:
                begun -= 3600  # a health that is not told is a broken promise
            self.health.append(time.perf_counter() - begun)
            self.memory.append(resident(self._process))

    def stop(self) -> None:
        """Once the figures are there."""
        self._over.set()
        self.join()


def resident(process: int) -> int:
    """The memory that a process occupies, in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


def measured(seconds: int, permits: int, queue: int, port: int) -> Figures:
    """The figures of a run."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), port) as (address, process):
        asked(address, 5, len(QUESTIONS), None)
        calm = asked(address, max(10, seconds // 20), max(permits, len(QUESTIONS)), None)
        capacity = calm.count(200) / max(10, seconds // 20)
        # Workers that wait for an answer do not ask, so more is meant than comes out.
        watch = Watch(address, process)
        watch.start()
        stormy = asked(address, seconds, WORKERS, 3 * capacity)
        watch.stop()
    warm = watch.memory[int(WARM_UP * len(watch.memory)) :]
    refused = stormy.seconds.get(429, [])
    return Figures(
        seconds=seconds,
        capacity=round(capacity, 2),
        offered=round(stormy.count() / seconds, 2),
        accepted=round(stormy.count(200) / seconds, 2),
        statuses=dict(Counter({status: len(found) for status, found in stormy.seconds.items()})),
        # Whoever is let in finds at most so many before him, and the server does them at its capacity; twice that for
        # questions that take longer than others.
        bound_ms=round(2 * 1000 * (permits + queue) / capacity),
        accepted_ms=percentiles(stormy.seconds.get(200, [])),
        refused_ms=percentiles(refused),
        health_ms=percentiles(watch.health),
        memory_mb={"warm": round(median(warm[:40])), "last": round(median(warm[-40:])), "max": max(watch.memory)},
    )


def main() -> int:
    """Measure, print, and tell whether the promises hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="how long twice the capacity is asked (default: 600)")
    parser.add_argument("--port", type=int, default=8765)
    options = parser.parse_args()
    if shutil.which("hey") is None:
        sys.exit("This needs hey, a load generator: apt-get install hey")
    permits, queue = 2 * (os.cpu_count() or 1), 16
    figures = measured(options.seconds, permits, queue, options.port)
    sys.stdout.write(json.dumps(asdict(figures), indent=1) + "\n")
    broken = list(figures.broken())
    sys.stdout.writelines(f"BROKEN: {promise}\n" for promise in broken)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
