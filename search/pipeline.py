"""From a query to an answer: retrieve, fuse, rerank, weigh age, fold, cite. Each step is a module of its own.

This module only passes things from step to step; it knows no HTTP, no storage engine and no model by name.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from index.articles.article import Article
from index.articles.dates import instant
from index.embedding.contract import Embedder, Reranker
from index.errors import FingerprintMismatch, InvalidQuery, LibraryDamaged
from index.ingest import model_name
from index.library.contract import Library, Scored, Snapshot, Stored
from search.answer import Answer, Citation, Hit, LibraryCard, Scores
from search.answerable import answerable
from search.cite import cite
from search.fuse import fuse
from search.highlight import best_sentence, rarity
from search.query import Query, Recency
from search.recency import age_in_days, decay
from search.rerank import DEPTH, blend, judge
from search.stories import Story, fold
from search.understanding.asking import understand

# How many passages each side brings. More finds little (the hundredth candidate is rarely among the first ten after
# fusing) and costs in every later step.
CANDIDATES = 100
# A BM25 score of this size counts as half sure; only used to bring lexical scores to 0..1 when they stand alone.
HALF_SURE = 10.0


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Both sides' candidates, best first, and one ranking of them all with scores 0..1."""

    dense: Sequence[Scored]
    lexical: Sequence[Scored]
    ranking: Sequence[Scored]


