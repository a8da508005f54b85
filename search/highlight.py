"""Which sentence of a passage answers: the one that shares the rarest words with the question and, where their meanings
were compared (see `search.rerank`), is nearest to it.

Words are those that the lexical side sees, folded and stemmed. A question in another language than the passage may
share none with it; then meaning alone decides, and without it nothing is marked. A heading or a question is no answer:
the words that it shares with the question speak for the sentence after it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from index.articles.passage import Passage
from index.articles.sentences import sentences
from index.embedding.contract import Span
from index.library.analysis import terms

LIKENESS_WEIGHT = 4.0
"""What a nearness of 1 counts beside all the words that any sentence shares. The marked sentence holds the answer, of
156 questions each in Turkish over English texts, in Turkish, and in Chinese: by words .50 .76 .81, by meaning
.78 .80 .81, by both .78 .80 .80 (with vectors of sentences instead of tokens .74 .78 .81); 2 or 10 differ by .02."""

_LONGEST_HEADING = 100
_ASKS = re.compile(r"[?？؟]\W*$")
_ENDED = re.compile(r"[.!。！।…:;][\"'”’»)\]」』]*$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage: where it stands in the article's text, its text, and its terms."""

    span: Span
    text: str
    terms: frozenset[str]


@lru_cache(1_024)  # one search asks for them up to twice, and the next one may for some
def sentences_of(passage: Passage, language: str | None) -> Sequence[Sentence]:
    """The sentences of a passage, read in its article's language."""
    found = []
    for start, end in sentences(passage.text, language):
        text = passage.text[start:end]
        span = Span(passage.start + start, passage.start + end)
        found.append(Sentence(span, text, frozenset(terms(text, language))))
    return tuple(found)


def rarity(passages: Iterable[Sequence[Sentence]]) -> dict[str, float]:
    """How telling each word is among these passages: the logarithm of the inverse share of passages that have it, a
    little above 0 where all have it."""
    bags = [frozenset[str]().union(*(sentence.terms for sentence in passage)) for passage in passages]
    counts = Counter(term for bag in bags for term in bag)
    return {term: math.log1p(len(bags) / count) for term, count in counts.items()}


def best_sentence(
    question: str,
    passage: Sequence[Sentence],
    language: str | None,
    weights: Mapping[str, float],
    likenesses: Sequence[float] = (),
) -> Span | None:
    """Where the sentence that answers stands in the article's text, or None when nothing speaks for any.

    Args:
        question: the question's text.
        passage: the sentences of the passage to look through.
        language: the passage's language.
        weights: how telling each word is, from `rarity` over the hits; unknown words count as the rarest.
        likenesses: how near each sentence is to the question, where they were compared.
    """
    scores = _shared(question, passage, language, weights)
    most = max(scores, default=0.0)
    if likenesses:
        scores = [
            score / (most or 1) + LIKENESS_WEIGHT * likeness for score, likeness in zip(scores, likenesses, strict=True)
        ]
    best = max(range(len(passage)), key=lambda place: (scores[place], -place), default=None)
    return passage[best].span if best is not None and (most > 0 or likenesses) else None


def _shared(
    question: str, passage: Sequence[Sentence], language: str | None, weights: Mapping[str, float]
) -> list[float]:
    """What the words count for that each sentence shares with the question."""
    wanted = frozenset(terms(question, language))
    # Summed without rounding: the order of a set differs from one process to the next.
    scores = [math.fsum(weights.get(term, 1.0) for term in wanted & sentence.terms) for sentence in passage]
    for place, (sentence, following) in enumerate(pairwise(passage)):
        if _points_on(sentence, following):
            scores[place + 1] += scores[place]
            scores[place] = 0.0
    return scores


def _points_on(sentence: Sentence, following: Sentence) -> bool:
    """Whether a sentence is a heading or a question, and the next one may be what it is about."""
    if _ASKS.search(sentence.text):
        return True
    apart = following.span.start - sentence.span.end > 1  # at least an empty line between them
    return apart and len(sentence.text) <= _LONGEST_HEADING and not _ENDED.search(sentence.text)


def mark(passage: Passage, highlights: Sequence[Span], before: str, after: str) -> str:
    """The passage's text with `before` and `after` set round each highlight."""
    text, last = [], 0
    for span in highlights:
        start, end = span.start - passage.start, span.end - passage.start
        text += [passage.text[last:start], before, passage.text[start:end], after]
        last = end
    return "".join([*text, passage.text[last:]])
