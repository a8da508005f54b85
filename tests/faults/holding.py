"""What a library holds, looked at from every side: its truth, its words and its vectors must say the same."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from index.errors import LibraryMissing
from index.library.contract import Snapshot
from index.library.local.inspecting import problems
from index.library.opening import open_library
from tests.faults.lives import ALL, NO_FILTERS, SIZES, State, opened, vector_of
from tests.index.library.samples import unit_vectors

PATIENCE = 60
"""Seconds that are waited for words that are behind: other work may have both processors."""


def observed(folder: Path) -> State | None:
    """What the library in this folder holds, None when there is none. All of its parts must agree.

    Raises:
        AssertionError: they do not; the message says how.
    """
    try:
        open_library(folder, wait=PATIENCE).close()
    except LibraryMissing:
        return None
    with closing(opened(folder, PATIENCE)) as library:
        with library.snapshot() as shown:
            state = _shown(shown)
        behind = {part: by for part, by in library.status().derived.items() if by}
        assert not behind, f"behind: {behind}"
    wrong = problems(folder)
    assert not wrong, f"the check finds: {wrong}"
    return state


def _shown(shown: Snapshot) -> State:
    ids = [one.id for one in shown.articles(None, ALL)]
    texts = {one: _article_of(shown, one) for one in ids}
    truth = {passage.id: passage.text for one in ids for passage in shown.article_passages(one)}
    assert shown.counts() == (len(ids), len(truth)), f"counts {shown.counts()}, held {(len(ids), len(truth))}"
    by_words = _found(shown, [key for key, _ in shown.lexical(" ".join(texts.values()), ALL, NO_FILTERS)])
    assert by_words == truth, f"words and truth differ by {sorted(by_words.items() ^ truth.items())[:4]}"
    size = _dimensions(shown)
    nearest = [] if size is None else shown.dense(unit_vectors(1, 0, size)[0], ALL, NO_FILTERS)
    by_meaning = _found(shown, [key for key, _ in nearest])
    assert by_meaning.items() <= truth.items(), "vectors hold what the truth does not"
    missing = truth.keys() - by_meaning.keys()
    assert shown.passages_without_vectors() == len(missing), f"vectors are missing for {sorted(missing)[:4]}"
    _check_vectors(shown, [key for key, _ in nearest], size or 0)
    return State(texts, frozenset(one.rsplit("#", 1)[0] for one in missing), size or SIZES[0])


def _article_of(shown: Snapshot, article_id: str) -> str:
    whole = shown.article(article_id)
    assert whole is not None, f"{article_id} is listed and is not there"
    for one in shown.article_passages(article_id):
        assert whole.text[one.start : one.end] == one.text, f"{one.id} is not what stands in its article"
    return whole.text


def _found(shown: Snapshot, keys: Sequence[int]) -> dict[str, str]:
    found = shown.passages(keys)
    assert len(found) == len(keys), f"{len(keys)} passages were found, {len(found)} of them are held"
    return {one.passage.id: one.passage.text for one in found}


def _dimensions(shown: Snapshot) -> int | None:
    return int(shown.fingerprint["model"]["dimensions"]) if shown.fingerprint else None  # type: ignore[index]


def _check_vectors(shown: Snapshot, keys: Sequence[int], size: int) -> None:
    for one, row in zip(shown.passages(keys), shown.vectors(keys) if keys else (), strict=True):
        if not one.passage.text.startswith("article "):
            continue  # it was stored by an older version, with vectors of its own
        assert np.array_equal(row, vector_of(one.passage.text, size)), f"{one.passage.id} has another vector"
    if keys:
        best = shown.dense(shown.vectors(keys[:1])[0], 1, NO_FILTERS)[0]
        assert (best.key, round(best.score, 5)) == (keys[0], 1), f"{keys[0]} is not nearest to itself: {best}"
