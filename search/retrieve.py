"""Retrieving candidates: by meaning, by words, and both joined into one ranking.

Knows the library's two searches and the model that makes a question's vector; nothing of what comes after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field

from index.embedding.contract import Embedder
from index.ingest import check_model
from index.library.contract import Scored, Snapshot, Stored, Vectors
from search.abroad import nearest
from search.fuse import fuse, normalise
from search.query import Query

CANDIDATES = 100
"""How many passages each side brings. More finds little (the hundredth candidate is rarely among the first ten after
fusing) and costs in every later step."""


_ASIDE = ThreadPoolExecutor(1_000, "pincite-question")
"""Where a question is embedded while its words are looked up: each takes some 10 ms of one core, at a million passages.
No thread is started while one is idle, so there are as many as questions at once. Each sees its caller's context, and
so whether the caller has left (`index.cancelling`)."""


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


def retrieve(query: Query, snapshot: Snapshot, embed: Callable[[str], Vectors | None]) -> Retrieved:
    """The candidates of a query.

    Args:
        query: the query; its text is plain.
        snapshot: where to look.
        embed: gives the question's vector, or None where the library has no vectors; not called for words alone.
    """
    depth = max(CANDIDATES, 2 * (query.offset + query.limit))
    asked = _ASIDE.submit(copy_context().run, embed, query.text) if query.mode != "lexical" else None
    lexical = snapshot.lexical(query.text, depth, query.filters) if query.mode != "dense" else []
    vector = asked.result() if asked else None
    dense, abroad = nearest(query.text, vector, snapshot, depth, query.filters)
    if query.mode == "hybrid":
        ranking = fuse(dense, lexical, query.fusion, abroad=abroad)
    else:
        alone = dense if query.mode == "dense" else lexical
        ranking = [Scored(key, place) for key, place in normalise(alone).items()]
    return Retrieved(dense, lexical, ranking, vector, abroad)


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
