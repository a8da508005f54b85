"""How good the answers are for the time that reading again may take: ``make bench-budget``, on an idle machine.

Each question is asked with every budget in turn, so that other work slows all of them alike. Writes
``results/budget.json``, ``.md`` and ``.svg``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from api.cli.commands.evaluate import Bench, default_work, machine, models
from api.settings import Settings
from benchmarks.calibrate import placed, query
from benchmarks.evaluate import ASKED, ROOT
from index.embedding.contract import Embedder, Reranker, Span
from search.answer import Hit
from search.evaluation import metrics, report
from search.evaluation.curves import curves
from search.evaluation.dataset import Dataset, evenly, read_dataset
from search.pipeline import RERANK_MS, Pipeline
from search.rerank import READS, READS_ABROAD, SLICE

BUDGETS = (0, 50, 100, 150, 200, 300, 450)
"""Milliseconds after which no further candidates are read again; at 0 none is."""

SHOWN = 20
"""Hits of each answer."""


def main() -> None:
    """Measure, write and print."""
    wanted = arguments()
    embedder, reranker = models(Settings.from_environment(), ["default"])
    found = {}
    for plan in ASKED:
        if plan.folder in wanted.sets and (wanted.data / plan.folder).is_dir():
            elsewhere = wanted.data / plan.questions_of if plan.questions_of else None
            dataset = read_dataset(wanted.data / plan.folder, qrels=plan.qrels, questions_of=elsewhere)
            with Bench(dataset, wanted.work, embedder, reranker) as bench:
                found[plan.label] = measured(dataset, bench, wanted.queries, embedder, reranker)
    write(wanted.out, found, wanted.queries)


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=["squad20_dev_articles", "scifact_train", "xquad/en"])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="default: ../shared/data")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results", help="default: benchmarks/results")
    parser.add_argument("--queries", type=int, default=60, help="at most so many of each set; %(default)s")
    parser.add_argument("--work", type=Path, default=default_work(), help="where libraries are kept; %(default)s")
    return parser.parse_args()


def measured(
    dataset: Dataset, bench: Bench, most: int, embedder: Embedder, reranker: Reranker | None
) -> dict[int, dict[str, float]]:
    """The figures of a set by budget."""
    pipelines = {
        budget: Pipeline(bench.library, lambda: embedder, lambda: reranker, rerank_ms=budget) for budget in BUDGETS
    }
    with bench.library.snapshot() as snapshot:
        golds = placed(dataset, snapshot)
    asked = evenly(dataset.questions, most)
    pipelines[BUDGETS[-1]].answer(query(asked[0]))  # models load and caches fill before time is taken
    hits: dict[int, dict[str, Sequence[Hit]]] = {budget: {} for budget in BUDGETS}
    times: dict[int, list[float]] = {budget: [] for budget in BUDGETS}
    for question in asked:
        plain = replace(query(question), group="none", limit=SHOWN)
        for budget, pipeline in pipelines.items():
            start = time.perf_counter()
            answer = pipeline.answer(replace(plain, rerank=None if budget else False))
            times[budget].append(1000 * (time.perf_counter() - start))
            hits[budget][question.id] = answer.hits
    return {budget: figures(dataset, golds, hits[budget]) | timed(times[budget]) for budget in BUDGETS}


def timed(times: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    return {name: round(value, 1) for name, value in metrics.latency(times).items()}


def figures(
    dataset: Dataset, golds: Mapping[str, Sequence[tuple[str, Span]]], hits: Mapping[str, Sequence[Hit]]
) -> dict[str, float]:
    """nDCG@10 by article and, where there are gold spans, how often the first passages hold one; and passages read."""
    judged = {name: dataset.judgements[name] for name in hits}
    documents = {name: list(dict.fromkeys(hit.passage.article_id for hit in found)) for name, found in hits.items()}
    found = {metrics.NDCG: metrics.means(metrics.ranking(judged, documents))[metrics.NDCG]}
    ranks = [metrics.covering_rank(golds[name], places(shown)) for name, shown in hits.items() if name in golds]
    if ranks:
        found |= {metrics.SPAN_1: metrics.share_within(ranks, 1), metrics.SPAN_5: metrics.share_within(ranks, 5)}
    read = [sum({hit.scores.pair, hit.scores.sentence} != {None} for hit in shown) for shown in hits.values()]
    return {name: round(value, 4) for name, value in found.items()} | {"read": round(fmean(read), 1)}


def places(hits: Sequence[Hit]) -> list[tuple[str, Span]]:
    """Where the passages stand."""
    return [(hit.passage.article_id, Span(hit.passage.start, hit.passage.end)) for hit in hits]


def write(out: Path, found: Mapping[str, Mapping[int, Mapping[str, float]]], most: int) -> None:
    """Put the figures into the folder `out`, and print them."""
    values: dict[str, Any] = {"measured": datetime.now(UTC).date().isoformat(), "machine": machine(), "queries": most}
    text = page(found, f"{most} questions of each set. {values['machine']}, {values['measured']}.")
    drawn = {
        f"{label}, {report.COLUMNS[name]}": [(one[metrics.MEDIAN], one[name]) for one in budgets.values()]
        for label, budgets in found.items()
        for name in (metrics.NDCG, metrics.SPAN_1)
        if name in budgets[BUDGETS[0]]
    }
    files = {
        "budget.json": json.dumps(values | {"sets": found}, indent=2) + "\n",
        "budget.md": text,
        "budget.svg": curves("Quality by the median time of an answer, ms", drawn),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_text(content, encoding="utf-8")
    print(text)


def page(found: Mapping[str, Mapping[int, Mapping[str, float]]], facts: str) -> str:
    """Everything as a Markdown page."""
    parts = [
        "# Quality for the time that reading again may take",
        f"{facts} A budget is the time after which no further candidates are read; at most {READS} are, and "
        f"{READS_ABROAD} where they are in another language than the question, {SLICE} at a time, and the first "
        f"{SLICE} always. The default is {RERANK_MS:.0f} ms.",
    ]
    for label, budgets in found.items():
        names = [name for name in (metrics.NDCG, metrics.SPAN_1, metrics.SPAN_5) if name in budgets[BUDGETS[0]]]
        rows = [["budget ms", *(report.COLUMNS[name] for name in names), "read", "median ms", "p95 ms"]]
        for budget, one in budgets.items():
            times = (f"{one[name]:.0f}" for name in metrics.LATENCY)
            rows.append([str(budget), *(f"{one[name]:.3f}" for name in names), f"{one['read']:.1f}", *times])
        parts += [f"## {label}", report.aligned(rows, words=0)]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
