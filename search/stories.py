"""Folding hits: passages that carry the same report, or stand in the same article, become one hit.

Compares texts only; which passage is best was decided before (`candidates` come best first).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from index.library.contract import Stored
from search.query import Group

# Two passages carry the same report when this share of the shorter one's word triples stands in the other too.
SAME_REPORT = 0.5
_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class Story:
    """A best passage and those that were folded into it, as positions in the list of candidates."""

    best: int
    others: list[int] = field(default_factory=list)


def fold(candidates: Sequence[Stored], group: Group) -> list[Story]:
    """Candidates (best first) as stories, by the rank of their best passage.

    ``none`` keeps all apart; ``article`` shows the best passage of each article; ``story`` folds passages that carry
    the same report in other articles.
    """
    if group == "none":
        return [Story(place) for place in range(len(candidates))]
    if group == "article":
        return _fold_articles(candidates)
    return _fold_reports(candidates)


def _fold_articles(candidates: Sequence[Stored]) -> list[Story]:
    stories: dict[str, Story] = {}
    for place, candidate in enumerate(candidates):
        if candidate.passage.article_id in stories:
            stories[candidate.passage.article_id].others.append(place)
        else:
            stories[candidate.passage.article_id] = Story(place)
    return list(stories.values())


def _fold_reports(candidates: Sequence[Stored]) -> list[Story]:
    shingles = [word_triples(candidate.passage.text) for candidate in candidates]
    stories: list[Story] = []
    for place, own in enumerate(shingles):
        home = next((story for story in stories if overlap(shingles[story.best], own) >= SAME_REPORT), None)
        if home is None:
            stories.append(Story(place))
        else:
            home.others.append(place)
    return stories


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
