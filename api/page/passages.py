"""Marked text: stretches of an article or passage, each plain, cited or answering, for templates to wrap.

All offsets are Unicode code points into the article's text, as everywhere; nothing is counted by the browser. Knows no
HTML.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from index.articles.article import Article
from index.embedding.contract import Span

BEFORE, AFTER, WHOLE = 160, 260, 460
"""How many code points of a passage are shown around the sentence that answers, and of one without such a sentence."""

Mark = Literal["", "cited", "answer"]


class Piece(NamedTuple):
    """A stretch of text and what it is."""

    text: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading or new page of an article; `start` is where it stands in the article's text."""

    kind: str
    start: int
    pieces: tuple[Piece, ...]


def excerpt(text: str, start: int, highlights: Sequence[Span], skip: int = 0) -> list[Piece]:
    """What is shown of a passage that begins at `start`: its answering sentence with what stands around it; of what
    comes before that, the first `skip` code points are never shown."""
    spans = [(one.start - start, one.end - start) for one in highlights]
    skip = min([skip, *(span[0] for span in spans)])
    skip += len(text[skip:]) - len(text[skip:].lstrip())
    first = max(skip, spans[0][0] - BEFORE) if spans else skip
    last = min(len(text), spans[-1][1] + AFTER) if spans else min(len(text), WHOLE)
    first, last = max(skip, _at_word(text, first, -1)), _at_word(text, last, 1)
    pieces = _pieces(text, first, last, [(*span, "answer") for span in spans])
    shown = [Piece(re.sub(r"\s*\n\s*", "\n", piece.text), piece.mark) for piece in pieces]
    lead, tail = [Piece("… ", "")] * (first > skip), [Piece(" …", "")] * (last < len(text))
    return [*lead, *shown, *tail]


def blocks(article: Article, cited: Span | None = None, answer: Span | None = None) -> list[Block]:
    """The whole article, block by block, with what is cited and what answers marked; white space around blocks is
    left out, and so is a block that is nothing else."""
    text = article.text
    kinds = {one.start: one.kind for one in article.breaks} or _paragraphs(text)
    starts = sorted({0, *kinds})
    marks: list[tuple[int, int, Mark]] = [(*cited, "cited")] if cited else []
    marks += [(*answer, "answer")] if answer else []
    found = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        stretch = text[start:end]
        first, last = start + len(stretch) - len(stretch.lstrip()), start + len(stretch.rstrip())
        if first < last:
            found.append(Block(kinds.get(start, "paragraph"), first, tuple(_pieces(text, first, last, marks))))
    return found


def target_of(found: Sequence[Block]) -> tuple[int, int] | None:
    """Where an address leads: the block and the piece in it that answer first, else those that are cited first."""
    places = [
        (piece.mark != "answer", block, at)
        for block, one in enumerate(found)
        for at, piece in enumerate(one.pieces)
        if piece.mark
    ]
    return min(places)[1:] if places else None


def _paragraphs(text: str) -> dict[int, str]:
    """Where paragraphs start in a text whose breaks are not known."""
    return {0: "paragraph"} | {one.end(): "paragraph" for one in re.finditer(r"\n\s*\n", text)}


def _pieces(text: str, first: int, last: int, marks: Sequence[tuple[int, int, Mark]]) -> list[Piece]:
    """``text[first:last]`` cut where marks begin and end; where marks overlap, the later one counts."""
    cuts = sorted({first, last, *(min(max(place, first), last) for mark in marks for place in mark[:2])})
    pieces = []
    for start, end in pairwise(cuts):
        over = [kind for begin, stop, kind in marks if begin <= start and end <= stop]
        pieces.append(Piece(text[start:end], over[-1] if over else ""))
    return pieces


def _at_word(text: str, place: int, step: int) -> int:
    """The nearest end of a word from a place on, at most 24 code points away, else the place."""
    for distance in range(24):
        at = place + step * distance
        if at <= 0 or at >= len(text):
            return min(max(at, 0), len(text))
        if text[at - 1].isspace() != text[at].isspace():
            return at
    return place
