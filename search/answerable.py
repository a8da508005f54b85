"""Whether the library can answer at all, as one number.

Looks only at the hits that were found: how much of the question's wording the best of them cover, and how far the best
stands out from the rest by meaning. Needs no model of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from index.library.analysis import terms
from search.answer import Hit

# How many of the best hits may hold the answer.
LOOKED_AT = 3
# A logistic curve over coverage and margin. The weights are set by hand, not yet fitted to judged questions: take the
# number as an order, not as a probability.
INTERCEPT, COVERAGE, MARGIN = -2.0, 4.0, 10.0


def answerable(question: str, hits: Sequence[Hit]) -> float:
    """How sure it is, 0..1, that one of the hits answers the question; 0 without hits."""
    if not hits:
        return 0.0
    covered = max(coverage(question, hit) for hit in hits[:LOOKED_AT])
    return 1 / (1 + math.exp(-(INTERCEPT + COVERAGE * covered + MARGIN * margin(hits))))


def coverage(question: str, hit: Hit) -> float:
    """The share (0..1) of the question's words that stand in the hit's title or passage; longer words count more."""
    own = terms(f"{hit.citation.title or ''}\n{hit.passage.text}", None)
    wanted = set(terms(question, None))
    total = sum(map(len, wanted))
    return sum(len(term) for term in wanted & set(own)) / total if total else 0.0


def margin(hits: Sequence[Hit]) -> float:
    """How far the best cosine stands above the mean of all hits' cosines; 0 where meaning was not searched."""
    cosines = [hit.scores.dense for hit in hits if hit.scores.dense is not None]
    return max(cosines) - fmean(cosines) if cosines else 0.0
