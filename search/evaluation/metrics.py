"""The figures: ranking by ir-measures (trec_eval's own code), and spans, abstention and latency, which it has not.

Works on plain ids and numbers; knows no library and no question's text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, median
from types import ModuleType

from index.embedding.contract import Span
from index.errors import MissingExtra

NDCG, MRR, RECALL_10, RECALL_100 = "ndcg@10", "mrr@10", "recall@10", "recall@100"
SPAN_1, SPAN_5 = "span_hit@1", "span_hit@5"
AUROC = "abstention_auroc"
MEDIAN, P95 = "latency_median_ms", "latency_p95_ms"

QUALITY = (NDCG, MRR, RECALL_10, RECALL_100, SPAN_1, SPAN_5, AUROC)
"""Figures 0..1, higher is better."""
LATENCY = (MEDIAN, P95)
"""Milliseconds, lower is better."""


def ir_measures() -> ModuleType:
    """The library that the ranking figures come from.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        # Only here: it is an optional extra.
        import ir_measures as module  # noqa: PLC0415
    except ImportError as error:
        message = "Evaluating needs ir-measures, which is not installed. Run: pip install 'pincite[evaluate]'"
        raise MissingExtra(message, extra="evaluate") from error
    return module


def ranking(
    judgements: Mapping[str, Mapping[str, int]], rankings: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """nDCG@10 (gain is the grade), MRR@10, recall@10 and @100 of each judged question; 0 for one without a ranking.

    Args:
        judgements: grades by question and document; 1 and more is relevant.
        rankings: documents by question, best first, each once.
    """
    measures = ir_measures()
    names = {measures.nDCG @ 10: NDCG, measures.RR @ 10: MRR, measures.R @ 10: RECALL_10, measures.R @ 100: RECALL_100}
    # trec_eval orders by score and does not read ranks, so a score that falls with the rank keeps the order given.
    run = {
        question: {document: float(-rank) for rank, document in enumerate(documents)}
        for question, documents in rankings.items()
    }
    figures: dict[str, dict[str, float]] = {question: {} for question in judgements}
    grades = {question: dict(found) for question, found in judgements.items()}
    for metric in measures.iter_calc(list(names), grades, run):
        figures[metric.query_id][names[metric.measure]] = float(metric.value)
    return figures


def means(figures: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The mean of each figure over all questions, every question having the same figures."""
    every = list(figures.values())
    return {name: fmean(one[name] for one in every) for name in (every[0] if every else {})}


def first_relevant(grades: Mapping[str, int], documents: Sequence[str]) -> int | None:
    """The rank, from 1, of the first relevant document; None when there is none."""
    return next((rank for rank, document in enumerate(documents, 1) if grades.get(document, 0) > 0), None)


def covering_rank(golds: Sequence[tuple[str, Span]], passages: Sequence[tuple[str, Span]]) -> int | None:
    """The rank, from 1, of the first passage that covers a gold span whole; None when none does.

    Both are pairs of a document's id and a span in its text.
    """
    covers = (
        rank
        for rank, (document, (start, end)) in enumerate(passages, 1)
        if any(home == document and start <= gold.start and gold.end <= end for home, gold in golds)
    )
    return next(covers, None)


def share_within(ranks: Sequence[int | None], most: int) -> float:
    """The share (0..1) of ranks that are at most `most`."""
    return fmean(rank is not None and rank <= most for rank in ranks)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """How probable it is that a positive scores above a negative, ties counting half (Mann-Whitney's U, 0..1).

    Both must hold at least one score.
    """
    scores = sorted([(score, True) for score in positive] + [(score, False) for score in negative])
    wins, below, start = 0.0, 0, 0
    while start < len(scores):
        end = start
        while end < len(scores) and scores[end][0] == scores[start][0]:
            end += 1
        tied = sum(is_positive for _, is_positive in scores[start:end])
        level = end - start - tied
        wins += tied * (below + level / 2)
        below, start = below + level, end
    return wins / (len(positive) * len(negative))


def latency(milliseconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile (the nearest rank); at least one time is needed."""
    ordered = sorted(milliseconds)
    return {MEDIAN: median(ordered), P95: ordered[math.ceil(0.95 * len(ordered)) - 1]}
