"""Asks a set's questions in several modes and works out the figures.

Knows answers and the library that they come from; not where models come from, and nothing of files or terminals.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from index.embedding.contract import Span
from search.answer import Answer, Hit
from search.evaluation import metrics
from search.evaluation.dataset import Dataset, Question, evenly
from search.evaluation.result import ModeResult
from search.query import DEEPEST_OFFSET, MOST_HITS, Mode, Query, Recency

Ask = Callable[[Query], Answer]
Golds = Mapping[str, Sequence[tuple[str, Span]]]


class Way(NamedTuple):
    """A way of answering: the query's `mode` and `rerank`."""

    mode: Mode
    rerank: bool | None


MODES: Mapping[str, Way] = {
    "lexical": Way("lexical", rerank=False),
    "dense": Way("dense", rerank=False),
    "hybrid": Way("hybrid", rerank=False),
    "hybrid+rerank": Way("hybrid", rerank=True),
    "default": Way("hybrid", rerank=None),
}
"""What can be compared. ``default`` is what a question gets that chooses nothing."""

# So many documents are ranked: recall@100 needs no more.
DOCUMENTS = 100
# The first page is as deep as a search can be without looking at more candidates than it does for a user's ten hits.
FIRST_PAGE = 50
# Times are taken of so many questions where the answers are not needed for more.
TIMED = 100


@dataclass(frozen=True, slots=True)
class Ranked:
    """What one question found: documents by their best passage, and the best passages themselves."""

    documents: Sequence[str]
    passages: Sequence[tuple[str, Span]]


@dataclass(frozen=True, slots=True)
class Asking:
    """How questions are asked: in a mode of `MODES`, preferring newer articles by a half-life (None: not)."""

    mode: str
    half_life_days: float | None = None

    def query(self, question: Question) -> Query:
        """The question as a user would ask it; its quotation marks are punctuation, not operators."""
        recency = Recency(self.half_life_days, question.as_of) if self.half_life_days else None
        way = MODES[self.mode]
        return Query(
            question.text,
            mode=way.mode,
            rerank=way.rerank,
            recency=recency,
            as_of=question.as_of,
            operators=False,
        )


def run(dataset: Dataset, golds: Golds, asking: Asking, ask: Ask, on_asked: Callable[[], None]) -> ModeResult:
    """One mode's figures on a set.

    Args:
        dataset: the set, or a sample of it.
        golds: gold spans in articles by question; figures of spans are left out when there are none.
        asking: the mode, and the rest of how questions are asked.
        ask: gives the answer to a query.
        on_asked: called after every question, `questions_in` times in all.
    """
    asked_plainly = _as_users_ask(dataset, asking, ask, on_asked)
    ranked: dict[str, Ranked] = {}
    for question in dataset.questions:
        ranked[question.id] = rank(question, asking, ask, min(DOCUMENTS, dataset.documents))
        on_asked()
    judgements = {question.id: dataset.judgements[question.id] for question in dataset.questions}
    documents = {name: found.documents for name, found in ranked.items()}
    figures = metrics.means(metrics.ranking(judgements, documents)) | _spans(golds, ranked) | asked_plainly
    firsts = {name: metrics.first_relevant(judgements[name], found) for name, found in documents.items()}
    return ModeResult(asking.mode, figures, firsts)


def questions_in(dataset: Dataset) -> int:
    """How many questions `run` asks."""
    return len(dataset.questions) + len(_timed(dataset)) + len(dataset.unanswerable)


def rank(question: Question, asking: Asking, ask: Ask, most: int) -> Ranked:
    """Ask deep enough for `most` documents, or for all that can be found."""
    hits: list[Hit] = []
    documents: dict[str, None] = {}
    for page in _pages(replace(asking.query(question), group="none", limit=FIRST_PAGE), ask):
        before = len(documents)
        documents |= dict.fromkeys(hit.passage.article_id for hit in page)
        hits.extend(page)
        if len(documents) >= most or len(documents) == before:
            break
    passages = [(hit.passage.article_id, Span(hit.passage.start, hit.passage.end)) for hit in hits[:FIRST_PAGE]]
    return Ranked(list(documents)[:most], passages)


def _pages(asked: Query, ask: Ask) -> Iterator[Sequence[Hit]]:
    """Pages of hits until there are no more. Later ones are not reranked: no reranker reads so deep."""
    page = asked
    while True:
        hits = ask(page).hits
        yield hits
        if len(hits) < page.limit or page.offset + page.limit > DEEPEST_OFFSET:
            return
        page = replace(page, offset=page.offset + page.limit, limit=MOST_HITS, rerank=False)


def _timed(dataset: Dataset) -> Sequence[Question]:
    """The questions asked as a user asks: all where abstention is measured, else as many as times need."""
    return dataset.questions if dataset.unanswerable else evenly(dataset.questions, TIMED)


def _as_users_ask(dataset: Dataset, asking: Asking, ask: Ask, on_asked: Callable[[], None]) -> dict[str, float]:
    """Latency, and how well `answerable` tells questions with an answer from those without."""
    ask(asking.query(dataset.questions[0]))  # models load and caches fill before time is taken
    times: list[float] = []

    def answerable(question: Question) -> float:
        start = time.perf_counter()
        answer = ask(asking.query(question))
        times.append(1000 * (time.perf_counter() - start))
        on_asked()
        return answer.answerable

    with_answer = [answerable(question) for question in _timed(dataset)]
    without = [answerable(question) for question in dataset.unanswerable]
    abstention = {metrics.AUROC: metrics.auroc(with_answer, without)} if without else {}
    return abstention | metrics.latency(times)


def _spans(golds: Golds, ranked: Mapping[str, Ranked]) -> dict[str, float]:
    """The figures of spans, over the questions that have one."""
    ranks = [metrics.covering_rank(golds[name], found.passages) for name, found in ranked.items() if name in golds]
    if not ranks:
        return {}
    return {metrics.SPAN_1: metrics.share_within(ranks, 1), metrics.SPAN_5: metrics.share_within(ranks, 5)}
