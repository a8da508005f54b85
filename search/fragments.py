"""Text fragments: links that open a page at a quote (``#:~:text=``), and the matcher that proves them.

Works on plain strings and offsets in Unicode code points. Knows nothing of articles, hits or HTTP.

Source: WICG, "URL Fragment Text Directives" (https://wicg.github.io/scroll-to-text-fragment/). A browser compares
without regard to case and accents, folds white space, matches whole words only, wants `start` alone inside one block,
and takes the first match from the top. A directive made here is only used when `find` sees exactly one match in the
article's text, and that match is the quote.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote as percent_encode

from index.embedding.contract import Span

# A quote up to this length within one block is linked whole; a longer one by its first and last words.
LONGEST_WHOLE = 300
# How many words each end of a range starts with, and how many it may grow to.
FIRST_WORDS, MOST_WORDS = 4, 24
# How many words of context are tried before giving up on uniqueness.
MOST_CONTEXT = 12

# Words are split at white space; scripts without spaces are split after their punctuation.
_WORD = re.compile(r"[^\s、。，．！？；：]+[、。，．！？；：]*|[、。，．！？；：]+")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Directive:
    """The four terms of a text directive, unencoded; `end` makes it a range, the others narrow it down."""

    start: str
    end: str | None = None
    prefix: str | None = None
    suffix: str | None = None

    def encoded(self) -> str:
        """``[prefix-,]start[,end][,-suffix]`` with every term percent-encoded."""
        parts = [f"{_encode(self.prefix)}-"] if self.prefix else []
        parts.append(_encode(self.start))
        parts += [_encode(self.end)] if self.end else []
        parts += [f"-{_encode(self.suffix)}"] if self.suffix else []
        return ",".join(parts)


def deep_link(url: str, text: str, start: int, end: int) -> str:
    """`url` with a fragment that finds ``text[start:end]`` and nothing else; plain `url` where none can be proven."""
    directive = directive_for(text, start, end)
    if directive is None:
        return url
    base = url.split(":~:", maxsplit=1)[0]
    return f"{base}{'' if '#' in base else '#'}:~:text={directive.encoded()}"


def directive_for(text: str, start: int, end: int) -> Directive | None:
    """The shortest directive, of those tried, whose only match in `text` is the quote without its outer white space."""
    quote = text[start:end]
    target = Span(start + len(quote) - len(quote.lstrip()), start + len(quote.rstrip()))
    if target.start >= target.end:
        return None
    page = _fold(text)
    return next((one for one in _candidates(text, target) if _is_unique(page, one, target)), None)


def find(text: str, directive: Directive) -> list[Span]:
    """Every place in `text` that a browser could take for the directive's target, in order."""
    return list(_matches(_fold(text), directive))


def _candidates(text: str, target: Span) -> Iterator[Directive]:
    """Directives from the plainest to the most specific."""
    for words in (FIRST_WORDS, FIRST_WORDS * 2, MOST_WORDS):
        for context in (0, 2, 5, MOST_CONTEXT):
            directive = _describe(text, target, words, context)
            if directive is not None:
                yield directive


def _describe(text: str, target: Span, words: int, context: int) -> Directive | None:
    """The directive with `words` words at each end of a long quote and `context` words around it."""
    quote = text[target.start : target.end]
    prefix = _last_words(text[: target.start], context)
    suffix = _first_words(text[target.end :], context)
    if "\n" not in quote and len(quote) <= LONGEST_WHOLE:
        return Directive(_one_space(quote), None, prefix, suffix)
    first, last = _first_words(quote, words), _last_words(quote, words)
    if first is None or last is None or len(first) + len(last) >= len(quote):
        return None
    return Directive(first, last, prefix, suffix)


def _first_words(text: str, count: int) -> str | None:
    """The first `count` words of the first line that has any."""
    line = next((line for line in text.split("\n") if line.strip()), "")
    words = list(_WORD.finditer(line))[:count]
    return _one_space(line[words[0].start() : words[-1].end()]) if words and count else None


