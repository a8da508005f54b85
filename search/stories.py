"""Folding hits: passages that carry the same report, tell of the same event, or stand in one article become one hit.

Compares texts and dates only; which passage is best was decided before (`candidates` come best first).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from index.articles.dates import instant
from index.library.analysis import terms
from index.library.contract import Stored
from search.query import Group

SAME_REPORT = 0.5
"""Two passages carry the same report when this share of the shorter one's word triples stands in the other too."""

SAME_EVENT = 0.2
"""A passage tells of a story's event when its mean likeness to the story's passages is at least this. B-cubed F1 on
ECB+ by the value, over the whole set and over the 50 articles nearest to one: .15 .85 and .88, .18 .86 and .86, .2 .85
and .85 (precision .84 and .95), .25 .82 and .79. What is folded is hidden behind another, so precision counts."""

DAYS_APART = 14
"""Reports of one event are published within so many days of each other; undated ones may be."""

_WORD = re.compile(r"\w+")

Likeness = npt.NDArray[np.float32]


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

    ``none`` keeps all apart; ``article`` shows the best passage of each article; ``story`` folds passages of different
    articles that carry the same report or tell of the same event.
    """
    if group == "none":
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
    near = _Nearness(candidates)
    stories: list[Story] = []
    for place in range(len(candidates)):
        if original := next((story for story in stories if near.is_copy(place, story.best)), None):
            original.copies.append(place)
        elif (home := max(stories, key=lambda story: near.event(place, story), default=None)) and (
            near.event(place, home) >= SAME_EVENT
        ):
            home.others.append(place)
        else:
            stories.append(Story(place))
    return stories


class _Nearness:
    """How near candidates, named by their positions, are to each other."""

    def __init__(self, candidates: Sequence[Stored]) -> None:
        self._articles = [candidate.passage.article_id for candidate in candidates]
        self._triples = [word_triples(candidate.passage.text) for candidate in candidates]
        self._likeness = likeness(candidates)
        self._dates = [_published(candidate) for candidate in candidates]

    def is_copy(self, one: int, other: int) -> bool:
        """Whether both carry the same report."""
        return overlap(self._triples[one], self._triples[other]) >= SAME_REPORT

    def event(self, place: int, story: Story) -> float:
        """How alike (0..1) a passage is to a story's; 0 where it cannot be another report of the same event."""
        members = [story.best, *story.folded]
        if any(self._articles[place] == self._articles[other] or self._far_apart(place, other) for other in members):
            return 0.0
        return float(self._likeness[place, members].mean())

    def _far_apart(self, one: int, other: int) -> bool:
        first, second = self._dates[one], self._dates[other]
        return first is not None and second is not None and abs(first - second).days > DAYS_APART


def likeness(candidates: Sequence[Stored]) -> Likeness:
    """How alike the candidates' titles and passages are: cosines (0..1) of their tf-idf vectors, shape (n, n).

    A word that all candidates share says little, one that few have says much; so the same passages are less alike
    among others of the same topic. Source of the weights: Salton and Buckley, "Term-weighting approaches in automatic
    text retrieval" (1988).
    """
    bags = [
        Counter(terms(f"{one.article.title or ''}\n{one.passage.text}", one.article.language)) for one in candidates
    ]
    counts = Counter(term for bag in bags for term in bag)
    columns = {term: column for column, term in enumerate(counts)}
    weights = np.zeros((len(bags), len(columns)), np.float32)
    for row, bag in enumerate(bags):
        for term, count in bag.items():
            weights[row, columns[term]] = (1 + math.log(count)) * math.log1p(len(bags) / counts[term])
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    units = weights / np.where(lengths, lengths, np.float32(1))
    alike: Likeness = (units @ units.T).astype(np.float32)
    return alike


def _published(candidate: Stored) -> datetime | None:
    published = candidate.article.published
    return instant(published) if published else None


def word_triples(text: str) -> frozenset[tuple[str, ...]]:
    """The set of three-word sequences of a text, without case; a shorter text is one sequence."""
    words = _WORD.findall(text.casefold())
    if len(words) < 3:
        return frozenset([tuple(words)] if words else [])
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def overlap(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """The share (0..1) of the smaller set that stands in the other; 0 when one is empty."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0
