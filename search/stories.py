"""Folding hits: passages that carry the same report, tell of the same event, or stand in one article become one hit.

Compares texts and dates only; which passage is best was decided before (`candidates` come best first).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import chain

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

COMPARED_LAST = 4_096
"""So many passages' terms are kept, about 3 kB each: finding those of fifty takes half of what comparing them does."""

_WORD = re.compile(r"\w+")

Matrix = npt.NDArray[np.float32]


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
    alike, apart = likeness(candidates), _cannot_share(candidates)
    triples = cache(lambda place: word_triples(candidates[place].passage.text))  # few are ever asked for
    stories: list[Story] = []
    members = np.zeros_like(alike)  # row: story, column: place; 1 where it is in the story
    for place in range(len(candidates)):
        told = members[: len(stories)]
        nearness = np.where(told @ apart[place], 0, told @ alike[place] / np.maximum(told.sum(axis=1), 1))
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
            home = len(stories)
            stories.append(Story(place))
        members[home, place] = 1
    return stories


def _cannot_share(candidates: Sequence[Stored]) -> Matrix:
    """1 where two candidates cannot be two reports of one event, shape (n, n): they stand in one article, or were
    published too far apart."""
    _, articles = np.unique([one.passage.article_id for one in candidates], return_inverse=True)
    days = np.array([_day(one) for one in candidates], np.float64)
    far = np.abs(days[:, None] - days[None, :]) > DAYS_APART  # never true of an unknown day, which is no number
    apart: Matrix = ((articles[:, None] == articles[None, :]) | far).astype(np.float32)
    return apart


def _day(candidate: Stored) -> float:
    published = candidate.article.published
    return instant(published).timestamp() / 86_400 if published else math.nan


def likeness(candidates: Sequence[Stored]) -> Matrix:
    """How alike the candidates' titles and passages are: cosines (0..1) of their tf-idf vectors, shape (n, n).

    A word that all candidates share says little, one that few have says much; so the same passages are less alike
    among others of the same topic. Source of the weights: Salton and Buckley, "Term-weighting approaches in automatic
    text retrieval" (1988).
    """
    counts = _counts([_told(one.article.title or "", one.passage.text, one.article.language) for one in candidates])
    held = counts > 0
    rarity = np.log1p(len(candidates) / held.sum(axis=0))
    weights = np.zeros(counts.shape, np.float32)
    weights[held] = (1 + np.log(counts[held])) * np.broadcast_to(rarity, counts.shape)[held]
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    units = weights / np.where(lengths, lengths, np.float32(1))
    alike: Matrix = (units @ units.T).astype(np.float32)
    return alike


@lru_cache(COMPARED_LAST)
def _told(title: str, text: str, language: str | None) -> Sequence[str]:
    """The terms of a title and a passage."""
    return tuple(terms(f"{title}\n{text}", language))


def _counts(texts: Sequence[Sequence[str]]) -> npt.NDArray[np.int64]:
    """How often each text has each term, shape (texts, different terms)."""
    columns: dict[str, int] = {}
    places = [columns.setdefault(term, len(columns)) for term in chain.from_iterable(texts)]
    rows = np.repeat(np.arange(len(texts)), np.array([len(text) for text in texts], np.intp))
    flat = np.bincount(rows * len(columns) + np.array(places, np.intp), minlength=len(texts) * len(columns))
    return flat.reshape(len(texts), len(columns))


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
