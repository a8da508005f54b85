"""Retrieving candidates: by meaning, by words, and both joined into one ranking.

Knows the library's two searches and the model that makes a question's vector; nothing of what comes after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from index.embedding.contract import Embedder
from index.ingest import check_model
from index.library.contract import Scored, Snapshot, Stored, Vectors
from search.abroad import nearest
from search.fuse import fuse, normalise
from search.query import Query

CANDIDATES = 100
"""How many passages each side brings. More finds little (the hundredth candidate is rarely among the first ten after
fusing) and costs in every later step."""


_ASIDE = ThreadPoolExecutor(1_000, "pincite-meaning")
"""Where meaning is searched while words are: a question's vector and its neighbours take some 12 ms of one core at a
million passages, its words 8 of another. No thread is started while one is idle, so there are as many as questions at
once. Each sees its caller's context, and so whether the caller has left (`index.cancelling`)."""

AHEAD = 32
"""While words are done and meaning is not, so many of their best are made ready for what follows. These are mostly
among the best of both; later ones often are not, and would be for nothing."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Both sides' candidates, best first, and one ranking of them all with scores 0..1.

    `vector` is the question's, shape (dimensions,); None where meaning was not searched. `abroad` tells by how much the
    cosines of which passages are raised, since they are in another language than the question (`search.abroad`).
    """

    dense: Sequence[Scored]
    lexical: Sequence[Scored]
    ranking: Sequence[Scored]
    vector: Vectors | None
    abroad: Mapping[int, float] = field(default_factory=dict)


class Candidates:
    """The candidates' passages, each read from the library when it is first asked for: most never are, and reading them
    all costs more than finding them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._read: dict[int, Stored | None] = {}

    def of(self, keys: Sequence[int]) -> list[Stored]:
        """The passages of these keys, in their order, without those that the library does not hold."""
        missing = [key for key in keys if key not in self._read]
        if missing:
            self._read |= dict.fromkeys(missing) | {one.key: one for one in self._snapshot.passages(missing)}
        return [one for key in keys if (one := self._read[key]) is not None]


class _Near(NamedTuple):
    """What meaning found: the question's vector, the candidates, and which of them were raised by how much."""

    vector: Vectors | None = None
    dense: Sequence[Scored] = ()
    abroad: Mapping[int, float] = MappingProxyType({})


def retrieve(
    query: Query,
    snapshot: Snapshot,
    embed: Callable[[str], Vectors | None],
    ahead: Callable[[Sequence[Scored]], Iterable[None]] = lambda _: (),
) -> Retrieved:
    """The candidates of a query.

    Args:
        query: the query; its text is plain.
        snapshot: where to look; from two threads.
        embed: gives the question's vector, or None where the library has no vectors; not called for words alone.
        ahead: makes candidates ready for what follows; it yields before each step, and is left when meaning is done.
    """
    depth = max(CANDIDATES, 2 * (query.offset + query.limit))
    if query.mode == "lexical":
        near, lexical = _Near(), snapshot.lexical(query.text, depth, query.filters)
    else:
        asked = _ASIDE.submit(copy_context().run, _by_meaning, query, snapshot, embed, depth)
        try:
            lexical = snapshot.lexical(query.text, depth, query.filters) if query.mode == "hybrid" else []
            for _ in ahead(lexical[:AHEAD]):
                if asked.done():
                    break
        finally:
            wait([asked])  # whoever called closes the snapshot
        near = asked.result()
    if query.mode == "hybrid":
        ranking = fuse(near.dense, lexical, query.fusion, abroad=near.abroad)
    else:
        alone = near.dense if query.mode == "dense" else lexical
        ranking = [Scored(key, place) for key, place in normalise(alone).items()]
    return Retrieved(near.dense, lexical, ranking, near.vector, near.abroad)


def _by_meaning(query: Query, snapshot: Snapshot, embed: Callable[[str], Vectors | None], depth: int) -> _Near:
    vector = embed(query.text)
    return _Near(vector, *nearest(query.text, vector, snapshot, depth, query.filters))


def question_vector(
    text: str, fingerprint: Mapping[str, object] | None, embedder: Callable[[], Embedder]
) -> Vectors | None:
    """The vector of a question, by the model that made the vectors that are searched, which have this fingerprint; None
    for a library that was never written.

    Raises:
        FingerprintMismatch: the library's vectors come from another model.
    """
    if fingerprint is None:
        return None
    model = embedder()
    check_model(fingerprint, model)
    return model.embed_question(text)
