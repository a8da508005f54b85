"""Gold spans brought from a document's own text to the article that cleaning made of it.

Cleaning folds white space and takes notices out, so offsets may shift. A span is found again by the characters around
it, white space aside; one that cannot be told apart from its likes is not guessed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from index.embedding.contract import Span
from search.evaluation.dataset import Gold

# How many characters on either side are looked at, from the most telling to none.
CONTEXTS = (80, 40, 20, 10, 0)


class Placing:
    """Brings spans of one document's `own` text to its article's `text`."""

    def __init__(self, own: str, text: str) -> None:
        self._own, self._text = own, text

    def place(self, gold: Gold) -> Span | None:
        """Where the gold span stands in the article; None when it is gone or cannot be told from its likes."""
        if self._text[gold.start : gold.end] == gold.answer:
            return Span(gold.start, gold.end)
        before, after = self._bare
        start, end = before.inside(gold.start, gold.end)
        for width in CONTEXTS if start < end else ():
            left = max(0, start - width)
            around = before.characters[left : end + width]
            found = after.characters.find(around)
            if found >= 0 and after.characters.find(around, found + 1) < 0:
                return after.outside(found + start - left, found + end - left)
        return None

    @cached_property
    def _bare(self) -> tuple[Bare, Bare]:
        """Both texts without white space; only made for texts that differ."""
        return Bare(self._own), Bare(self._text)


class Bare:
    """A text without its white space, and where each character stood."""

    def __init__(self, text: str) -> None:
        self._places = [place for place, mark in enumerate(text) if not mark.isspace()]
        self.characters = "".join(text[place] for place in self._places)

    def inside(self, start: int, end: int) -> Span:
        """A stretch of the whole text as a stretch of the bare one."""
        return Span(bisect_left(self._places, start), bisect_left(self._places, end))

    def outside(self, start: int, end: int) -> Span:
        """The other way round; the stretch must not be empty."""
        return Span(self._places[start], self._places[end - 1] + 1)


def place_all(
    golds: Mapping[str, Sequence[Gold]], own: Mapping[str, str], text_of: Callable[[str], str | None]
) -> tuple[dict[str, list[tuple[str, Span]]], int]:
    """Spans in articles by question, as (article's id, span), and how many could not be placed.

    Args:
        golds: spans by question.
        own: the documents' own texts.
        text_of: the text of an article, None when there is no such article.
    """
    documents = {gold.document for spans in golds.values() for gold in spans}
    placings = {document: Placing(own[document], text_of(document) or "") for document in documents}
    placed: dict[str, list[tuple[str, Span]]] = {}
    lost = 0
    for question, spans in golds.items():
        for gold in spans:
            span = placings[gold.document].place(gold)
            if span is None:
                lost += 1
            else:
                placed.setdefault(question, []).append((gold.document, span))
    return placed, lost
