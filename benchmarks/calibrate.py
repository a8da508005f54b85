"""Fits the curves that turn what was found into probabilities, and tells how well they hold: ``make calibrate``.

Questions of the sets in ``../shared/data`` are asked as they are and, where a set has no questions without an answer,
once more with the articles that answer left out of the library. Each set counts alike. What was found is kept, so
that a run that was cut short goes on. Writes ``results/calibration.json``, whose constants stand in `search.score` and
`search.answerable` (a test holds that they do), and ``calibration.md``; figures are of questions that the fit had not
seen, in five parts by article.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from api.cli.commands.evaluate import Bench, default_work, machine, models
from api.settings import Settings
from benchmarks.evaluate import ASKED, ROOT, Kept, Plan, code
from index.embedding.contract import Embedder, Reranker, Span
from index.ingest import fingerprint
from index.library.contract import Filters, Scored, Snapshot
from search.answerable import BELIEFS, log_odds
from search.evaluation import metrics, reliability, report
from search.evaluation.dataset import Dataset, Question, evenly, read_dataset
from search.evaluation.runner import Golds
from search.evaluation.spans import place_all
from search.pipeline import Gathered, Pipeline
from search.query import Mode, Query
from search.score import CURVES, Scale, Standing, logistic, margin, standings, way_of

DEPTH = 10
"""So many of the best candidates of a question are looked at."""
PARTS = 5
FEWEST = 12
"""Where a set has fewer questions that were answered in a way, they are not counted for it."""

Array = npt.NDArray[np.float64]


class Case(NamedTuple):
    """One way of answering one question: its best candidates, as (standing, way, whether it answers), best first."""

    set: str
    group: str
    way: str
    answerable: bool
    margin: float
    candidates: list[tuple[float, str, bool]]


@dataclass(frozen=True)
class Fit:
    """A logistic curve's constants, and how its probabilities held on what it was not fitted to."""

    constants: dict[str, float]
    chances: Array
    outcomes: npt.NDArray[np.bool_]
    sets: Sequence[str]


def main() -> None:
    """Ask, fit, write and print."""
    wanted = arguments()
    settings = Settings.from_environment()
    embedder, reranker = models(settings, ["default"])
    weights = {way: curve.weight for way, curve in CURVES.items()}
    made_by = {"code": code(("score.py", "answerable.py")), "vectors": fingerprint(embedder), "weights": weights}
    kept = Kept(wanted.work / "calibrate", again=wanted.again, **made_by)
    cases: list[Case] = []
    for plan in ASKED:
        if (wanted.data / plan.folder).is_dir() and (not wanted.sets or plan.folder in wanted.sets):
            print(f"{plan.label} …", flush=True)
            cases += asked(plan, wanted, embedder, reranker, kept)
    own = {way: cases_by(way, cases) for way in CURVES}
    curves = {way: fit_curve(way, own[way]) for way in CURVES if own[way]}
    beliefs = {way: fit_belief(own[way], curves[way].constants) for way in BELIEFS if own[way]}
    write(wanted.out, cases, curves, beliefs)


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", help="folders in the data, such as rtqa_2022; all if not given")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="default: ../shared/data")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results", help="default: benchmarks/results")
    parser.add_argument("--queries", type=int, default=150, help="at most so many of each set; %(default)s")
    parser.add_argument("--work", type=Path, default=default_work(), help="where libraries are kept; %(default)s")
    parser.add_argument("--again", action="store_true", help="ask anew what is kept")
    return parser.parse_args()


# Asking


def asked(
    plan: Plan, wanted: argparse.Namespace, embedder: Embedder, reranker: Reranker | None, kept: Kept
) -> list[Case]:
    """The cases of a set, from what is kept where there is any."""
    elsewhere = wanted.data / plan.questions_of if plan.questions_of else None
    dataset = read_dataset(wanted.data / plan.folder, qrels=plan.qrels, questions_of=elsewhere)

    def measure() -> dict[str, Any]:
        with Bench(dataset, wanted.work, embedder, reranker) as bench, ExitStack() as stack:
            snapshot = stack.enter_context(bench.library.snapshot())
            pipeline = Pipeline(bench.library, lambda: embedder, lambda: reranker, rerank_ms=math.inf)
            return {"cases": list(cases_of(plan.label, dataset, wanted.queries, pipeline, snapshot))}

    found = kept.get(measure, set=dataset.digest, queries=wanted.queries)
    return [Case(*case) for case in found["cases"]]