def _last_words(text: str, count: int) -> str | None:
    """The last `count` words of the last line that has any."""
    line = next((line for line in reversed(text.split("\n")) if line.strip()), "")
    words = list(_WORD.finditer(line))[-count:] if count else []
    return _one_space(line[words[0].start() : words[-1].end()]) if words else None


def _is_unique(page: str, directive: Directive, target: Span) -> bool:
    matches = _matches(page, directive)
    return next(matches, None) == target and next(matches, None) is None


def _matches(page: str, directive: Directive) -> Iterator[Span]:
    before, after = _term(directive.prefix), _term(directive.suffix)
    first, last = _term_of(directive.start), _term(directive.end)
    for start in first.places(page):
        if before and not _stands_before(page, start.start, before):
            continue
        for end in last.places(page, start.end) if last else [start]:
            if not after or _stands_after(page, end.end, after):
                yield Span(start.start, end.end)
                break


def _stands_before(page: str, place: int, prefix: _Term) -> bool:
    lead = page[max(0, place - 2 * LONGEST_WHOLE) : place].rstrip()
    return any(match.end == len(lead) for match in prefix.places(lead))


def _stands_after(page: str, place: int, suffix: _Term) -> bool:
    while place < len(page) and page[place].isspace():
        place += 1
    return suffix.end_at(page, place) is not None


class _Term(NamedTuple):
    """A term, folded, as it is looked for in a folded page: within one line, any white space between its words, whole
    words only. Without regular expressions: making one takes longer than all that it is used for."""

    words: Sequence[str]
    opens_word: bool
    ends_word: bool

    def places(self, page: str, start: int = 0) -> Iterator[Span]:
        """Where it stands from `start` on, in order, without overlap."""
        place = page.find(self.words[0], start)
        while place >= 0:
            end = self.end_at(page, place)
            if end is not None:
                yield Span(place, end)
            place = page.find(self.words[0], place + 1 if end is None else end)

    def end_at(self, page: str, place: int) -> int | None:
        """Where it ends if it stands at `place`."""
        if self.opens_word and place and _in_word(page[place - 1]):
            return None
        end = place
        for number, word in enumerate(self.words):
            begin = _after_space(page, end) if number else end
            if (number and begin == end) or not page.startswith(word, begin):
                return None
            end = begin + len(word)
        return None if self.ends_word and end < len(page) and _in_word(page[end]) else end


def _after_space(page: str, place: int) -> int:
    """The first place from here on that is no white space within a line."""
    while place < len(page) and page[place] != "\n" and page[place].isspace():
        place += 1
    return place


def _in_word(mark: str) -> bool:
    return mark.isalnum() or mark == "_"


def _term(text: str | None) -> _Term | None:
    return None if text is None else _term_of(text)


@lru_cache(maxsize=512)
def _term_of(text: str) -> _Term:
    folded = _fold(text)
    return _Term(folded.split(), _needs_boundary(folded[0]), _needs_boundary(folded[-1]))


def _needs_boundary(mark: str) -> bool:
    """Scripts without spaces have no boundaries that a pattern could see; there every place counts as a match."""
    return mark.isalnum() and not _UNSPACED.match(mark)


@lru_cache(maxsize=64)
def _fold(text: str) -> str:
    """Case and accents folded one code point to one, so that offsets stay true."""
    return _FOREIGN.sub(lambda mark: _fold_mark(mark[0]), text).lower()  # which leaves folded marks as they are


@lru_cache(maxsize=65_536)
def _fold_mark(mark: str) -> str:
    base = unicodedata.normalize("NFKD", mark)[0]
    return mark if base.isspace() != mark.isspace() else base.lower()[0]


def _one_space(text: str) -> str:
    return " ".join(text.split())


def _encode(term: str) -> str:
    # A dash is part of the directive's own syntax, but `quote` leaves it as it is.
    return percent_encode(term, safe="").replace("-", "%2D")