class Pipeline:
    """Answers queries over one library. Safe to use from several threads.

    Args:
        library: what to answer from.
        embedder: gives the model that made the library's vectors; asked for when a query needs it.
        reranker: gives the model that reads the best candidates again, in the same way; None where there is none.
        now: the clock that recency counts from.
    """

    def __init__(
        self,
        library: Library,
        embedder: Callable[[], Embedder],
        reranker: Callable[[], Reranker] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._library = library
        self._embedder = embedder
        self._reranker = reranker
        self._now = now

    def answer(self, query: Query) -> Answer:
        """The best hits for a query, the same for the same query and library.

        Raises:
            FingerprintMismatch: the library's vectors come from another model.
            InvalidQuery: a rerank is asked for and there is no reranker, or an operator in the text cannot be used.
        """
        timings: dict[str, float] = {}
        asked, understood = query, understand(query.text, query.as_of or self._now(), operators=query.operators)
        query = understood.applied(asked)
        with _timed(timings, "total"), self._library.snapshot() as snapshot:
            with _timed(timings, "retrieve"):
                found = self._retrieve(query, snapshot)
                stored = {one.key: one for one in snapshot.passages([scored.key for scored in found.ranking])}
            with _timed(timings, "rerank"):
                ranking, judged = self._rerank(query, found.ranking, stored)
            ages = self._ages(query, stored)
            ranking = _weigh_age(ranking, query.recency, ages)
            with _timed(timings, "cite"):
                candidates = [stored[scored.key] for scored in ranking if scored.key in stored]
                stories = fold(candidates, query.group)[query.offset : query.offset + query.limit]
                scores = _explain(found, judged, ages)
                points = {scored.key: scored.score for scored in ranking}
                hits = _hits(query, snapshot, candidates, stories, scores, points)
            card = self._card(snapshot)
        return Answer(asked, answerable(query.text, hits), tuple(hits), card, timings)

    def _retrieve(self, query: Query, snapshot: Snapshot) -> Retrieved:
        depth = max(CANDIDATES, 2 * (query.offset + query.limit))
        lexical = snapshot.lexical(query.text, depth, query.filters) if query.mode != "dense" else []
        dense = self._dense(query, snapshot, depth) if query.mode != "lexical" else []
        if query.mode == "dense":
            ranking = [Scored(key, max(0.0, min(1.0, score))) for key, score in dense]
        elif query.mode == "lexical":
            ranking = [Scored(key, score / (score + HALF_SURE)) for key, score in lexical]
        else:
            ranking = fuse(dense, lexical, query.fusion)
        return Retrieved(dense, lexical, ranking)

    def _dense(self, query: Query, snapshot: Snapshot, depth: int) -> list[Scored]:
        fingerprint = self._library.fingerprint
        if fingerprint is None:
            return []
        embedder = self._embedder()
        if fingerprint["model"] != embedder.fingerprint:
            raise FingerprintMismatch(
                f"The library's vectors were made by {model_name(fingerprint)}, but the model now set is "
                f"{embedder.name}. Set the library's own model, or index into a new library."
            )
        return snapshot.dense(embedder.embed_question(query.text), depth, query.filters)

    def _rerank(
        self, query: Query, ranking: Sequence[Scored], stored: dict[int, Stored]
    ) -> tuple[Sequence[Scored], dict[int, float]]:
        if not query.rerank:
            return ranking, {}
        if self._reranker is None:
            raise InvalidQuery("No reranker is set, so rerank must be false.", field="rerank")
        judged = judge(query.text, [stored[key] for key, _ in ranking[:DEPTH]], self._reranker())
        return blend(ranking, judged), judged

    def _ages(self, query: Query, stored: dict[int, Stored]) -> dict[int, float]:
        """Ages in days by key, of the dated ones, where the query asks for recency."""
        if query.recency is None:
            return {}
        as_of = query.recency.as_of or query.as_of or self._now()
        return {
            key: age_in_days(instant(one.article.published), as_of)
            for key, one in stored.items()
            if one.article.published is not None
        }

    def _card(self, snapshot: Snapshot) -> LibraryCard:
        articles, passages = snapshot.counts()
        return LibraryCard(articles, passages, snapshot.generation, model_name(self._library.fingerprint))


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    try:
        yield
    finally:
        timings[stage] = round(1000 * (time.perf_counter() - start), 2)


def _weigh_age(ranking: Sequence[Scored], recency: Recency | None, ages: dict[int, float]) -> Sequence[Scored]:
    """Half of a score stays, whatever the age, so that a question about the past still finds it."""
    if recency is None:
        return ranking
    weighed = [
        Scored(key, score * (0.5 + 0.5 * decay(ages.get(key), recency.half_life_days))) for key, score in ranking
    ]
    return sorted(weighed, key=lambda scored: (-scored.score, scored.key))


def _explain(found: Retrieved, judged: dict[int, float], ages: dict[int, float]) -> dict[int, Scores]:
    """What every stage said of every candidate."""
    dense_ranks = {scored.key: rank for rank, scored in enumerate(found.dense, start=1)}
    lexical_ranks = {scored.key: rank for rank, scored in enumerate(found.lexical, start=1)}
    dense, lexical = dict(found.dense), dict(found.lexical)
    return {
        key: Scores(
            dense=dense.get(key),
            dense_rank=dense_ranks.get(key),
            lexical=lexical.get(key),
            lexical_rank=lexical_ranks.get(key),
            fused=score,
            rerank=judged.get(key),
            age_days=ages.get(key),
        )
        for key, score in found.ranking
    }


def _hits(
    query: Query,
    snapshot: Snapshot,
    candidates: Sequence[Stored],
    stories: Sequence[Story],
    scores: dict[int, Scores],
    points: dict[int, float],
) -> list[Hit]:
    """Cited hits, one a story, best first."""
    articles: dict[str, Article] = {}

    def citation(candidate: Stored) -> Citation:
        passage = candidate.passage
        if passage.article_id not in articles:
            article = snapshot.article(passage.article_id)
            if article is None:
                raise LibraryDamaged(f"The library has passages of {passage.article_id!r}, but not the article.")
            articles[passage.article_id] = article
        return cite(articles[passage.article_id], passage.start, passage.end)

    best = [candidates[story.best] for story in stories]
    weights = rarity((one.passage, one.article.language) for one in best)
    hits = []
    for rank, (one, story) in enumerate(zip(best, stories, strict=True), start=query.offset + 1):
        sentence = best_sentence(query.text, one.passage, one.article.language, weights)
        others = [candidates[place] for place in story.folded]
        hits.append(
            Hit(
                rank=rank,
                score=points[one.key],
                scores=scores[one.key],
                passage=one.passage,
                highlights=(sentence,) if sentence else (),
                citation=citation(one),
                also_reported_by=tuple(
                    citation(other) for other in others if other.passage.article_id != one.passage.article_id
                ),
            )
        )
    return hits
