"""`pincite evaluate`: a judged set becomes a library of its own, is asked in several modes, and the figures written.

Opens libraries and models and writes files; what is measured, and how, is `search.evaluation`'s.
"""

from __future__ import annotations

import math
import os
import platform
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Self

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.cli.output import messages, output
from api.cli.progress import index_progress
from api.failures import EXIT_FAILED
from api.service import Service
from api.settings import Settings
from index.embedding.catalogue import DEFAULT_EMBEDDER
from index.embedding.contract import Embedder, Reranker
from index.embedding.embedder import load_embedder
from index.embedding.reranker import load_reranker
from index.errors import InvalidInput
from index.ingest import fingerprint
from index.library.contract import Library
from index.library.opening import open_library
from search.evaluation import chart, gate, metrics, report, runner
from search.evaluation.building import build, library_folder
from search.evaluation.dataset import Dataset, read_dataset
from search.evaluation.folding import Told, stories
from search.evaluation.result import Evaluation, ModeResult, Sample
from search.evaluation.spans import place_all

COMPARED = ("lexical", "dense", "hybrid", "hybrid+rerank")
"""The modes that are compared when none are named; the last one only where a reranker is set."""


def evaluate(
    context: typer.Context,
    dataset: Annotated[Path, typer.Argument(help="A folder with corpus.jsonl, queries.jsonl and qrels.tsv.")],
    modes: Annotated[
        str | None, typer.Option(help=f"Modes to compare, parted by commas, of: {', '.join(runner.MODES)}.")
    ] = None,
    queries: Annotated[
        int | None, typer.Option("--queries", min=1, help="Ask at most so many questions, spaced evenly.")
    ] = None,
    half_life_days: Annotated[
        float | None, typer.Option(help="Prefer newer articles, by this half-life, from a question's date.")
    ] = None,
    qrels: Annotated[str | None, typer.Option(help="Another file of judgements in the folder.")] = None,
    questions_of: Annotated[Path | None, typer.Option(help="Another folder whose questions are asked.")] = None,
    out: Annotated[Path, typer.Option(help="Where the report, the chart and the figures go.")] = Path("evaluation"),
    work: Annotated[
        Path | None, typer.Option(help="Where the set's library is kept.", show_default="~/.cache/pincite/evaluate")
    ] = None,
    gate_file: Annotated[Path | None, typer.Option("--gate", help="Fail when a floor in this file is missed.")] = None,
    write_gate: Annotated[Path | None, typer.Option(help="Pin the figures as floors in this file.")] = None,
    lower: Annotated[bool, typer.Option("--lower", help="Let --write-gate lower floors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure how good the answers are on questions whose answers are known.

    Example: pincite evaluate my-questions --modes lexical,hybrid --out report
    """
    floors = gate.read_gate(gate_file) if gate_file else None
    whole = read_dataset(dataset, qrels=qrels, questions_of=questions_of)
    most = queries or (floors.sample.most if floors else None)
    compared = known_modes(modes.split(",") if modes else floors.floors if floors else default_modes(context.obj))
    with Bench(whole, work or default_work(), *models(context.obj, compared)) as bench:
        evaluation = bench.evaluate(compared, most, half_life_days)
    write_reports(out, whole.sample(most), evaluation)
    if as_json:
        typer.echo(report.as_json(evaluation), nl=False)
    else:
        for line in (report.table(evaluation.modes), *report.facts(evaluation)):
            output.print(line, markup=False)
    if write_gate:
        old = gate.read_gate(write_gate) if write_gate.exists() else None
        write_gate.write_text(gate.gate_text(gate.raised(old, evaluation, lower=lower)), encoding="utf-8")
    missed = gate.misses(floors, evaluation) if floors else []
    for line in missed:
        messages.print(f"missed: {line}", style="red", markup=False)
    if missed:
        raise typer.Exit(EXIT_FAILED)


def known_modes(names: Iterable[str]) -> Sequence[str]:
    """The modes by these names, white space aside.

    Raises:
        InvalidInput: one of them does not exist.
    """
    modes = [name.strip() for name in names]
    for mode in modes:
        if mode not in runner.MODES:
            raise InvalidInput(f"There is no mode {mode!r}; there are {', '.join(runner.MODES)}.", field="modes")
    return modes


def default_modes(settings: Settings) -> Sequence[str]:
    """What is compared when no modes are named."""
    return COMPARED if settings.reranker else COMPARED[:-1]


def models(settings: Settings, modes: Sequence[str]) -> tuple[Embedder, Reranker | None]:
    """The models that the settings name, loaded; the reranker only where one is set and a mode may ask for it."""
    embedder = load_embedder(settings.model or DEFAULT_EMBEDDER, **settings.hardware())
    if not settings.reranker or all(runner.MODES[mode].rerank is False for mode in modes):
        return embedder, None
    return embedder, load_reranker(settings.reranker, **settings.hardware())


def default_work() -> Path:
    """The folder of the sets' libraries in the user's cache (``XDG_CACHE_HOME``, ``~/.cache``)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "pincite" / "evaluate"


class Bench:
    """A set's library, built if it was not, and open for asking. Close it when done; it is a context manager.

    Args:
        whole: the set.
        work: where libraries of sets are kept.
        embedder: the model.
        reranker: the model for modes that rerank; None where there is none.

    Raises:
        MissingExtra: what works out the figures is not installed.
    """

    def __init__(self, whole: Dataset, work: Path, embedder: Embedder, reranker: Reranker | None = None) -> None:
        metrics.ir_measures()  # before hours of work, not after
        self._whole, self._embedder = whole, embedder
        folder = library_folder(work, whole, fingerprint(embedder))
        judge = (lambda: reranker) if reranker else None
        # Without a time limit, so that the figures do not depend on what else the machine does.
        self._service = Service(open_library(folder, create=True), lambda: embedder, judge, rerank_ms=math.inf)
        try:
            with index_progress(messages) as progress:
                store = partial(self._service.store_with_vectors, on_embedded=progress.on_embedded)
                self._rejected = build(whole, folder, store, progress.on_article)
        except BaseException:
            self._service.close()
            raise

    def evaluate(
        self, modes: Sequence[str], most: int | None = None, half_life_days: float | None = None
    ) -> Evaluation:
        """The figures of these modes, asking at most `most` questions, preferring newer articles by a half-life."""
        asked = self._whole.sample(most)
        with self._service.library.snapshot() as snapshot:
            golds, lost = place_all(self._whole.golds, self._whole.texts, snapshot.text)
            passages = snapshot.counts()[1]
        return Evaluation(
            dataset=self._whole.name,
            digest=self._whole.digest,
            sample=Sample.of_dataset(self._whole, most),
            documents=self._whole.documents,
            rejected=self._rejected,
            passages=passages,
            lost_spans=lost,
            model=self._embedder.name,
            measured=datetime.now(UTC).date().isoformat(),
            machine=machine(),
            modes=[self._run(asked, golds, runner.Asking(mode, half_life_days)) for mode in modes],
        )

    @property
    def library(self) -> Library:
        """The set's library."""
        return self._service.library

    def stories(self) -> list[Told]:
        """The stories that the documents tell."""
        with self._service.library.snapshot() as snapshot:
            return stories(snapshot, self._embedder.dimensions)

    def _run(self, asked: Dataset, golds: runner.Golds, asking: runner.Asking) -> ModeResult:
        with _progress(asking.mode, runner.questions_in(asked)) as on_asked:
            return runner.run(asked, golds, asking, self._service.search, on_asked)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._service.close()


@contextmanager
def _progress(mode: str, questions: int) -> Iterator[Callable[[], None]]:
    """A progress bar of questions, where there is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=messages, disable=not messages.is_terminal, transient=True) as progress:
        task = progress.add_task(f"asking, {mode}", total=questions)
        yield lambda: progress.advance(task)


def machine() -> str:
    """The processor and how many of its cores this process may use."""
    try:
        named = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:  # not Linux
        named = None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{named[1] if named else platform.machine()}, {cores} cores"


def write_reports(out: Path, asked: Dataset, evaluation: Evaluation) -> None:
    """Put ``evaluation.json``, ``.md`` and ``.svg`` and ``questions.tsv`` into the folder `out`."""
    groups = {
        result.mode: {report.COLUMNS[name]: result.figures[name] for name in metrics.QUALITY if name in result.figures}
        for result in evaluation.modes
    }
    files = {
        "evaluation.json": report.as_json(evaluation),
        "evaluation.md": report.page(evaluation),
        "evaluation.svg": chart.bars(evaluation.dataset, groups),
        "questions.tsv": report.questions(asked, evaluation.modes),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8")
