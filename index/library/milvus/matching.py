"""Finding by words: a question's words become terms, Milvus scores them by BM25 in two fields, and the sums are ranked.

Body and title are searched apart and summed as for a local library. What stands in only one of the two rankings is
scored in the other by a search among its keys, and both go deeper until nothing that was not seen could come before
the last that is shown (Fagin, Lotem and Naor, "Optimal Aggregation Algorithms for Middleware", 2003).
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Sequence

from index.library import analysis
from index.library.contract import Scored
from index.library.milvus.engine import MOST_FOUND, PAGE, Engine
from index.library.milvus.expressions import among

WEIGHTS = {"body": 1.0, "title": 0.5}
"""As in the local library, where the figures stand."""

COMMON_SHARE = 0.3
COMMON_FROM = 1_000
"""Words in a larger share of the passages than this are left out of libraries larger than this, as locally; here the
share is that of a sample, for Milvus does not tell it."""

SAMPLE = 1_000
SPARE = 16
Terms = tuple[str, ...]


class Matching:
    """Searches one library's passages by words."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sampling = threading.Lock()
        self._sampled: tuple[int, dict[str, float]] | None = None

    def best(
        self, text: str, languages: Sequence[str], limit: int, narrow: str, passages: int, last: int, level: str
    ) -> list[Scored]:
        """The `limit` passages that match the words of `text` best, best first, ties by key.

        Args:
            text: plain words.
            languages: those that the library's articles are in.
            limit: how many, at most `MOST_FOUND`.
            narrow: what else must hold of a passage.
            passages: how many passages there are.
            last: the highest key there is.
            level: how fresh what is read must be.
        """
        asked = {tuple(analysis.variants(word, languages)) for word in analysis.words(text)}
        common = self._common(passages, last, level) if passages > COMMON_FROM else {}
        rare = {terms for terms in asked if max(common.get(term, 0.0) for term in terms) <= COMMON_SHARE}
        found = self._ranked(_joined(rare), limit, narrow, level)
        return found or (self._ranked(_joined(asked), limit, narrow, level) if rare != asked else [])

    def _common(self, passages: int, last: int, level: str) -> dict[str, float]:
        """Terms, and in what share of the passages they stand, by a sample taken anew when the library has grown."""
        size = round(4 * math.log2(passages))
        with self._sampling:
            if self._sampled is None or self._sampled[0] != size:
                keys = sorted({1 + at * last // SAMPLE for at in range(SAMPLE)})
                rows = self._engine.among("passages", "key", keys, ["body"], level)
                self._sampled = size, _shares(rows)
            return self._sampled[1]

    def _ranked(self, terms: str, limit: int, narrow: str, level: str) -> list[Scored]:
        if not terms:
            return []
        depth = limit + SPARE
        while True:
            found = {field: self._engine.matching(terms, field, narrow, depth, level) for field in WEIGHTS}
            sums = self._summed(terms, found, level)
            unseen = sum(
                weight * found[field][-1][1] for field, weight in WEIGHTS.items() if len(found[field]) >= depth
            )
            if not unseen or depth >= MOST_FOUND or (len(sums) >= limit and sums[limit - 1].score > unseen):
                return sums[:limit]
            depth = min(4 * depth, MOST_FOUND)

    def _summed(self, terms: str, found: dict[str, list[tuple[int, float]]], level: str) -> list[Scored]:
        scores = {field: dict(hits) for field, hits in found.items()}
        for field, other in (("body", "title"), ("title", "body")):
            missing = sorted(scores[other].keys() - scores[field].keys())
            for at in range(0, len(missing), PAGE):
                part = missing[at : at + PAGE]
                scores[field] |= dict(self._engine.matching(terms, field, among("key", part), len(part), level))
        every = scores["body"].keys() | scores["title"].keys()
        summed = [
            Scored(key, sum(weight * scores[field].get(key, 0.0) for field, weight in WEIGHTS.items())) for key in every
        ]
        return sorted(summed, key=lambda one: (-one.score, one.key))


def _joined(words: set[Terms]) -> str:
    return " ".join(sorted({term for terms in words for term in terms if term}))


def _shares(rows: Sequence[dict[str, str]]) -> dict[str, float]:
    counts = Counter(term for row in rows for term in set(row["body"].split()))
    return {term: count / len(rows) for term, count in counts.items()}
