"""Lines that recur across the articles of one outlet: share bars, promotions and legal lines that no word list knows.

What an outlet repeats is learnt from its own articles, as counts of hashed lines; no line itself is kept. Counts are
kept by lossy counting (Manku and Motwani, 2002), which forgets what came less than once in 50 articles, so that the
table stays small however many articles there are. Up to 50 articles of an outlet, their order makes no difference.
Knows articles only; where the counts are kept is decided elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from index.articles.article import Article
from index.articles.blocks import Block, assemble, disassemble
from index.articles.bylines import is_credit
from index.articles.characters import fold_space

LINE_CHARACTERS = 300
LABEL_CHARACTERS = 60
SENTENCE_WORDS = 6
FIRST_LINES = 40
LAST_LINES = 20
STEPPED_OVER = 3
LONGEST = 3
PERIOD = 50

_SENTENCE_END = (".", "!", "?", "…", "؟", "。")
_QUOTES = ('"', "“", "”", "„", "«", "»", "‘", "'")


@dataclass(frozen=True, slots=True)
class Bar:
    """In how many articles, and in which share of an outlet's articles, a line must have stood."""

    articles: int
    share: float


AT_EDGE = Bar(articles=5, share=0.3)
BETWEEN = Bar(articles=10, share=0.6)


@dataclass(slots=True)
class Habits:
    """What is known of an outlet's lines.

    Attributes:
        seen: how many articles were learnt from.
        lines: by hash, in how many articles a line stood, and how many had been seen before it was first counted.
    """

    seen: int = 0
    lines: dict[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def loaded(cls, dumped: str | None) -> Self:
        """What `dumped` made a text of; nothing known when there is no text."""
        stored: dict[str, Any] = json.loads(dumped) if dumped else {"seen": 0, "lines": {}}
        return cls(stored["seen"], {key: (count, since) for key, (count, since) in stored["lines"].items()})

    def dumped(self) -> str:
        """These habits as a text, the same for the same habits."""
        return json.dumps({"seen": self.seen, "lines": self.lines}, sort_keys=True, separators=(",", ":"))

    def learn(self, article: Article) -> None:
        """Count the lines of an article that was not seen before.

        An article of which most was counted lately teaches nothing: it is another version of one that did, and its
        lines recur because it does.
        """
        blocks = disassemble(article.text, article.breaks)
        if 2 * sum(len(block.text) for block in blocks if _hash(block.text) in self.lines) > len(article.text):
            return
        longest = sorted((block.text for block in blocks), key=len)[-LONGEST:]
        since = self.seen - self.seen % PERIOD
        for key in set(map(_hash, (*_lines(blocks), *longest))):
            count, first = self.lines.get(key, (0, since))
            self.lines[key] = (count + 1, first)
        self.seen += 1
        if self.seen % PERIOD == 0:
            self.lines = {key: line for key, line in self.lines.items() if line[0] > (self.seen - line[1]) / PERIOD}

    def clears(self, text: str, bar: Bar) -> bool:
        """Whether a line stood in so many articles of the outlet that it belongs to none of them."""
        count, since = self.lines.get(_hash(text), (0, 0))
        return count >= bar.articles and count >= bar.share * (self.seen - since)


def outlet(article: Article) -> str | None:
    """What the habits of an article's outlet are known by; None when its outlet is not known."""
    return article.source.casefold() if article.source else None


def without_recurring(article: Article, habits: Habits) -> Article:
    """The article without the lines that its outlet repeats, which are added to `Article.removed`.

    At its start and end, such a line goes when it stood in 5 articles and in three of ten of the outlet's; between
    other paragraphs in 10 and in six of ten. Never taken are the title, bylines and dates, quotations, short sentences,
    between paragraphs also headings and list items; and nothing at all when half of the text would go.
    """
    blocks = disassemble(article.text, article.breaks)
    numbers = range(len(blocks))
    taken = {*_at_edge(blocks, numbers, article.title, habits), *_at_edge(blocks, numbers[::-1], article.title, habits)}
    taken.update(number for number in numbers if _stands_between(blocks, number, article.title, habits))
    removed = tuple(blocks[number].text for number in sorted(taken))
    if not removed or 2 * sum(map(len, removed)) >= len(article.text):
        return article
    text, breaks = assemble(_left(blocks, taken))
    return replace(article, text=text, breaks=breaks, removed=(*article.removed, *removed))


def _at_edge(blocks: Sequence[Block], numbers: Sequence[int], title: str | None, habits: Habits) -> Iterator[int]:
    """The lines that go, from one end of the article inwards, up to where its own text begins.

    Titles, credits and a few short labels, such as its tags, may stand among them.
    """
    stepped_over = 0
    for number in numbers:
        block = blocks[number]
        headline = _is_headline(block, title)
        if not headline and _may_recur(block) and habits.clears(block.text, AT_EDGE):
            yield number
        elif not headline:
            stepped_over += 1
            if stepped_over > STEPPED_OVER or len(block.text) > LABEL_CHARACTERS or _is_sentence(block.text):
                return


def _stands_between(blocks: Sequence[Block], number: int, title: str | None, habits: Habits) -> bool:
    """Whether a paragraph goes wherever it stands. Items of a list, lines of verse and the like do not."""
    block = blocks[number]
    gaps = [beside.gap for beside in blocks[number : number + 2]]
    is_paragraph = block.kind == "paragraph" and "\n" not in block.text and all(gap.count("\n") != 1 for gap in gaps)
    recurs = is_paragraph and _may_recur(block) and habits.clears(block.text, BETWEEN)
    return recurs and not _is_headline(block, title)


def _lines(blocks: Sequence[Block]) -> Sequence[str]:
    """The lines that an article teaches; of very many, the first and the last."""
    lines = [block.text for block in blocks if _may_recur(block)]
    return lines if len(lines) <= FIRST_LINES + LAST_LINES else lines[:FIRST_LINES] + lines[-LAST_LINES:]


def _may_recur(block: Block) -> bool:
    """Whether a paragraph may belong to the outlet and not to the article."""
    text = block.text
    return (
        len(text) <= LINE_CHARACTERS
        and "\t" not in text
        and not text.startswith(_QUOTES)
        and sum(map(str.isalpha, text)) > 1
        and (not _is_sentence(text) or len(text.split()) >= SENTENCE_WORDS)
    )


def _is_sentence(text: str) -> bool:
    return text.endswith(_SENTENCE_END)


def _is_headline(block: Block, title: str | None) -> bool:
    """Whether a block is the article's title, or says nothing but who wrote it and when."""
    return fold_space(block.text) == title or is_credit(block.text)


def _left(blocks: Sequence[Block], taken: set[int]) -> Iterator[Block]:
    """The other blocks; where a page began with one that goes, it begins with the next."""
    page = False
    for number, block in enumerate(blocks):
        page = page or block.page
        if number not in taken:
            yield replace(block, page=page)
            page = False


def _hash(text: str) -> str:
    """12 hexadecimal digits that stand for a line without regard to its case and spaces."""
    return hashlib.blake2b(fold_space(text).casefold().encode(), digest_size=6).hexdigest()
