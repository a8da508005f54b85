"""Whether the library can answer at all, as one number.

Where candidates were read again it is a probability, from how sure that was of the best one and how far the best
passage stands out by meaning; where the cross-encoder could not read, take it as an order only. Where nothing was read
again it is an order too: how much of the question's wording the best hits cover, and how far the best stands out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from index.library.analysis import terms
from index.library.contract import Scored
from search.answer import Hit
from search.score import Scale

READ_INTERCEPT, READ_LOGIT, READ_MARGIN = -0.56, 0.55, 2.44
"""Fitted on 200 questions of SQuAD 2.0 and 120 of NQ, half of them without an answer. Area under the ROC curve: NQ .90,
SQuAD .71, whose questions without an answer were written to look as if they had one. Tried beside these, to no gain:
coverage of words, the gap to the second, cosine and cross-encoder alone (SQuAD .57, .50, .71, .68)."""

LOOKED_AT = 3
"""How many of the best hits may hold the answer, where nothing was read again."""

INTERCEPT, COVERAGE, MARGIN = -2.0, 4.0, 10.0
"""Set by hand."""

SURE = 1e-9
"""Probabilities are kept so far from 0 and 1."""


def answerable(
    question: str, hits: Sequence[Hit], dense: Sequence[Scored], reranked: Sequence[Scored] | None = None
) -> float:
    """How sure it is, 0..1, that the library answers the question; 0 without hits.

    Args:
        question: the question's text.
        hits: what is shown, best first.
        dense: all candidates by meaning, best first.
        reranked: all candidates with probabilities, best first; None where nothing was read again.
    """
    if not hits:
        return 0.0
    if reranked:
        usual, best = Scale.of(dense)
        margin = (best - usual) / (1 - usual) if usual < 1 else 0.0  # of the way to the same text
        return _logistic(READ_INTERCEPT + READ_LOGIT * _logit(reranked[0].score) + READ_MARGIN * margin)
    covered = max(coverage(question, hit) for hit in hits[:LOOKED_AT])
    return _logistic(INTERCEPT + COVERAGE * covered + MARGIN * standing_out(hits))


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def _logit(probability: float) -> float:
    kept = min(1 - SURE, max(SURE, probability))
    return math.log(kept / (1 - kept))


def coverage(question: str, hit: Hit) -> float:
    """The share (0..1) of the question's words that stand in the hit's title or passage; longer words count more."""
    own = terms(f"{hit.citation.title or ''}\n{hit.passage.text}", None)
    wanted = set(terms(question, None))
    total = sum(map(len, wanted))
    return sum(len(term) for term in wanted & set(own)) / total if total else 0.0


def standing_out(hits: Sequence[Hit]) -> float:
    """How far the best cosine stands above the mean of all hits' cosines; 0 where meaning was not searched."""
    cosines = [hit.scores.dense for hit in hits if hit.scores.dense is not None]
    return max(cosines) - fmean(cosines) if cosines else 0.0
