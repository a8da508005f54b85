"""Retrieving candidates: by meaning, by words, and both joined into one ranking.

Knows the library's two searches and the model that makes a question's vector; nothing of what comes after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from index.embedding.contract import Embedder
from index.errors import FingerprintMismatch
from index.ingest import model_name
from index.library.contract import Scored, Snapshot, Vectors
from search.fuse import fuse, normalise
from search.query import Query

CANDIDATES = 100
"""How many passages each side brings. More finds little (the hundredth candidate is rarely among the first ten after
fusing) and costs in every later step."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Both sides' candidates, best first, and one ranking of them all with scores 0..1.

    `vector` is the question's, shape (dimensions,); None where meaning was not searched.
    """

    dense: Sequence[Scored]
    lexical: Sequence[Scored]
    ranking: Sequence[Scored]
    vector: Vectors | None


def retrieve(query: Query, snapshot: Snapshot, embed: Callable[[str], Vectors | None]) -> Retrieved:
    """The candidates of a query.

    Args:
        query: the query; its text is plain.
        snapshot: where to look.
        embed: gives the question's vector, or None where the library has no vectors; not called for words alone.
    """
    depth = max(CANDIDATES, 2 * (query.offset + query.limit))
    vector = embed(query.text) if query.mode != "lexical" else None
    dense = snapshot.dense(vector, depth, query.filters) if vector is not None else []
    lexical = snapshot.lexical(query.text, depth, query.filters) if query.mode != "dense" else []
    if query.mode == "hybrid":
        ranking = fuse(dense, lexical, query.fusion)
    else:
        alone = dense if query.mode == "dense" else lexical
        ranking = [Scored(key, place) for key, place in normalise(alone).items()]
    return Retrieved(dense, lexical, ranking, vector)


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
    if fingerprint["model"] != model.fingerprint:
        raise FingerprintMismatch(
            f"The library's vectors were made by {model_name(fingerprint)}, but the model now set is "
            f"{model.name}. Set the library's own model, or index into a new library."
        )
    return model.embed_question(text)
