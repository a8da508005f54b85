"""An evaluation as people and machines read it: one table, a page, JSON, and where each question's answer stood.

Makes texts only; where they go is the caller's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from search.evaluation import metrics
from search.evaluation.dataset import Dataset
from search.evaluation.result import Evaluation, ModeResult

COLUMNS: Mapping[str, str] = {
    metrics.NDCG: "nDCG@10",
    metrics.MRR: "MRR@10",
    metrics.RECALL_10: "R@10",
    metrics.RECALL_100: "R@100",
    metrics.SPAN_1: "span@1",
    metrics.SPAN_5: "span@5",
    metrics.AUROC: "AUROC",
    metrics.MEDIAN: "median ms",
    metrics.P95: "p95 ms",
}
"""The figures in the order of the table, and what it calls them."""


def table(results: Sequence[ModeResult]) -> str:
    """The modes as a Markdown table that also reads well on a terminal; figures that no mode has are left out."""
    names = [name for name in COLUMNS if any(name in result.figures for result in results)]
    rows = [[result.mode, *(shown(name, result.figures) for name in names)] for result in results]
    return aligned([["mode", *(COLUMNS[name] for name in names)], *rows])


def shown(name: str, figures: Mapping[str, float]) -> str:
    """A figure as the table has it; a dash where it was not measured."""
    if name not in figures:
        return "–"
    return f"{figures[name]:.0f}" if name in metrics.LATENCY else f"{figures[name]:.3f}"


def aligned(rows: Sequence[Sequence[str]], words: int = 1) -> str:
    """A Markdown table of these rows, the first being its head; the first `words` columns are words, not numbers."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        " | ".join(
            cell.ljust(width) if place < words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    rule = "|".join("-" * (width + 1) + ("-" if place < words else ":") for place, width in enumerate(widths))
    return "\n".join([f"| {lines[0]} |", f"|{rule}|", *(f"| {line} |" for line in lines[1:])])


def facts(evaluation: Evaluation) -> list[str]:
    """What the figures stand on, one line each."""
    sample = evaluation.sample
    unanswerable = f" and {sample.unanswerable:,} unanswerable ones" if sample.unanswerable else ""
    lines = [
        f"{evaluation.documents:,} documents in {evaluation.passages:,} passages; "
        f"{sample.questions:,} of {sample.of:,} questions{unanswerable}",
        f"{evaluation.model} on {evaluation.machine}, {evaluation.measured}",
    ]
    if evaluation.rejected:
        lines.append(
            f"{len(evaluation.rejected):,} documents could not be stored: {'; '.join(evaluation.rejected[:3])}"
        )
    if evaluation.lost_spans:
        lines.append(f"{evaluation.lost_spans:,} gold spans are not in the cleaned texts and do not count")
    return lines


def page(evaluation: Evaluation) -> str:
    """The evaluation as a Markdown page."""
    listed = "\n".join(f"- {line}" for line in facts(evaluation))
    return f"# {evaluation.dataset}\n\n{table(evaluation.modes)}\n\n{listed}\n- judged set {evaluation.digest}\n"


def as_json(evaluation: Evaluation) -> str:
    """The evaluation for machines."""
    return json.dumps(evaluation.as_dict(), ensure_ascii=False, indent=2) + "\n"


def questions(dataset: Dataset, results: Sequence[ModeResult]) -> str:
    """Every question with the rank of its first relevant document in each mode, tab-separated; the worst come first.

    An empty cell means that it was not among those found.
    """

    def worst(name: str) -> float:
        return max(result.first_relevant[name] or float("inf") for result in results)

    ordered = sorted(dataset.questions, key=lambda question: -worst(question.id))
    lines = [["id", *(result.mode for result in results), "question"]]
    for question in ordered:
        ranks = [str(result.first_relevant[question.id] or "") for result in results]
        lines.append([question.id, *ranks, " ".join(question.text.split())])
    return "".join("\t".join(line) + "\n" for line in lines)
