"""How well the folding of hits into stories groups a whole library: as events, or as near-duplicates.

An article stands here for its first passage, where news tells what happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.library.contract import Filters, Snapshot, Stored
from search.evaluation.grouping import b_cubed, ordered, pair_agreement, pairs_of
from search.evaluation.lines import columns
from search.stories import fold

B_CUBED, PAIRS_FOUND, FALSE_PAIRS = "b_cubed_f1", "pairs_found", "false_pairs"


class Told(NamedTuple):
    """The ids of the articles that tell one story: those that carry one report, and all."""

    copies: list[str]
    articles: list[str]


def judge_stories(folder: Path, found: Sequence[Told]) -> dict[str, float]:
    """The figures of a set's stories.

    Args:
        folder: has ``clusters.tsv`` (article, topic, event), for whole stories, or ``pairs.tsv`` (article, article),
            for copies; with a header each.
        found: every story.

    Returns:
        `B_CUBED` (0..1) over the events; or `PAIRS_FOUND`, the share (0..1) of the pairs that carry one report,
        and `FALSE_PAIRS`, how many other two articles do.

    Raises:
        InvalidInput: there is neither file, or it is broken.
    """
    if (folder / "clusters.tsv").exists():
        rows = islice(columns(folder / "clusters.tsv", 3), 1, None)
        return {
            B_CUBED: b_cubed(
                [story.articles for story in found], {article: event for _, (article, _, event) in rows}
            ).f1
        }
    gold = ordered((one, other) for _, (one, other) in islice(columns(folder / "pairs.tsv", 2), 1, None))
    pairs = pairs_of(story.copies for story in found)
    return {PAIRS_FOUND: pair_agreement(pairs, gold).recall, FALSE_PAIRS: len(pairs - gold)}


def stories(snapshot: Snapshot, dimensions: int) -> list[Told]:
    """The stories of a library; every article is in one.

    Args:
        snapshot: the library.
        dimensions: the length of its vectors.
    """
    leads = _leads(snapshot, dimensions)

    def ids(places: Sequence[int]) -> list[str]:
        return [leads[place].passage.article_id for place in places]

    folded = fold(leads, "story")
    return [Told(ids([story.best, *story.copies]), ids([story.best, *story.folded])) for story in folded]


def _leads(snapshot: Snapshot, dimensions: int) -> Sequence[Stored]:
    """The first passage of every article, by article id."""
    anywhere = np.zeros(dimensions, np.float32)
    anywhere[0] = 1.0
    every = snapshot.dense(anywhere, snapshot.counts()[1], Filters())  # as many as there are, so all of them
    stored = snapshot.passages([scored.key for scored in every])
    return sorted((one for one in stored if one.passage.ordinal == 0), key=lambda one: one.passage.article_id)
