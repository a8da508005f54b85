"""Blocks, the paragraphs and headings of an article, and how plain text falls into them.

A block keeps the white space that stood before it, so that blocks put together again are the text as it was written.
Knows no format but plain text, and no language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise, takewhile
from typing import Literal, NamedTuple

from index.articles.article import Break

_LINE_ENDS = re.compile("([\n\f])")
_SENTENCE_END = tuple(".!?:;,…。！？：；，、؟۔।")
_NOT_HEADINGS = re.compile(r"[-–—•·*>|\"“”„«»‘'(\[#@]|\d+[.)]\s|https?://")
_WORDLESS = re.compile(r"[⺀-鿿豈-﫿぀-ヿ가-힣]")  # scripts whose lines can break at any character

HEADING_CHARACTERS = 80
HEADLINE_CHARACTERS = 140
LONGEST_RUN = 3
WRAP_WIDTH = 120


class Span(NamedTuple):
    """A stretch of text in Unicode code points, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list item or heading.

    Attributes:
        text: without white space at either end, never empty.
        kind: what the block is.
        gap: the white space that stands before it when it is not the first.
        page: whether a new page starts here.
    """

    text: str
    kind: Literal["paragraph", "heading"] = "paragraph"
    gap: str = "\n\n"
    page: bool = False


def assemble(blocks: Iterable[Block]) -> tuple[str, tuple[Break, ...]]:
    """The text that the blocks make up, and where each of them starts in it."""
    parts: list[str] = []
    breaks: list[Break] = []
    length = 0
    for block in blocks:
        gap = block.gap if parts else ""
        start = length + len(gap)
        if block.page and parts:
            breaks.append(Break(start, "page"))
        breaks.append(Break(start, block.kind))
        parts += (gap, block.text)
        length = start + len(block.text)
    return "".join(parts), tuple(breaks)


def disassemble(text: str, breaks: Sequence[Break]) -> list[Block]:
    """The blocks that `assemble` made a text and its breaks of."""
    kinds: dict[int, set[str]] = {}
    for mark in breaks:
        kinds.setdefault(mark.start, set()).add(mark.kind)
    blocks: list[Block] = []
    gap = ""
    for start, end in pairwise([*kinds, len(text)]):
        own = text[start:end].rstrip()
        kind: Literal["paragraph", "heading"] = "heading" if "heading" in kinds[start] else "paragraph"
        blocks.append(Block(own, kind, gap, page="page" in kinds[start]))
        gap = text[start + len(own) : end]
    return blocks


def plain_spans(text: str) -> Iterator[Span]:
    r"""Where the blocks of plain text stand, in order, without the white space around them.

    Blank lines part blocks. A single line end parts them too, unless the lines were wrapped to a width.
    """
    for filled, lines in groupby(_lines(text), key=lambda line: line.start < line.end):
        if filled:
            chunk = list(lines)
            wrapped = is_wrapped([text[start:end] for start, end in chunk])
            yield from [Span(chunk[0].start, chunk[-1].end)] if wrapped else chunk


def plain_blocks(text: str) -> list[Block]:
    """The blocks of plain text (see `plain_spans`), headings known where they are clear; a form feed starts a page."""
    blocks: list[Block] = []
    end = 0
    for start, stop in plain_spans(text):
        gap = text[end:start]
        shown = gap.replace("\f", "\n\n") if "\f" in gap else gap
        blocks.append(Block(text[start:stop], "paragraph", shown, page="\f" in gap))
        end = stop
    return with_headings(blocks)


def with_headings(blocks: Sequence[Block]) -> list[Block]:
    """The same blocks, those marked as headings that are clearly headings of what follows them.

    Up to three short lines in a row may head a paragraph (headline, byline, section); more are a list, and only the
    last is the paragraph's own.
    """
    short = [looks_like_heading(block.text) for block in blocks]
    headings = {0} if len(blocks) > 1 and _is_headline(blocks[0], blocks[1]) else set()
    for number in range(len(blocks) - 1):
        if short[number] and not short[number + 1] and _heads(blocks[number], blocks[number + 1]):
            run = list(takewhile(short.__getitem__, range(number, -1, -1)))
            headings.update(run if len(run) <= LONGEST_RUN else run[:1])
    return [replace(block, kind="heading") if number in headings else block for number, block in enumerate(blocks)]


def _is_headline(block: Block, after: Block) -> bool:
    """Whether the first block is the headline of a text. It may be a question."""
    return _is_parted(after) and looks_like_heading(block.text.removesuffix("?"), HEADLINE_CHARACTERS)


def _heads(block: Block, after: Block) -> bool:
    """Whether a short line heads the paragraph below it. Where no blank line parts them, the paragraph must be much
    longer: lines of verse, addresses and tables stay together."""
    return _is_parted(after) or len(after.text) >= max(60, 2 * len(block.text))


def _is_parted(block: Block) -> bool:
    """Whether a blank line, or a page's end, stands before the block."""
    return block.gap.count("\n") > 1


def looks_like_heading(text: str, longest: int = HEADING_CHARACTERS) -> bool:
    """Whether a text is one short line that starts like a heading and does not end like a sentence."""
    return (
        len(text) <= longest
        and "\n" not in text
        and not text.endswith(_SENTENCE_END)
        and not _NOT_HEADINGS.match(text)
        and sum(map(str.isalpha, text)) >= 2
        and not text[0].islower()
    )


def _lines(text: str) -> Iterator[Span]:
    """The lines of each page, without white space at their ends; a blank one is empty, and a page's end is one."""
    at = 0
    for line in _LINE_ENDS.split(text):
        if line in ("\n", "\f"):
            if line == "\f":
                yield Span(at, at)
        else:
            start = at + len(line) - len(line.lstrip())
            yield Span(start, max(start, at + len(line.rstrip())))
        at += len(line)


def is_wrapped(lines: Sequence[str]) -> bool:
    """Whether lines were filled up to a width, so that their ends mean nothing.

    That is so when no line but the last had room for the first word of the next one.
    """
    width = max(map(len, lines))
    if len(lines) == 1 or width > WRAP_WIDTH:
        return len(lines) == 1
    full = sum(len(line) + 1 + _first_word(after) > width for line, after in pairwise(lines))
    return full >= 0.9 * (len(lines) - 1)


def _first_word(line: str) -> int:
    """How many characters of a line had to stay together."""
    word = line.split(maxsplit=1)[0]
    return 1 if _WORDLESS.match(word) else len(word)
