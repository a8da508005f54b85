"""Which sentence of a passage answers: the one that shares the rarest words with the question.

Works on words as the lexical side sees them (folded and stemmed), so no model is needed. A question in another language
than the passage may share no word with it; then nothing is marked.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from index.articles.passage import Passage
from index.articles.sentences import sentences
from index.embedding.contract import Span
from index.library.analysis import terms


def rarity(passages: Iterable[tuple[Passage, str | None]]) -> dict[str, float]:
    """How telling each word is among these passages (text and language): the logarithm of the inverse share of
    passages that have it, a little above 0 where all have it."""
    bags = [set(terms(passage.text, language)) for passage, language in passages]
    counts = Counter(term for bag in bags for term in bag)
    return {term: math.log1p(len(bags) / count) for term, count in counts.items()}


def best_sentence(question: str, passage: Passage, language: str | None, weights: dict[str, float]) -> Span | None:
    """Where the sentence stands in the article's text, or None when none shares a word with the question.

    Args:
        question: the question's text.
        passage: the passage to look through.
        language: the passage's language.
        weights: how telling each word is, from `rarity` over the hits; unknown words count as the rarest.
    """
    wanted = set(terms(question, language))
    spans = [Span(*span) for span in sentences(passage.text, language)]
    scored = [(_overlap(passage.text[span.start : span.end], language, wanted, weights), span) for span in spans]
    best = max(scored, key=lambda pair: (pair[0], -pair[1].start), default=(0.0, Span(0, 0)))
    return _place(best[1], passage) if best[0] > 0 else None


def _overlap(sentence: str, language: str | None, wanted: set[str], weights: dict[str, float]) -> float:
    return sum(weights.get(term, 1.0) for term in wanted & set(terms(sentence, language)))


def _place(span: Span, passage: Passage) -> Span:
    """The span without outer white space, moved from the passage to the article."""
    text = passage.text[span.start : span.end]
    lead, kept = len(text) - len(text.lstrip()), text.strip()
    start = passage.start + span.start + lead
    return Span(start, start + len(kept))


def mark(passage: Passage, highlights: Sequence[Span], before: str, after: str) -> str:
    """The passage's text with `before` and `after` set round each highlight."""
    text, last = [], 0
    for span in highlights:
        start, end = span.start - passage.start, span.end - passage.start
        text += [passage.text[last:start], before, passage.text[start:end], after]
        last = end
    return "".join([*text, passage.text[last:]])
