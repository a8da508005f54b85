"""What sites put between and below an article's paragraphs: share bars, invitations, adverts, links to other stories.

Told from the words of short blocks, as `notices` tells consent notices; what is in doubt is kept. Knows blocks and
words only: neither formats nor what becomes of what is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from index.articles.blocks import Block, looks_like_heading
from index.articles.boilerplate_words import FURNITURE

LINE_CHARACTERS = 60
TEASER_CHARACTERS = 160
INVITATION_CHARACTERS = 320
TAIL_BLOCKS = 6

_NETWORKS = r"(?:twitter|facebook|instagram|youtube|telegram|whats ?app|linkedin|tiktok|snapchat|google news|bluesky)"


def _any(name: str) -> str:
    return "|".join(getattr(words, name) for words in FURNITURE.values())


_LINE = re.compile(rf"(?:{_any('advert')}|{_any('share')}|{_any('comments')})[\s:.…!]*")
_RELATED_LINE = re.compile(rf"(?:{_any('related')})\s*[:.…]*")
_TEASER = re.compile(rf"(?:{_any('related')})\s*[:|»>]\s*\S.*")
_SUBSCRIBE = re.compile(rf"(?:{_any('subscribe')}).*(?:{_any('letter')})|(?:{_any('follow')}).*{_NETWORKS}", re.DOTALL)
_APP = re.compile(r"(?:click here|get|download) .*(?:\bapp\b|on the go by clicking here)\W*")
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright\b|all rights reserved).*")
_SOURCE = re.compile(r"(?:source|quelle|fuente|fonte|kaynak|источник|المصدر)\s?: \S.*")
_FEED = re.compile(rf".*\b(?:follow|reached at|e-?mail(?:ed)?)\b.*(?:@\w+|{_NETWORKS}).*", re.DOTALL)
_AFFILIATE = re.compile(r".*\b(?:earn|get|receive) an? (?:\w+ )?(?:commission|share of the sale)\b.*", re.DOTALL)
_ADDRESS = re.compile(r"https?://\S+")
_RULE = re.compile(r"[\s_*=~•·.—–-]+")
_QUOTED = re.compile(r"[\"“”„«»‘]")


def find(blocks: Sequence[Block], *, of_page: bool = False) -> list[range]:
    """Which blocks are no part of the article, as runs of their numbers, in order.

    Three kinds: lines and invitations that say what they are, wherever they stand; the headlines below a line such as
    "Related stories"; and credits, contacts and rules that nothing but such lines follows, with headings that head
    nothing. Nothing counts when it would be half of the text or more.

    Args:
        blocks: those of the article.
        of_page: whether they come from a page, where a heading at the end heads what was left out.
    """
    found = {number for number, block in enumerate(blocks) if _is_furniture(block)}
    for number, block in enumerate(blocks):
        if _is_related_line(block):
            found.update((number, *_headlines_after(blocks, number)))
    found.update(_tail(blocks, found, of_page=of_page))
    size = sum(len(blocks[number].text) for number in found)
    if 2 * size >= sum(len(block.text) for block in blocks):
        return []
    return list(_runs(sorted(found)))


def _is_furniture(block: Block) -> bool:
    text = _folded(block)
    if _QUOTED.match(block.text) or len(text) > INVITATION_CHARACTERS:
        return False
    return (
        (len(text) <= LINE_CHARACTERS and _LINE.fullmatch(text) is not None)
        or (len(text) <= TEASER_CHARACTERS and _TEASER.fullmatch(text) is not None)
        or any(pattern.match(text) for pattern in (_SUBSCRIBE, _APP, _AFFILIATE))
    )


def _is_related_line(block: Block) -> bool:
    return len(block.text) <= LINE_CHARACTERS and _RELATED_LINE.fullmatch(_folded(block)) is not None


def _headlines_after(blocks: Sequence[Block], number: int) -> Iterator[int]:
    """The headlines below a line that announces them: up to the next sentence, or to the end."""
    rest = range(number + 1, len(blocks))
    return takewhile(lambda later: _is_headline(blocks[later]), rest)


def _is_headline(block: Block) -> bool:
    """Whether a paragraph is one short line that does not end as a sentence. A heading opens another part."""
    return block.kind == "paragraph" and looks_like_heading(block.text.rstrip("?!"), TEASER_CHARACTERS)


def _tail(blocks: Sequence[Block], found: set[int], *, of_page: bool) -> Iterator[int]:
    """The last blocks, back to the first that is neither found already nor a credit, a contact, a rule or a heading."""
    last = range(len(blocks) - 1, 0, -1)
    ends = takewhile(lambda number: number in found or _is_end(blocks[number], of_page=of_page), last)
    credits_left = TAIL_BLOCKS
    for number in ends:
        credits_left -= blocks[number].kind == "paragraph"
        if credits_left < 0:
            return
        yield number


def _is_end(block: Block, *, of_page: bool) -> bool:
    return _is_credit(block) or (of_page and block.kind == "heading")


def _is_credit(block: Block) -> bool:
    text = _folded(block)
    if len(text) > INVITATION_CHARACTERS or _QUOTED.match(block.text):
        return False
    short = len(text) <= TEASER_CHARACTERS and (_COPYRIGHT.match(text) or _SOURCE.fullmatch(text))
    return bool(short or any(pattern.fullmatch(text) for pattern in (_RULE, _FEED, _ADDRESS)))


def _folded(block: Block) -> str:
    return block.text.replace("İ", "i").casefold().strip("[]()|•►▶»>-–— \t\n")


def _runs(numbers: Sequence[int]) -> Iterator[range]:
    """Ascending numbers as stretches without gaps."""
    start = 0
    for at in range(1, len(numbers) + 1):
        if at == len(numbers) or numbers[at] != numbers[at - 1] + 1:
            yield range(numbers[start], numbers[at - 1] + 1)
            start = at
