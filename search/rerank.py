"""Reading the best candidates once more.

A cross-encoder reads question and passage together; it knows the languages of `PAIR_LANGUAGES` only. For the others the
embedder compares the question with each sentence of a passage, which finds the answer in a passage that speaks of more
than that, and tells which sentence it is. Where the cross-encoder reads, sentences are not compared: that helps with
encyclopaedias (SQuAD, answer in the first passage .80, with sentences .83), but news says in its headline what its
sentences leave out (.63, with sentences .61). What readings are worth is `search.score`'s to say.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from index.cancelling import check
from index.embedding.contract import Embedder, Reranker
from index.library.contract import Stored, Vectors
from search.highlight import sentences_of
from search.understanding.tongue import language_of

READS = 8
"""How many of the best candidates are read. Of news quiz questions, reading 6, 8 and 12 of them finds the same."""

SLICE = 2
"""So many are read between two looks at the clock."""

PAIR_LANGUAGES = frozenset({"en"})
_PAIRED = PAIR_LANGUAGES | {None}

LONGEST_SENTENCE = 1_000
"""Characters of a sentence that are compared; what goes on longer is a table or a list."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a candidate once more brought: the cross-encoder's raw score as `pair`, or the cosine (-1..1) of the
    question and each sentence as `likenesses`."""

    pair: float | None = None
    likenesses: tuple[float, ...] = ()

    @property
    def likeness(self) -> float | None:
        """The cosine of the nearest sentence."""
        return max(self.likenesses, default=None)


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads: the embedder with the question's vector, and the cross-encoder; None, or giving None, where there is
    none. Without a cross-encoder, sentences are compared in all languages."""

    embedder: Callable[[], Embedder] | None
    vector: Vectors | None
    reranker: Callable[[], Reranker | None] | None


def reread(
    question: str,
    candidates: Sequence[Stored],
    readers: Readers,
    budget_ms: float,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[int, Reading]:
    """Readings of the best candidates by key, for as long as the budget lasts; the first ones are always read.

    Args:
        question: the question's text.
        candidates: the best candidates, best first.
        readers: who reads.
        budget_ms: no further candidates are begun after so many milliseconds.
        clock: seconds from any moment.
    """
    begun = clock()
    readings: dict[int, Reading] = {}
    asked_in = language_of(question)
    reranker = readers.reranker() if readers.reranker and asked_in in _PAIRED else None
    for start in range(0, len(candidates), SLICE):
        if readings and 1000 * (clock() - begun) > budget_ms:
            break
        check()
        some = candidates[start : start + SLICE]
        paired = [one for one in some if reranker and one.article.language in _PAIRED]
        readings |= _as_pairs(question, paired, reranker)
        readings |= _by_sentence([one for one in some if one not in paired], readers)
    return readings


def _as_pairs(question: str, candidates: Sequence[Stored], reranker: Reranker | None) -> dict[int, Reading]:
    """What the cross-encoder says, by key."""
    if not candidates or reranker is None:
        return {}
    scores = reranker.scores(question, [one.passage.text for one in candidates])
    return {one.key: Reading(pair=float(score)) for one, score in zip(candidates, scores, strict=True)}


def _by_sentence(candidates: Sequence[Stored], readers: Readers) -> dict[int, Reading]:
    """How near the candidates' sentences are, by key."""
    if not candidates or readers.embedder is None or readers.vector is None:
        return {}
    sentences = {one.key: sentences_of(one.passage, one.article.language) for one in candidates}
    texts = [sentence.text[:LONGEST_SENTENCE] for found in sentences.values() for sentence in found]
    cosines = iter((readers.embedder().embed_passages(texts) @ readers.vector).tolist())
    return {key: Reading(likenesses=tuple(islice(cosines, len(found)))) for key, found in sentences.items()}
