"""From ranked candidates to hits: each with its citation, the sentence that answers, and why it stands where it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from index.articles.article import Article
from index.embedding.contract import Span
from index.errors import LibraryDamaged
from index.library.contract import Scored, Snapshot, Stored
from search.answer import Citation, Hit, Scores
from search.cite import cite
from search.highlight import best_sentence, rarity, sentences_of
from search.query import Query
from search.recency import UNDATED, Timeliness
from search.rerank import UNREAD, Reading
from search.retrieve import Retrieved
from search.score import pair_verdict
from search.stories import Story

Place = tuple[float | None, int | None]
"""A score, and the rank by it."""

UNSEEN: Place = (None, None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the stages said: the candidates that were found, readings and dates by key, and the ranking after reading
    (None where nothing was read again)."""

    found: Retrieved
    readings: Mapping[int, Reading]
    reranked: Sequence[Scored] | None
    times: Mapping[int, Timeliness]

    def scores(self, keys: Sequence[int]) -> dict[int, Scores]:
        """What every stage said of these candidates."""
        found = self.found
        stages = [_ranked(stage) for stage in (found.dense, found.lexical, found.ranking, self.reranked or ())]
        return {key: self._scores(key, [stage.get(key, UNSEEN) for stage in stages]) for key in keys}

    def _scores(self, key: int, stages: Sequence[Place]) -> Scores:
        (dense, dense_rank), (lexical, lexical_rank), (fused, fused_rank), (rerank, rerank_rank) = stages
        reading, time = self.readings.get(key, UNREAD), self.times.get(key, UNDATED)
        return Scores(
            dense=dense,
            dense_rank=dense_rank,
            lexical=lexical,
            lexical_rank=lexical_rank,
            fused=fused,
            fused_rank=fused_rank,
            pair=pair_verdict(reading.pair) if reading.pair is not None else None,
            sentence=reading.likeness,
            rerank=rerank,
            rerank_rank=rerank_rank,
            age_days=time.age_days,
            in_period=time.in_period,
        )


def _ranked(stage: Sequence[Scored]) -> dict[int, Place]:
    """Score and rank, from 1, by key."""
    return {key: (score, rank) for rank, (key, score) in enumerate(stage, start=1)}


class Citing:
    """Cites passages of one snapshot, fetching each article's text once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._articles: dict[str, Article] = {}

    def __call__(self, stored: Stored, span: Span | None = None) -> Citation:
        """The citation of a passage, or of another place in its article.

        Raises:
            LibraryDamaged: the library does not hold the article.
        """
        passage = stored.passage
        if passage.article_id not in self._articles:
            text = self._snapshot.text(passage.article_id)
            if text is None:
                raise LibraryDamaged(f"The library has passages of {passage.article_id!r}, but not the article.")
            self._articles[passage.article_id] = replace(stored.article, text=text)
        return cite(self._articles[passage.article_id], *(span or (passage.start, passage.end)))


def hits(
    query: Query,
    candidates: Sequence[Stored],
    ranking: Mapping[int, float],
    stories: Sequence[Story],
    evidence: Evidence,
    citing: Citing,
) -> list[Hit]:
    """Hits, one a story, in the order of the stories.

    Args:
        query: the query, its text plain; its first hit has the rank after its `offset`.
        candidates: what the stories' positions name.
        ranking: the candidates' scores (0..1) by key.
        stories: what to show.
        evidence: what the stages said.
        citing: makes citations.
    """
    bests = [candidates[story.best] for story in stories]
    scores = evidence.scores([best.key for best in bests])
    highlights = _highlights(query.text, bests, evidence.readings)
    shown = []
    for rank, (story, best, sentence) in enumerate(
        zip(stories, bests, highlights, strict=True), start=query.offset + 1
    ):
        quoted = sentence if query.quote == "sentence" else None
        shown.append(
            Hit(
                rank=rank,
                score=ranking[best.key],
                scores=scores[best.key],
                passage=best.passage,
                highlights=(sentence,) if sentence else (),
                citation=citing(best, quoted),
                also_reported_by=_elsewhere(best, [candidates[place] for place in story.folded], citing),
            )
        )
    return shown


def _elsewhere(best: Stored, others: Sequence[Stored], citing: Citing) -> tuple[Citation, ...]:
    """Citations of what was folded into a hit, where it stands in other articles."""
    return tuple(citing(other) for other in others if other.passage.article_id != best.passage.article_id)


def _highlights(question: str, shown: Sequence[Stored], readings: Mapping[int, Reading]) -> list[Span | None]:
    """The sentence that answers in each, if any."""
    sentences = [sentences_of(one.passage, one.article.language) for one in shown]
    weights = rarity(sentences)
    return [
        best_sentence(question, found, one.article.language, weights, readings.get(one.key, UNREAD).likenesses)
        for one, found in zip(shown, sentences, strict=True)
    ]
