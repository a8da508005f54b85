"""How Pincite behaves as a library grows, on this machine, in one run: `make bench`, and `make bench-quick`.

Real passages are embedded once and kept; larger libraries are grown from them (`grow`, `fields`), each beginning with
the smaller one. What was done is kept in the work folder, so a run that was cut short goes on, and `--again` measures
anew.
Writes ``benchmarks/results/scale.json``, ``.md`` and ``.svg``; a quick run writes to the work folder only.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from api.cli.commands.evaluate import machine
from benchmarks.scale import kinds, measure, vectors
from benchmarks.scale.fields import grown_library
from benchmarks.scale.grow import Soil, likeness, nearest
from benchmarks.scale.report import chart, table
from benchmarks.scale.sample import QUICK_SETS, SETS, Sample, pipeline_name, real_sample
from index.embedding.catalogue import DEFAULT_EMBEDDER
from index.embedding.embedder import load_embedder

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks/results"
WORK = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "pincite/bench"
SIZES = (10_000, 100_000, 1_000_000)
QUICK_SIZES = (10_000, 40_000)
VECTORS = 10_000_000
"""So many vectors are searched without a library, where the disk has room for them."""
REAL, QUICK_REAL = 3_000, 500
PORT = 8765

Figures = dict[str, Any]


class Run:
    """One run: figures by step, each kept as soon as it is there."""

    def __init__(self, work: Path, real: int, *, again: bool) -> None:
        self._work = work
        self._kept = work / f"figures-{real}.json"
        work.mkdir(parents=True, exist_ok=True)
        old = json.loads(self._kept.read_text()) if self._kept.exists() and not again else {}
        self.figures: Figures = old

    def step(self, name: str, work: Callable[[], Any]) -> Any:
        """What a step gives, from an earlier run if it was done there."""
        if name not in self.figures:
            print(f"{datetime.now(UTC):%H:%M:%S} {name}", file=sys.stderr)
            self.figures[name] = work()
            beside = self._kept.with_suffix(".new")
            beside.write_text(json.dumps(self.figures, indent=1))
            beside.rename(self._kept)
        return self.figures[name]


def show(what: str, done: int, of: int) -> None:
    """One line that is written over; whole lines where no terminal shows them."""
    end = "\r" if sys.stderr.isatty() and done < of else "\n"
    if sys.stderr.isatty() or done == of or done % max(1, of // 10) == 0:
        print(f"  {what}: {done:,} of {of:,}", end=end, file=sys.stderr, flush=True)


def likenesses(sample: Sample) -> Figures:
    """Real passages, and as many grown from a tenth of them, seen alike."""
    rows = len(sample.vectors)
    few = rows // 10
    chosen = np.random.default_rng(1).choice(np.arange(few, rows), min(500, rows - few), replace=False)
    grown = Soil(sample.vectors[:few]).rows(rows)
    both = {"real": sample.vectors, "grown from a tenth of them": grown}
    return {name: likeness(vectors, sample.asked, chosen)._asdict() for name, vectors in both.items()}


def compared(work: Path, sample: Sample, rows: int) -> list[Figures]:
    """Kinds of indexes over so many grown vectors."""
    vectors = kinds.grown_file(Soil(sample.vectors), rows, work / f"grown-{len(sample.vectors)}.f32", show)
    return [asdict(one) for one in kinds.compared(vectors, sample.asked[: measure.ASKED], show)]


def library(work: Path, sample: Sample, rows: int, smaller: Path | None) -> tuple[Path, Figures]:
    """The library of so many passages, made out of the next smaller one, and how long that took in all runs; nothing
    where it was there already."""
    folder = work / f"library-{len(sample.vectors)}-{rows}"
    if smaller is not None and not folder.exists():
        beside = shutil.copytree(smaller, work / "copying", dirs_exist_ok=True)
        Path(beside).rename(folder)
    kept = folder.with_suffix(".made.json")
    earlier = json.loads(kept.read_text()) if kept.exists() else {}
    started, before = time.perf_counter(), time.process_time()

    def shown(what: str, done: int, of: int) -> None:
        spent = {"added in seconds": time.perf_counter() - started, "processor seconds": time.process_time() - before}
        kept.write_text(json.dumps({name: round(earlier.get(name, 0) + more, 1) for name, more in spent.items()}))
        show(what, done, of)

    grown_library(folder, sample, rows, shown)
    return folder, json.loads(kept.read_text()) if kept.exists() else {}


def figures_of(work: Path, folder: Path, sample: Sample, rows: int) -> Figures:
    """What the library does, measured in a process of its own."""
    asked, questions = sample.asked[: measure.ASKED], sample.questions[: measure.ASKED]
    vectors = kinds.grown_file(Soil(sample.vectors), rows, work / f"grown-{len(sample.vectors)}.f32", show)
    truth = measure.truths(vectors, asked, work / f"truth-{len(sample.vectors)}-{rows}.npz")
    handed = work / "handed.npz"
    exact = {f"truth{tag}": found for tag, found in truth.items()}
    np.savez(handed, questions=np.array(questions), asked=asked, **exact)
    return _measured("benchmarks.scale.measure", folder, handed)


def vectors_alone(work: Path, sample: Sample, rows: int) -> Figures:
    """The vector part at so many rows, measured in a process of its own; nothing where the disk has no room."""
    file = work / f"grown-{len(sample.vectors)}.f32"
    bytes_ = rows * sample.vectors.shape[1] * 4
    wanted = 1.1 * bytes_ - (file.stat().st_size if file.exists() else 0)
    if shutil.disk_usage(work).free < wanted:
        print(f"  left out: {rows:,} vectors take {wanted / 2**30:.0f} GB more of the disk", file=sys.stderr)
        return {}
    grown = kinds.grown_file(Soil(sample.vectors), rows, file, show)
    kept, handed = work / f"vectors-alone-{len(sample.vectors)}-{rows}", work / "handed-vectors.npz"
    vectors.built(grown, kept, show)
    asked = sample.asked[: measure.ASKED]
    np.savez(handed, asked=asked, truth=nearest(asked, grown, 10)[1])
    return _measured("benchmarks.scale.vectors", file, kept, handed)


def _measured(module: str, *given: Path) -> Figures:
    """What a module prints, in a process of its own."""
    command = [sys.executable, "-m", module, *map(str, given)]
    found: Figures = json.loads(subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout)
    return found


def _one_size(run: Run, work: Path, sample: Sample, rows: int, smaller: Path | None) -> Path:
    """All steps for one library; its folder."""
    folder, took = library(work, sample, rows, smaller)
    run.step(f"made {rows}", lambda: took)
    run.step(f"library {rows}", lambda: figures_of(work, folder, sample, rows))
    run.step(f"served {rows}", lambda: measure.served(folder, sample.questions[: measure.ASKED], PORT))
    return folder


def main() -> None:
    """Run everything that was not run yet, then write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller libraries, for three minutes in all")
    parser.add_argument("--again", action="store_true", help="measure anew what was measured before")
    parser.add_argument("--work", type=Path, default=WORK, help="where all is kept between runs (default: %(default)s)")
    parser.add_argument("--sizes", type=int, nargs="*", help="passages of the libraries, ascending")
    given = parser.parse_args()
    sizes, real = (QUICK_SIZES, QUICK_REAL) if given.quick else (SIZES, REAL)
    sizes = tuple(given.sizes or sizes)
    embedder = load_embedder(DEFAULT_EMBEDDER, device="cpu")
    work: Path = given.work / pipeline_name(embedder)
    run = Run(work, real, again=given.again)
    sample = real_sample(work, embedder, real, QUICK_SETS if given.quick else SETS, show)
    run.step("likeness", lambda: likenesses(sample))
    if not given.quick:
        run.step("kinds", lambda: compared(work, sample, min(100_000, max(sizes))))
    smaller: Path | None = None
    for rows in sizes:
        smaller = _one_size(run, work, sample, rows, smaller)
    if not given.quick:
        run.step(f"vectors {VECTORS}", lambda: vectors_alone(work, sample, VECTORS))
    results = work / "quick" if given.quick else RESULTS
    results.mkdir(exist_ok=True)
    taken = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    found = {"machine": machine(), "taken": taken, "real passages": len(sample.texts)} | run.figures
    (results / "scale.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (results / "scale.md").write_text(table(found, sizes), encoding="utf-8")
    (results / "scale.svg").write_text(chart(found, sizes), encoding="utf-8")
    print((results / "scale.md").read_text())


if __name__ == "__main__":
    main()
