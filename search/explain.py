"""Why a hit stands where it does: the stages that saw it, in their order, each with its rank and score."""

from __future__ import annotations

from typing import NamedTuple

from search.answer import Hit


class Stage(NamedTuple):
    """What one stage said of a hit: its rank there, from 1 (None where the stage does not rank), its score, and what
    that score is."""

    name: str
    rank: int | None
    score: float
    meaning: str


def stages(hit: Hit) -> list[Stage]:
    """The stages that saw the hit; the last one is where it stands."""
    scores = hit.scores
    said = [
        ("meaning", scores.dense_rank, scores.dense, "cosine of question and passage, -1 to 1"),
        ("words", scores.lexical_rank, scores.lexical, "BM25, above 0"),
        ("joined", scores.fused_rank, scores.fused, "meaning and words together, 0 to 1"),
        ("sentences", None, scores.sentence, "mean cosine of each token of the question and the nearest, -1 to 1"),
        ("read as a pair", None, scores.pair, "the cross-encoder's verdict, 0 to 1"),
        ("reread", scores.rerank_rank, scores.rerank, "probability that it answers, 0 to 1"),
        ("age", None, scores.age_days, "days"),
        ("period", None, None if scores.in_period is None else float(scores.in_period), "1 when in the time asked for"),
        ("result", hit.rank, hit.score, "what it is ranked by, 0 to 1"),
    ]
    return [Stage(name, rank, score, meaning) for name, rank, score, meaning in said if score is not None]
