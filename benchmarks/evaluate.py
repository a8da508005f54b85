"""Measures Pincite on the sets in ``../shared/data`` and writes ``evaluation.json``, ``.md`` and ``.svg``.

Every finished set and mode is kept, and measured again only when the code, the set, the models or the machine are
others, or with ``--again``; so a run that was cut short goes on where it stopped. Where sets are named, the figures of
the others stay as they are, with the day when they were measured.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from api.cli.commands.evaluate import Bench, default_work, known_modes, machine, models
from api.settings import Settings
from index.ingest import fingerprint
from search.evaluation.dataset import Dataset, read_corpus, read_dataset
from search.evaluation.folding import B_CUBED, FALSE_PAIRS, PAIRS_FOUND, judge_stories
from search.evaluation.metrics import AUROC, NDCG, SPAN_1, SPAN_5
from search.evaluation.overview import Asked, Grouped, as_json, drawing, from_json, page
from search.evaluation.result import Evaluation, Sample

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Plan:
    """A set to measure: its folder in the data, how to read it, and what is to be reached."""

    label: str
    folder: str
    reach: Mapping[str, float] = field(default_factory=dict)
    qrels: str | None = None
    questions_of: str | None = None


ASKED = (
    Plan("rtqa_2022", "rtqa_2022", {NDCG: 0.80, SPAN_1: 0.65, SPAN_5: 0.90}),
    Plan("scifact_train", "scifact_train", {NDCG: 0.74}),
    Plan("nq_mini (closed)", "nq_mini", {NDCG: 0.90}, qrels="qrels_closed.tsv"),
    Plan("squad20_dev_articles", "squad20_dev_articles", {SPAN_1: 0.80, SPAN_5: 0.95, AUROC: 0.80}),
    Plan("xquad tr", "xquad/tr", {NDCG: 0.97}),
    Plan("xquad tr over en", "xquad/en", {NDCG: 0.90}, questions_of="xquad/tr"),
)
GROUPED = (
    Plan("ecbplus", "ecbplus", {B_CUBED: 0.80}),
    Plan("neardup_minhash_1000", "neardup_minhash_1000", {PAIRS_FOUND: 1.0, FALSE_PAIRS: 0}),
)


class Kept:
    """Finished figures, by everything that they depend on."""

    def __init__(self, folder: Path, *, again: bool, **depends_on: object) -> None:
        self._folder, self._again, self._depends_on = folder, again, depends_on

    def get(self, measure: Callable[[], dict[str, Any]], **named: object) -> dict[str, Any]:
        """The figures that are kept under this name, else those that are measured now."""
        key = json.dumps([self._depends_on, named], sort_keys=True)
        path = self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"
        if self._again or not path.exists():
            found = json.dumps(measure())
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".new").write_text(found, encoding="utf-8")
            path.with_suffix(".new").rename(path)
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return kept


def main() -> None:
    """Measure, write and print."""
    wanted = arguments()
    modes = known_modes(wanted.modes.split(","))
    settings = Settings.from_environment()
    embedder, reranker = models(settings, modes)
    made_by = {"vectors": fingerprint(embedder), "reranker": settings.reranker, "precision": settings.precision}
    kept = Kept(wanted.work / "kept", again=wanted.again, code=code(), machine=machine(), **made_by)

    def bench(dataset: Dataset) -> Bench:
        return Bench(dataset, wanted.work, embedder, reranker)

    asked, grouped = earlier(wanted.out / "evaluation.json") if wanted.sets else ({}, {})
    for plan in chosen(ASKED, wanted):
        asked[plan.label] = Asked(plan.label, ask(plan, modes, wanted, bench, kept), plan.reach)
        write(wanted.out, asked, grouped, wanted.note)
    for plan in chosen(GROUPED, wanted):
        grouped[plan.label] = Grouped(plan.label, group(plan, wanted.data, bench, kept), plan.reach)
        write(wanted.out, asked, grouped, wanted.note)
    print((wanted.out / "evaluation.md").read_text(encoding="utf-8"))


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "sets",
        nargs="*",
        type=wanted_set,
        help="folders in the data, all if not given: rtqa_2022, or rtqa_2022=100 for at most 100 questions of it",
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="default: ../shared/data")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results", help="default: benchmarks/results")
    parser.add_argument("--modes", default="lexical,dense,hybrid,default", help="parted by commas; %(default)s")
    parser.add_argument("--queries", type=int, default=1000, help="at most so many of each other set; %(default)s")
    parser.add_argument("--note", default="", help="what readers of the page must know, such as what else was running")
    parser.add_argument("--work", type=Path, default=default_work(), help="where libraries are kept; %(default)s")
    parser.add_argument("--again", action="store_true", help="measure anew what is kept")
    return parser.parse_args()


def wanted_set(text: str) -> tuple[str, int | None]:
    """A set's folder and how many of its questions are wanted at most, as in ``rtqa_2022=100``."""
    folder, parted, most = text.partition("=")
    return folder, int(most) if parted else None


