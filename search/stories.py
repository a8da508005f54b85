"""Folding hits: passages that carry the same report, tell of the same event, or stand in one article become one hit.

Compares texts and dates only; which passage is best was decided before (`candidates` come best first).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from index.articles.dates import instant
from index.library.contract import Stored
from search.likeness import Wording, likeness, overlap, wording
from search.query import Group

SAME_REPORT = 0.5
"""Two passages carry the same report when this share of the shorter one's word triples stands in the other too."""

SAME_EVENT = 0.2
"""A passage tells of a story's event when its mean likeness to the story's passages is at least this. B-cubed F1 on
ECB+ by the value, over the whole set and over the 50 articles nearest to one: .15 .85 and .88, .18 .86 and .86, .2 .85
and .85 (precision .84 and .95), .25 .82 and .79. What is folded is hidden behind another, so precision counts."""

DAYS_APART = 14
"""Reports of one event are published within so many days of each other; undated ones may be."""


@dataclass(slots=True)
class Story:
    """A best passage and those that were folded into it, as positions in the list of candidates.

    `copies` carry the best one's report; `others` are the rest: of the same event, or of the same article.
    """

    best: int
    copies: list[int] = field(default_factory=list)
    others: list[int] = field(default_factory=list)

    @property
    def folded(self) -> list[int]:
        """All that were folded into the best passage, best first."""
        return sorted([*self.copies, *self.others])


def fold(candidates: Sequence[Stored], group: Group) -> list[Story]:
    """Candidates (best first) as stories, by the rank of their best passage.

    Args:
        candidates: what may be shown, best first.
        group: ``none`` keeps all apart; ``article`` shows the best passage of each article; ``story`` folds passages
            of different articles that carry the same report or tell of the same event.
    """
    if group == "none" or len(candidates) < 2:
        return [Story(place) for place in range(len(candidates))]
    return _fold_articles(candidates) if group == "article" else _fold_stories(candidates)


def _fold_articles(candidates: Sequence[Stored]) -> list[Story]:
    stories: dict[str, Story] = {}
    for place, candidate in enumerate(candidates):
        if candidate.passage.article_id in stories:
            stories[candidate.passage.article_id].others.append(place)
        else:
            stories[candidate.passage.article_id] = Story(place)
    return list(stories.values())


def worded(candidate: Stored) -> Wording:
    """What a candidate is compared by; remembered, so that it can be worked out beforehand."""
    return wording(candidate.article.title or "", candidate.passage.text, candidate.article.language)


def _fold_stories(candidates: Sequence[Stored]) -> list[Story]:
    folding = _Folding(list(map(worded, candidates)), _cannot_share(candidates))
    for place in range(len(candidates)):
        folding.take_in(place)
    return folding.stories


class _Folding:
    """Stories as they grow, candidate by candidate.

    Args:
        wordings: of the candidates, best first.
        apart: which of them cannot be two reports of one event, shape (n, n).
    """

    def __init__(self, wordings: Sequence[Wording], apart: npt.NDArray[np.bool_]) -> None:
        self.stories: list[Story] = []
        self._apart, self._alike = apart, likeness(wordings)
        # Whether a candidate is like one before it: few are.
        self._met: npt.NDArray[np.bool_] = np.any(np.tril(self._alike >= SAME_EVENT, -1), axis=1)
        # Of each story's members, shape (stories, candidates).
        self._sums, self._barred = np.zeros_like(self._alike), np.zeros_like(apart)
        self._triples = cache(lambda place: wordings[place].triples)  # few are ever asked for

    def take_in(self, place: int) -> None:
        """Put the next candidate into a story, or let it begin one."""
        home = self._joined(place) if self._met[place] else None
        if home is None:
            home = len(self.stories)
            self.stories.append(Story(place))
        self._sums[home] += self._alike[place]
        self._barred[home] |= self._apart[place]

    def _joined(self, place: int) -> int | None:
        """The story that a candidate was put into, if it belongs to one: as a copy of its best report, or else to the
        likest that it can share."""
        for home, story in enumerate(self.stories):
            if self._alike[place, story.best] >= SAME_EVENT and self._same_report(place, story.best):
                story.copies.append(place)
                return home
        told = len(self.stories)
        means = self._sums[:told, place] / [1 + len(story.copies) + len(story.others) for story in self.stories]
        nearness = np.where(self._barred[:told, place], 0, means)
        home = int(nearness.argmax())
        if nearness[home] < SAME_EVENT:
            return None
        self.stories[home].others.append(place)
        return home

    def _same_report(self, one: int, other: int) -> bool:
        return overlap(self._triples(one), self._triples(other)) >= SAME_REPORT


def _cannot_share(candidates: Sequence[Stored]) -> npt.NDArray[np.bool_]:
    """Whether two candidates cannot be two reports of one event, shape (n, n): they stand in one article, or were
    published too far apart."""
    _, articles = np.unique([one.passage.article_id for one in candidates], return_inverse=True)
    days = np.array([_day(one) for one in candidates], np.float64)
    far = np.abs(days[:, None] - days[None, :]) > DAYS_APART  # never true of an unknown day, which is no number
    apart: npt.NDArray[np.bool_] = (articles[:, None] == articles[None, :]) | far
    return apart


def _day(candidate: Stored) -> float:
    published = candidate.article.published
    return instant(published).timestamp() / 86_400 if published else math.nan
