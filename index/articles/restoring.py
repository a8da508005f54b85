"""What telling an article from its page loses or flattens, put back as the page shows it.

Trafilatura, where a page marks no article, takes paragraphs without the headings between them, or all text in one
piece. Knows blocks and elements only; nothing is put back that does not stand right at what was taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lxml import etree

from index.articles.blocks import Block
from index.articles.characters import fold_space
from index.articles.markup import first_block, tree_blocks

WHOLE_SHARE = 0.95

_HEADINGS = ("h2", "h3", "h4", "h5", "h6")


def with_headings(blocks: Sequence[Block], root: etree._Element) -> list[Block]:
    """The blocks, each after a page's headings that stand right before it there.

    The first block gets none: what stands before it may be the outlet's.
    """
    places = {fold_space(block.text): number for number, block in reversed(list(enumerate(blocks))) if number}
    kept = {fold_space(block.text) for block in blocks}
    found: dict[int, list[Block]] = {}
    for heading in root.iter(*_HEADINGS):
        headed = _headed(heading)
        place = places.get(fold_space(headed.text)) if headed else None
        if place is not None:
            found.setdefault(place, []).extend(one for one in tree_blocks(heading) if fold_space(one.text) not in kept)
    return [each for number, block in enumerate(blocks) for each in (*found.get(number, ()), block)]


def _headed(heading: etree._Element) -> Block | None:
    """The first block of what stands next to a heading, or to the headings in a row that it begins."""
    after = heading.getnext()
    while after is not None and after.tag in _HEADINGS:
        after = after.getnext()
    return None if after is None else first_block(after)


def parted(text: str, ways: Iterable[Sequence[Block]]) -> list[Block]:
    """A text that came in one piece as blocks: those that stand in it, of the first way that has nearly all of it.

    Returns:
        The blocks; none where no way has so much.
    """
    piece = _letters(text)
    for blocks in ways:
        within, at = [], 0
        for block in blocks:
            letters = _letters(block.text)
            if (start := piece.find(letters, at)) >= 0:
                within.append(block)
                at = start + len(letters)
        if within and sum(len(_letters(block.text)) for block in within) >= WHOLE_SHARE * len(piece):
            return within
    return []


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))
