"""Cutting: an article becomes passages, each exact to the character.

Sizes are counted in the tokens of whatever model the caller has, through a plain function: no model is known here.
Offsets are carried from the article's breaks and sentences; no passage is ever searched for in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from index.articles.article import Article
from index.articles.atoms import Atom, Ruler, Section, atoms, merged
from index.articles.blocks import Span
from index.articles.passage import Passage

CUTTER_VERSION = 2
WHOLE = 1.75
"""An article of one section and up to this many times the target is one passage: a short text is found and read better
whole. Measured at a target of 200: SciFact's abstracts, 330 tokens in the median, have nDCG@10 .746 so, .737 without;
at twice the target, Turkish questions over English texts lose (span@5 .93 to .925)."""
TARGET_TOKENS = 200
"""Measured over whole articles, with 200, 300 and 350 tokens (the last with 6 instead of 8 passages read again): of a
news quiz of 228 questions the answer is in the first passage of .654, .649 and .654, and in the first five of .868,
.895 and .886; articles are found alike (nDCG@10 .814, .812, .815). But a quote says less exactly where it is, the
first passage holds the answer of fewer Turkish questions over English texts, and reading passages again takes half as
long again."""

Tokens = Callable[[str], Sequence[tuple[int, int]]]


def cut(article: Article, tokens: Tokens, room: int, target: int = TARGET_TOKENS) -> list[Passage]:
    """The passages of an article, in order; every character but white space lies in exactly one.

    A passage never goes on past a page's end or into a heading from the text above it, and ends with a paragraph or
    a sentence where it can. Sizes are balanced: no small remainder is left beside a neighbour that has room. A short
    article without such breaks is left whole.

    Args:
        article: as `clean` made it.
        tokens: gives the spans of a text's tokens in code points, in order; it is called once.
        room: the most tokens that a passage may have, at least 1. Only a single character may have more.
        target: the number of tokens that a passage should have, at least 1.

    Raises:
        ValueError: `room` or `target` is less than 1.
    """
    if room < 1 or target < 1:
        raise ValueError(f"room ({room}) and target ({target}) must be at least one token")
    ruler = Ruler(article.text, tokens(article.text))
    aim = min(room, target)
    spans: list[Span] = []
    sections = list(_sections(article))
    whole = min(room, int(WHOLE * aim)) if len(sections) == 1 else 0
    for section in sections:
        parts = merged(atoms(section, ruler, article.language, room), grain=max(1, aim // 16))
        short = bool(parts) and parts[-1].tokens_through - parts[0].tokens_before <= whole
        places = [(0, len(parts) - 1)] if short else _cheapest(parts, room, aim)
        spans += [Span(parts[first].start, parts[last].end) for first, last in places]
    return [
        Passage(article.id, ordinal, *span, article.text[span.start : span.end]) for ordinal, span in enumerate(spans)
    ]


def _sections(article: Article) -> Iterator[Section]:
    """The article's blocks, parted where a page starts or a heading follows text; headings in a row open one
    section together."""
    kinds: dict[int, set[str]] = {0: set()}
    for mark in article.breaks:
        kinds.setdefault(min(mark.start, len(article.text)), set()).add(mark.kind)
    blocks: list[Span] = []
    headings = 0
    for start, end in pairwise([*sorted(kinds), len(article.text)]):
        heading = "heading" in kinds[start]
        if blocks and ("page" in kinds[start] or (heading and headings < len(blocks))):
            yield Section(blocks, headings)
            blocks, headings = [], 0
        blocks.append(Span(start, end))
        headings += heading
    yield Section(blocks, headings)


def _cheapest(parts: Sequence[Atom], room: int, target: int) -> list[tuple[int, int]]:
    """The first and last atom of each passage, so that the section costs least.

    A passage costs the square of how far it is off the target, as a share of it, and what parting the text before it
    costs. The least sum is found by dynamic programming, as Knuth and Plass (1981) break paragraphs into lines.
    """
    least = [0.0]
    firsts: list[int] = []
    for last, atom in enumerate(parts):
        best, best_first = float("inf"), last
        for first in range(last, -1, -1):
            size = atom.tokens_through - parts[first].tokens_before
            if first < last and size > min(room, 2 * target):
                break  # two passages of half the size would cost less
            cost = least[first] + parts[first].cost + ((size - target) / target) ** 2
            if cost < best:
                best, best_first = cost, first
        least.append(best)
        firsts.append(best_first)
    return _traced(firsts)


def _traced(firsts: Sequence[int]) -> list[tuple[int, int]]:
    """The passages in order, given the first atom of the best passage that ends with each atom."""
    passages: list[tuple[int, int]] = []
    last = len(firsts) - 1
    while last >= 0:
        passages.append((firsts[last], last))
        last = firsts[last] - 1
    return passages[::-1]
