"""Atoms, the stretches of a section that cutting never parts: sentences, or parts of one that is too large.

Knows sentences, and tokens as places in a text. Which atoms make up a passage is decided in `cut`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from index.articles.blocks import Span
from index.articles.sentences import sentences

# What parting the text before an atom costs. `cut` weighs it against the square of how far passages are off their
# target, as a share of the target: 0.03 is as bad as a passage that is 17 % too small.
PARAGRAPH, SENTENCE, CLAUSE, WORD, CHARACTER, BROKEN_CHARACTER = 0.0, 0.03, 0.2, 0.5, 2.0, 5.0
AFTER_HEADING = 20.0

_CLAUSE_END = re.compile(r"[,;:،؛—–]\s+|[，、；：]\s*")
_WORD_END = re.compile(r"\s+")
_ZERO_WIDTH_JOINER = "\u200d"


class Section(NamedTuple):
    """Blocks that passages may share, the first `headings` of them being headings."""

    blocks: Sequence[Span]
    headings: int


class Atom(NamedTuple):
    """A stretch without white space at its ends, how many of the whole text's tokens end before it and how many start
    before its end, and what parting the text before it costs."""

    start: int
    end: int
    tokens_before: int
    tokens_through: int
    cost: float

    @property
    def size(self) -> int:
        """How many tokens have some part in the stretch."""
        return self.tokens_through - self.tokens_before


class Ruler:
    """Measures stretches of one text in tokens, after tokenising it once."""

    def __init__(self, text: str, spans: Iterable[tuple[int, int]]) -> None:
        self.text = text
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in spans:
            self._starts.append(start)
            self._ends.append(end)

    def atom(self, span: Span, cost: float) -> Atom:
        """The stretch as an atom."""
        return Atom(*span, bisect_right(self._ends, span.start), bisect_left(self._starts, span.end), cost)

    def ends_within(self, span: Span) -> list[int]:
        """Where tokens end inside the span, each place once, neither of its own ends among them."""
        inside = self._ends[bisect_right(self._ends, span.start) : bisect_right(self._ends, span.end - 1)]
        return list(dict.fromkeys(inside))


def atoms(section: Section, ruler: Ruler, language: str | None, room: int) -> Iterator[Atom]:
    """The sentences of a section in order, those larger than `room` tokens parted: at clauses, else words, else
    characters. Only a character that is larger than the room by itself stays so."""
    cost = PARAGRAPH
    for number, block in enumerate(section.blocks):
        within, after = (AFTER_HEADING, AFTER_HEADING) if number < section.headings else (SENTENCE, PARAGRAPH)
        for start, end in sentences(ruler.text[block.start : block.end], language):
            yield from _parted(ruler.atom(Span(block.start + start, block.start + end), cost), ruler, room, _LEVELS)
            cost = within
        cost = after


def merged(parts: Iterable[Atom], grain: int) -> list[Atom]:
    """The same stretches, neighbours made one while they have at most `grain` tokens together: any two neighbours
    that are left have more."""
    kept: list[Atom] = []
    for part in parts:
        if kept and part.tokens_through - kept[-1].tokens_before <= grain:
            kept[-1] = kept[-1]._replace(end=part.end, tokens_through=part.tokens_through)
        else:
            kept.append(part)
    return kept


Places = Callable[[Ruler, Span], Iterable[int]]


def _parted(atom: Atom, ruler: Ruler, room: int, levels: Sequence[tuple[Places, float]]) -> Iterator[Atom]:
    """The atom, or its parts by the first level, each parted further while it is larger than the room."""
    if atom.size <= room or not levels:
        yield atom
        return
    (places, level_cost), *finer = levels
    cost = atom.cost
    whole = Span(atom.start, atom.end)
    for start, end in pairwise([atom.start, *places(ruler, whole), atom.end]):
        stretch = Span(start, start + len(ruler.text[start:end].rstrip()))
        yield from _parted(ruler.atom(stretch, cost), ruler, room, finer)
        cost = level_cost


def _clauses(ruler: Ruler, span: Span) -> Iterable[int]:
    return (found.end() for found in _CLAUSE_END.finditer(ruler.text, *span) if found.end() < span.end)


def _words(ruler: Ruler, span: Span) -> Iterable[int]:
    return (found.end() for found in _WORD_END.finditer(ruler.text, *span))


def _characters(ruler: Ruler, span: Span) -> Iterable[int]:
    return (place for place in ruler.ends_within(span) if not _in_character(ruler.text, place))


def _in_character(text: str, place: int) -> bool:
    """Whether what a reader sees as one character goes on at this place: marks, joined emoji, flags."""
    before, after = text[place - 1], text[place]
    return (
        unicodedata.category(after).startswith("M")
        or _ZERO_WIDTH_JOINER in {before, after}
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or ("\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= after <= "\U0001f1ff")
    )


_LEVELS: tuple[tuple[Places, float], ...] = (
    (_clauses, CLAUSE),
    (_words, WORD),
    (_characters, CHARACTER),
    (Ruler.ends_within, BROKEN_CHARACTER),
)