def chosen(plans: Sequence[Plan], wanted: argparse.Namespace) -> list[Plan]:
    """The plans that are wanted and whose folders are there; it is told of those that are not."""
    named = [plan for plan in plans if not wanted.sets or plan.folder in dict(wanted.sets)]
    for plan in named:
        if not (wanted.data / plan.folder).is_dir():
            print(f"{plan.label} is left out: there is no {wanted.data / plan.folder}")
    return [plan for plan in named if (wanted.data / plan.folder).is_dir()]


def code(without: Sequence[str] = ()) -> str:
    """SHA-256 of the code that answers and measures, but for files of these names."""
    every = (path for room in ("index", "search") for path in (ROOT / room).rglob("*.py"))
    files = sorted(path for path in every if path.name not in without)
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def ask(
    plan: Plan, modes: Sequence[str], wanted: argparse.Namespace, bench: Callable[[Dataset], Bench], kept: Kept
) -> Evaluation:
    """The figures of a set in every mode."""
    elsewhere = wanted.data / plan.questions_of if plan.questions_of else None
    dataset = read_dataset(wanted.data / plan.folder, qrels=plan.qrels, questions_of=elsewhere)
    most = dict(wanted.sets).get(plan.folder) or wanted.queries
    sample = Sample.of_dataset(dataset, most)

    def measure(mode: str) -> dict[str, Any]:
        with bench(dataset) as open_bench:
            return open_bench.evaluate([mode], most).as_dict()

    found = []
    for mode in modes:
        print(f"{plan.label}, {mode} …", flush=True)
        values = kept.get(partial(measure, mode), set=dataset.digest, sample=sample.ids, mode=mode)
        found.append(Evaluation.from_dict(values))
    return replace(found[0], modes=[result for one in found for result in one.modes])


def group(plan: Plan, data: Path, bench: Callable[[Dataset], Bench], kept: Kept) -> dict[str, float]:
    """The figures of a set's stories."""
    print(f"{plan.label}, stories …", flush=True)
    dataset = read_corpus(data / plan.folder)

    def measure() -> dict[str, Any]:
        with bench(dataset) as open_bench:
            return judge_stories(data / plan.folder, open_bench.stories())

    return kept.get(measure, set=dataset.digest, mode="stories")


def earlier(path: Path) -> tuple[dict[str, Asked], dict[str, Grouped]]:
    """What a run before this one wrote, by set; nothing where there was none."""
    asked, grouped = from_json(path.read_text(encoding="utf-8")) if path.exists() else ([], [])
    return {one.label: one for one in asked}, {one.label: one for one in grouped}


def write(out: Path, by_set: Mapping[str, Asked], stories_of: Mapping[str, Grouped], note: str) -> None:
    """Put what is known so far into the folder `out`, in the order of the plans."""
    asked = [by_set[plan.label] for plan in ASKED if plan.label in by_set]
    grouped = [stories_of[plan.label] for plan in GROUPED if plan.label in stories_of]
    title = "How good the answers are"
    texts = {
        "evaluation.json": as_json(asked, grouped),
        "evaluation.md": page(f"{title}\n\n{note}" if note else title, asked, grouped),
        "evaluation.svg": drawing("nDCG@10", asked),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
