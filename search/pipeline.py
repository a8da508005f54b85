"""From a query to an answer: understand, retrieve, reread, weigh dates, fold, cite. Each step is a module of its own.

This module only passes things from step to step; it knows no HTTP, no storage engine and no model by name.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial

from index.embedding.contract import Embedder, Reranker
from index.errors import InvalidQuery
from index.ingest import model_name
from index.library.contract import Library, Scored, Snapshot
from search.answer import Answer, Hit, LibraryCard
from search.answerable import answerable
from search.hits import Citing, Evidence, hits
from search.query import Query
from search.recency import Dates
from search.rerank import READS_ABROAD, Readers, Reading, reread
from search.retrieve import Candidates, Retrieved, question_vector, retrieve
from search.score import Scale, margin, probabilities, standings, way_of
from search.stories import Story, fold, worded
from search.understanding.asking import Understood, understand

RERANK_MS = 300.0
"""The time after which no further candidates are read again."""

COMPARED = 50
"""How many of the best candidates are compared as stories, and more where more are shown."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found for a query: its plain form and how it was understood, the candidates and their passages, what
    dates say of them, the candidates with dates weighed in, and what reading some of them again brought."""

    query: Query
    understood: Understood
    found: Retrieved
    passages: Candidates
    dates: Dates
    ranking: Sequence[Scored]
    readings: Mapping[int, Reading]


class Pipeline:
    """Answers queries over one library. Safe to use from several threads.

    Args:
        library: what to answer from.
        embedder: gives the model that made the library's vectors; asked for when a query needs it.
        reranker: gives the cross-encoder that reads the best candidates again, in the same way; None, or giving None,
            where there is none.
        now: the clock that "last week" and recency count from.
        rerank_ms: the time after which no further candidates are read again.
    """

    def __init__(
        self,
        library: Library,
        embedder: Callable[[], Embedder],
        reranker: Callable[[], Reranker | None] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        rerank_ms: float = RERANK_MS,
    ) -> None:
        self._library = library
        self._embedder = embedder
        self._reranker = reranker
        self._now = now
        self._rerank_ms = rerank_ms

    def answer(self, query: Query) -> Answer:
        """The best hits for a query, the same for the same query and library as long as rereading keeps to its time.

        Raises:
            FingerprintMismatch: the library's vectors come from another model.
            InvalidQuery: a rerank is asked for that nothing can do, or an operator in the text cannot be used.
        """
        timings: dict[str, float] = {}
        with _timed(timings, "total"), self._library.snapshot() as snapshot:
            seen = self.gather(query, snapshot, timings)
            found = seen.found
            outstanding = margin(found.dense, found.lexical)
            standing = standings(seen.ranking, seen.readings, Scale.of(found.dense), query.mode, found.abroad)
            scored = probabilities(standing, outstanding)
            with _timed(timings, "cite"):
                shown = self._shown(seen, scored, snapshot)
            card = self._card(snapshot)
        sure = answerable(way_of(seen.readings, query.mode), scored, outstanding)
        return Answer(query, seen.understood, sure, tuple(shown), card, timings)

    def gather(self, query: Query, snapshot: Snapshot, timings: dict[str, float]) -> Gathered:
        """What is found for a query and read of it, before scores are worked out; raises what `answer` does.

        Args:
            query: the query as it was asked.
            snapshot: where to look.
            timings: told how many milliseconds each stage took.
        """
        as_of = query.as_of or self._now()
        understood = understand(query.text, as_of, operators=query.operators)
        query = understood.applied(query)
        embedder = cache(self._embedder)  # one model for one answer, though another may come into use
        passages = Candidates(snapshot)
        with _timed(timings, "retrieve"):
            embed = partial(question_vector, fingerprint=snapshot.fingerprint, embedder=embedder)
            found = retrieve(query, snapshot, embed, partial(_made_ready, query, passages))
        dated = passages.of(_keys(found.ranking)) if query.recency or understood.period else []
        dates = Dates.of(dated, query.recency, understood.period, as_of)
        ranking = dates.weigh(found.ranking)
        with _timed(timings, "rerank"):
            readers = Readers(embedder if found.vector is not None else None, self._reranker)
            readings = self._reread(query, ranking, passages, readers)
        return Gathered(query, understood, found, passages, dates, ranking, readings)

    def _shown(self, seen: Gathered, scored: Sequence[Scored], snapshot: Snapshot) -> list[Hit]:
        """The hits that the query asks for, from the candidates with their probabilities."""
        query, ranking = seen.query, seen.dates.weigh(scored)
        keys, last = _keys(ranking), query.offset + query.limit
        compared = {"none": last, "article": len(keys), "story": max(COMPARED, 2 * last)}[query.group]
        candidates = seen.passages.of(keys[:compared])
        stories = fold(candidates, query.group)
        if len(stories) < last:
            alone = seen.passages.of(keys[compared:])
            stories += map(Story, range(len(candidates), len(candidates) + len(alone)))
            candidates += alone
        evidence = Evidence(seen.found, seen.readings, scored if seen.readings else None, seen.dates.times)
        return hits(query, candidates, dict(ranking), stories[query.offset : last], evidence, Citing(snapshot))

    def _reread(
        self, query: Query, ranking: Sequence[Scored], passages: Candidates, readers: Readers
    ) -> dict[int, Reading]:
        """The best candidates read again, where that is asked for or usual."""
        if not (query.mode == "hybrid" if query.rerank is None else query.rerank):
            return {}
        if self._reranker is None and query.mode == "lexical":
            message = "Words alone can only be read again by a reranker, and none is set: rerank must be false."
            raise InvalidQuery(message, field="rerank")
        return reread(query.text, passages.of(_keys(ranking[:READS_ABROAD])), readers, self._rerank_ms)

    def _card(self, snapshot: Snapshot) -> LibraryCard:
        articles, passages = snapshot.counts()
        waiting = snapshot.passages_without_vectors()
        return LibraryCard(articles, passages, snapshot.generation, model_name(snapshot.fingerprint), waiting)


def _made_ready(query: Query, passages: Candidates, found: Sequence[Scored]) -> Iterator[None]:
    """Read candidates, and work out what they are compared by where that is wanted; both are remembered. Yields before
    each step."""
    yield
    for one in passages.of(_keys(found)):
        yield
        if query.group == "story":
            worded(one)


def _keys(ranking: Sequence[Scored]) -> list[int]:
    return [key for key, _ in ranking]


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    try:
        yield
    finally:
        timings[stage] = round(1000 * (time.perf_counter() - start), 2)
