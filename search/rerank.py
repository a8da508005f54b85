"""Reading the best candidates once more, question and passage together, with a cross-encoder.

Blends its judgement with the fused score instead of trusting it alone: alone it lifts news questions and drops
multi-hop ones. It is only asked about passages in a language that it knows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.embedding.contract import Reranker
from index.library.contract import Scored, Stored

# How many of the best candidates are read, and what the cross-encoder's judgement weighs against the fused score.
DEPTH = 20
WEIGHT = 0.5
LANGUAGES = frozenset({"en"})


def judge(question: str, candidates: Sequence[Stored], reranker: Reranker) -> dict[int, float]:
    """Probabilities (0..1) that a candidate answers the question, by key; for passages that the model can read."""
    readable = [one for one in candidates if one.article.language is None or one.article.language in LANGUAGES]
    if not readable:
        return {}
    logits = reranker.scores(question, [one.passage.text for one in readable]).astype(np.float64)
    odds = 1 / (1 + np.exp(-logits))
    return {one.key: float(odd) for one, odd in zip(readable, odds, strict=True)}


def blend(fused: Sequence[Scored], judged: dict[int, float]) -> list[Scored]:
    """The fused ranking with the judged scores mixed in, best first, ties by key; what was not judged keeps its score
    but for the share that a judgement would have had."""
    scores = [
        Scored(key, (1 - WEIGHT) * score + WEIGHT * judged[key] if key in judged else (1 - WEIGHT) * score)
        for key, score in fused
    ]
    return sorted(scores, key=lambda scored: (-scored.score, scored.key))