def cases_of(label: str, dataset: Dataset, most: int, pipeline: Pipeline, snapshot: Snapshot) -> Iterator[Case]:
    """Every way of answering each question, with its answer in the library and without."""
    golds = placed(dataset, snapshot)
    for question in evenly(dataset.questions, most):
        answering = tuple(name for name, grade in dataset.judgements[question.id].items() if grade > 0)
        whole = pipeline.gather(query(question), snapshot, {})
        yield from ways(label, f"{label} {answering[0]}", whole, Relevant(golds.get(question.id), answering))
        if not dataset.unanswerable:
            without = replace(query(question), filters=Filters(none_of=(Filters(article_ids=answering),)))
            yield from ways(label, f"{label} {answering[0]}", pipeline.gather(without, snapshot, {}), None)
    for question in evenly(dataset.unanswerable, most):
        found = pipeline.gather(query(question), snapshot, {})
        best = found.passages.of([found.ranking[0].key])[0].passage.article_id if found.ranking else ""
        yield from ways(label, f"{label} {best}", found, None)


def query(question: Question) -> Query:
    """A question as `pincite evaluate` asks it."""
    return Query(question.text, as_of=question.as_of, operators=False)


def placed(dataset: Dataset, snapshot: Snapshot) -> Golds:
    """The gold spans in the library's articles."""
    texts = {name: article.text for name in dataset.texts if (article := snapshot.article(name)) is not None}
    return place_all(dataset.golds, dataset.texts, texts.get)[0]


@dataclass(frozen=True)
class Relevant:
    """Which passages answer: those that cover a gold span or, where a question has none, all of the right articles."""

    golds: Sequence[tuple[str, Span]] | None
    articles: Sequence[str]

    def __call__(self, article: str, span: Span) -> bool:
        """Whether a passage answers."""
        return metrics.covering_rank(self.golds, [(article, span)]) == 1 if self.golds else article in self.articles


def ways(label: str, group: str, seen: Gathered, relevant: Relevant | None) -> Iterator[Case]:
    """The question's cases: as its candidates were read, and as each mode alone would have left them."""
    found, scale = seen.found, Scale.of(seen.found.dense)
    both = margin(found.dense, found.lexical)
    alone: list[tuple[Mode, Sequence[Scored], float]] = [
        ("hybrid", found.ranking, both),
        ("dense", found.dense, both),
        ("lexical", found.lexical, margin([], found.lexical)),
    ]
    yield case(label, group, seen, relevant, standings(seen.ranking, seen.readings, scale, "hybrid"), both)
    for mode, ranking, outstanding in alone:
        yield case(label, group, seen, relevant, standings(ranking, {}, scale, mode), outstanding)


def case(
    label: str,
    group: str,
    seen: Gathered,
    relevant: Relevant | None,
    standing: Mapping[int, Standing],
    outstanding: float,
) -> Case:
    """One way of answering, as it is kept."""
    best = sorted(standing, key=lambda key: (-standing[key].sum, key))[:DEPTH]
    rows = []
    for key in best:
        passage = seen.passages.of([key])[0].passage
        answers = relevant is not None and relevant(passage.article_id, Span(passage.start, passage.end))
        rows.append((standing[key].sum, standing[key].way, answers))
    ways_of_all = {one.way for one in standing.values()}
    way = ways_of_all.pop() if len(ways_of_all) == 1 else way_of(seen.readings, "hybrid")
    return Case(label, group, way, relevant is not None, outstanding, rows)


# Fitting


def cases_by(way: str, cases: Iterable[Case]) -> list[Case]:
    """The cases of one way with any candidates, of sets that have enough of them to weigh as much as the others."""
    own = [case for case in cases if case.way == way and case.candidates]
    counts = Counter(case.set for case in own)
    return [case for case in own if counts[case.set] >= FEWEST]


def fit_curve(way: str, cases: Iterable[Case]) -> Fit:
    """The curve of single candidates: from standing and margin to whether it answers."""
    rows = [
        (case, [standing, case.margin], answers)
        for case in cases
        for standing, judged, answers in case.candidates
        if judged == way
    ]
    names = ("intercept", "standing", "margin")
    return fitted(names, [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])


def fit_belief(cases: Sequence[Case], curve: Mapping[str, float]) -> Fit:
    """The curve of whole questions: from the best candidate's log-odds and the margin to whether there is an answer."""

    def odds(case: Case) -> float:
        sums = curve["intercept"] + curve["standing"] * case.candidates[0][0] + curve["margin"] * case.margin
        return log_odds(logistic(sums))

    signs = [[odds(case), case.margin] for case in cases]
    return fitted(("intercept", "odds", "margin"), cases, signs, [case.answerable for case in cases])


