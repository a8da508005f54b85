"""Reading the best candidates once more.

A cross-encoder reads question and passage together; it knows the languages of `PAIR_LANGUAGES` only. For the others the
embedder reads each sentence of a passage, and every token of the question looks for the one that is nearest to it, as
in ColBERT (Khattab and Zaharia, "Efficient and Effective Passage Search via Contextualized Late Interaction over BERT",
SIGIR 2020), whose model was trained for that; ours was not. Its vectors of whole sentences, which cost the same, do
worse: nDCG@10 of 1,000 Turkish questions over English passages .875, by token .894, of 300 Turkish and Chinese ones
over their own .973 and .977, by token .975 and .981. What readings are worth is `search.score`'s to say.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from index.cancelling import check
from index.embedding.contract import Embedder, Reranker
from index.library.analysis import primary
from index.library.contract import Stored, Vectors
from search.highlight import sentences_of
from search.understanding.tongue import UNDETERMINED, language_of

READS = 8
"""How many of the best candidates are read. Of news quiz questions, reading 6, 8 and 12 of them finds the same."""

READS_ABROAD = 12
"""How many where they are in another language than the question, whose words do not find them, so that the right one
comes later. Of the Turkish questions, nDCG@10 is .894 with 8 and .903 with 12."""

SLICE = 4
"""So many are read between two looks at the clock. With 2, two cores wait for each other: eight English passages take
176 instead of 168 ms, eight Turkish ones 296 instead of 237, and twelve for a Turkish question 456 instead of 369."""

PAIR_LANGUAGES = frozenset({"en"})
_PAIRED = PAIR_LANGUAGES | {None}

LONGEST_SENTENCE = 1_000
"""Characters of a sentence that are compared; what goes on longer is a table or a list."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a candidate once more brought: the cross-encoder's raw score as `pair`, or how near the passage came
    to the question as `likeness`, and each of its sentences alone as `likenesses`: mean cosines (-1..1) of the
    question's tokens with the nearest there."""

    pair: float | None = None
    likeness: float | None = None
    likenesses: tuple[float, ...] = ()


UNREAD = Reading()


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads: the embedder, and the cross-encoder; None, or giving None, where there is none. Without a
    cross-encoder, sentences are compared in all languages."""

    embedder: Callable[[], Embedder] | None
    reranker: Callable[[], Reranker | None] | None


def reread(
    question: str,
    candidates: Sequence[Stored],
    readers: Readers,
    budget_ms: float,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[int, Reading]:
    """Readings of the best candidates by key, for as long as the budget lasts; the first ones are always read.

    `READS` of them are read, and of the next ones, up to `READS_ABROAD`, those in another language than the question.

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
    further = [one for one in candidates[READS:READS_ABROAD] if _abroad(asked_in, one)]
    wanted = [*candidates[:READS], *further]
    pairs = {one.key for one in wanted if reranker and one.article.language in _PAIRED}
    embedder = readers.embedder() if readers.embedder and len(pairs) < len(wanted) else None
    asked = embedder.embed_tokens("query", [question])[0] if embedder else None
    for start in range(0, len(wanted), SLICE):
        if readings and 1000 * (clock() - begun) > budget_ms:
            break
        check()
        some = wanted[start : start + SLICE]
        readings |= _as_pairs(question, [one for one in some if one.key in pairs], reranker)
        readings |= _by_sentence(asked, [one for one in some if one.key not in pairs], embedder)
    return readings


def _abroad(asked_in: str | None, candidate: Stored) -> bool:
    """Whether a candidate is known to be in another language than the question is known to be in."""
    told_in = primary(candidate.article.language)
    return told_in != "" and asked_in not in {None, UNDETERMINED, told_in}


def _as_pairs(question: str, candidates: Sequence[Stored], reranker: Reranker | None) -> dict[int, Reading]:
    """What the cross-encoder says, by key."""
    if not candidates or reranker is None:
        return {}
    scores = reranker.scores(question, [one.passage.text for one in candidates])
    return {one.key: Reading(pair=float(score)) for one, score in zip(candidates, scores, strict=True)}


def _by_sentence(asked: Vectors | None, candidates: Sequence[Stored], embedder: Embedder | None) -> dict[int, Reading]:
    """How near the candidates' sentences are, by key, to the question with these vectors of its tokens."""
    if not candidates or embedder is None or asked is None:
        return {}
    sentences = {one.key: sentences_of(one.passage, one.article.language) for one in candidates}
    texts = [sentence.text[:LONGEST_SENTENCE] for found in sentences.values() for sentence in found]
    told = iter(embedder.embed_tokens("document", texts))
    return {key: _interaction(asked, list(islice(told, len(found)))) for key, found in sentences.items()}


def _interaction(asked: Vectors, sentences: Sequence[Vectors]) -> Reading:
    """How near a passage's sentences come to the question; vectors of tokens have the shape (tokens, width)."""
    if not len(asked) or not sentences:
        return Reading(likeness=0.0, likenesses=(0.0,) * len(sentences))
    nearest = np.array([(asked @ one.T).max(axis=1, initial=0) for one in sentences])
    return Reading(likeness=float(nearest.max(axis=0).mean()), likenesses=tuple(nearest.mean(axis=1).tolist()))
