"""Consent and cookie notices that were copied along with an article, told from its own paragraphs.

A notice shows in kinds of words that meet in it: the cookie, the site speaking of itself, consent, the reader being
addressed, and purposes such as advertising. No kind is enough by itself, and what is in doubt is kept. Knows blocks
and words only: neither formats nor what becomes of what is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.articles.blocks import Block
from index.articles.notice_words import WORDS

STRONG = 4
WEAK = 2
SHORT_CHARACTERS = 40


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_COOKIE = _any("cookie", *(words.cookie for words in WORDS.values()))
_OTHERS = (
    _any(*(words.site for words in WORDS.values())),
    _any(*(words.consent for words in WORDS.values())),
    _any(*(words.reader for words in WORDS.values())),
    _any(*(words.purpose for words in WORDS.values())),
)
_BUTTON = _any(*(words.button for words in WORDS.values()))
_OPENING = _any("[x×✕✖❌]$", ".*cookie", *(f"{words.greeting}|.*(?:{words.cookie})" for words in WORDS.values()))
_QUOTED = re.compile(r"[\"“”„«»]")


def find(blocks: Sequence[Block], title: str | None = None) -> list[range]:
    """Which blocks are notices, as runs of their numbers, in order.

    A run has at least one block in which four of the five kinds of words meet, the cookie among them. Neighbours with
    two kinds join it, and so do a closing cross or a greeting before it and buttons after it. Where the article itself
    is about cookies (its title or its other paragraphs name them, or notices would be half of it), nothing counts but
    blocks with all five kinds, and those only at the very start or end.
    """
    if not any(_COOKIE.search(_folded(block.text)) for block in blocks):
        return []
    scores = [_score(block.text) for block in blocks]
    runs = list(_runs(blocks, scores, STRONG, WEAK))
    if not _about_cookies(blocks, runs, title):
        return runs
    every = 1 + len(_OTHERS)
    sure = [run for run in _runs(blocks, scores, every, every) if run.start == 0 or run.stop == len(blocks)]
    return [] if _half_of(blocks, sure) else sure


def _score(text: str) -> int:
    """How many kinds of words meet in a paragraph, the cookie among them. Without it, a paragraph is weak if all
    other kinds meet in it, else nothing; what someone is quoted with is nothing."""
    folded = _folded(text)
    if _QUOTED.match(text):
        return 0
    if _COOKIE.search(folded):
        return 1 + sum(kind.search(folded) is not None for kind in _OTHERS)
    return WEAK if all(kind.search(folded) for kind in _OTHERS) else 0


def _folded(text: str) -> str:
    return text.replace("İ", "i").casefold()


def _runs(blocks: Sequence[Block], scores: Sequence[int], strong: int, weak: int) -> Iterator[range]:
    """Stretches of blocks with at least one strong score and none below `weak`, and the short lines around them."""
    start = 0
    while start < len(blocks):
        stop = start
        while stop < len(blocks) and scores[stop] >= weak:
            stop += 1
        if stop > start and max(scores[start:stop]) >= strong:
            first, after = start, stop
            while first > 0 and _is_short(blocks[first - 1].text, _OPENING):
                first -= 1
            while after < len(blocks) and _is_short(blocks[after].text, _BUTTON):
                after += 1
            yield range(first, after)
        start = max(stop, start + 1)


def _is_short(text: str, words: re.Pattern[str]) -> bool:
    """Whether a text is a short line, and no sentence, that starts with such words."""
    return len(text) <= SHORT_CHARACTERS and text[-1] not in ".?:" and words.match(_folded(text)) is not None


def _about_cookies(blocks: Sequence[Block], runs: Sequence[range], title: str | None) -> bool:
    noticed = {number for run in runs for number in run}
    others = [block.text for number, block in enumerate(blocks) if number not in noticed]
    named = any(_COOKIE.search(_folded(text)) for text in [title or "", *others])
    return named or _half_of(blocks, runs)


def _half_of(blocks: Sequence[Block], runs: Sequence[range]) -> bool:
    """Whether the runs have half of the text or more."""
    inside = sum(len(blocks[number].text) for run in runs for number in run)
    return 2 * inside >= sum(len(block.text) for block in blocks)
