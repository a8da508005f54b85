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
from search.likeness import likeness, overlap, wording
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


def _fold_stories(candidates: Sequence[Stored]) -> list[Story]:
    wordings = [wording(one.article.title or "", one.passage.text, one.article.language) for one in candidates]
    alike, apart = likeness(wordings), _cannot_share(candidates)
    triples = cache(lambda place: wordings[place].triples)  # few are ever asked for
    stories: list[Story] = []
    sums, barred = np.zeros_like(alike), np.zeros_like(apart)  # of each story's members, shape (stories, candidates)
    for place in range(len(candidates)):
        told = len(stories)
        means = sums[:told, place] / [1 + len(story.copies) + len(story.others) for story in stories]
        nearness = np.where(barred[:told, place], 0, means)
        copied = (
            home
            for home, story in enumerate(stories)
            if alike[place, story.best] >= SAME_EVENT and overlap(triples(place), triples(story.best)) >= SAME_REPORT
        )
        home = next(copied, None)
        if home is not None:
            stories[home].copies.append(place)
        elif stories and nearness.max() >= SAME_EVENT:
            home = int(nearness.argmax())
            stories[home].others.append(place)
        else:
            home = told
            stories.append(Story(place))
        sums[home] += alike[place]
        barred[home] |= apart[place]
    return stories


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