def fitted(names: Sequence[str], cases: Sequence[Case], signs: Sequence[Sequence[float]], true: Sequence[bool]) -> Fit:
    """A logistic regression in which every set weighs alike, and what it says of parts that it was not fitted to."""
    matrix, outcomes = np.array(signs, float), np.array(true, bool)
    sets = [case.set for case in cases]
    counts = {name: sets.count(name) for name in set(sets)}
    weights = np.array([len(sets) / counts[name] / len(counts) for name in sets])
    chances = np.zeros(len(sets))
    groups = [case.group for case in cases]
    for train, test in GroupKFold(min(PARTS, len(set(groups)))).split(matrix, outcomes, groups):
        chances[test] = regression(matrix[train], outcomes[train], weights[train]).predict_proba(matrix[test])[:, 1]
    whole = regression(matrix, outcomes, weights)
    constants = [float(whole.intercept_[0]), *map(float, whole.coef_[0])]
    return Fit(dict(zip(names, (round(value, 2) for value in constants), strict=True)), chances, outcomes, sets)


def regression(signs: Array, outcomes: npt.NDArray[np.bool_], weights: Array) -> LogisticRegression:
    """A logistic regression that is hardly held back."""
    return LogisticRegression(C=1e3, max_iter=1000).fit(signs, outcomes, sample_weight=weights)


# Telling


def write(out: Path, cases: Sequence[Case], curves: Mapping[str, Fit], beliefs: Mapping[str, Fit]) -> None:
    """Put constants and figures into the folder `out`, and print them."""
    values = {
        "measured": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "questions": {
            name: sum(case.set == name for case in cases) // 4 for name in dict.fromkeys(c.set for c in cases)
        },
        "curves": {way: CURVES[way]._asdict() | fit.constants for way, fit in curves.items()},
        "beliefs": {way: fit.constants for way, fit in beliefs.items()},
        "holds": {"candidates": holds(curves), "questions": holds(beliefs)},
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "calibration.json").write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    text = page(values, curves, beliefs)
    (out / "calibration.md").write_text(text, encoding="utf-8")
    print(text)


def holds(fits: Mapping[str, Fit]) -> dict[str, Any]:
    """How well probabilities hold, by way: over all sets, and the area under the ROC curve set by set."""
    return {
        way: {
            "cases": len(fit.outcomes),
            "true": round(float(fit.outcomes.mean()), 4),
            "calibration_error": round(reliability.expected_error(list(fit.chances), list(fit.outcomes)), 4),
            "squared_error": round(reliability.squared_error(list(fit.chances), list(fit.outcomes)), 4),
            "auroc": {name: round(area(fit, name), 3) for name in dict.fromkeys(fit.sets)},
        }
        for way, fit in fits.items()
    }


def area(fit: Fit, name: str) -> float:
    """The area under the ROC curve on one set."""
    own = np.array([one == name for one in fit.sets])
    return metrics.auroc(list(fit.chances[own & fit.outcomes]), list(fit.chances[own & ~fit.outcomes]))


def page(values: Mapping[str, Any], curves: Mapping[str, Fit], beliefs: Mapping[str, Fit]) -> str:
    """Everything as a Markdown page."""
    asked_of = ", ".join(f"{name} {count}" for name, count in values["questions"].items())
    parts = [
        "# Do the probabilities hold?",
        f"Questions, with and without an answer: {asked_of}. {values['machine']}, {values['measured']}. Figures are of "
        "parts that the fit had not seen; an area under the ROC curve is named where a set has both outcomes.",
        "## `score`: does this passage answer?",
        summary(values["holds"]["candidates"], values["curves"]),
        *(f"### {way}\n\n{bins(fit)}" for way, fit in curves.items()),
        "## `answerable`: is there an answer at all?",
        summary(values["holds"]["questions"], values["beliefs"]),
        *(f"### {way}\n\n{bins(fit)}" for way, fit in beliefs.items()),
    ]
    return "\n\n".join(parts) + "\n"


def summary(held: Mapping[str, Any], constants: Mapping[str, Mapping[str, float]]) -> str:
    """One line a way: constants, calibration error and areas."""
    rows = [["way", "cases", "true", "calibration error", "Brier", "area by set", "constants"]]
    for way, found in held.items():
        areas = ", ".join(f"{name} {value:.2f}" for name, value in found["auroc"].items())
        fixed = ", ".join(f"{name} {value:g}" for name, value in constants[way].items())
        shown = (f"{found[name]:.3f}" for name in ("true", "calibration_error", "squared_error"))
        rows.append([way, str(found["cases"]), *shown, areas, fixed])
    return report.aligned(rows, words=1)


def bins(fit: Fit) -> str:
    """What was said beside what came true."""
    rows = [["from", "to", "cases", "said", "true"]]
    for low, high, cases, said, true in reliability.table(list(fit.chances), list(fit.outcomes)):
        rows.append([f"{low:g}", f"{high:g}", str(cases), f"{said:.3f}", f"{true:.3f}"])
    return report.aligned(rows, words=0)


if __name__ == "__main__":
    main()
