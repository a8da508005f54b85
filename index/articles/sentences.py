"""Sentences: where each one starts and ends in a text.

The boundaries are those of `sentencex` (Wikimedia), put right where it errs, and a line's end counts as its writer
meant it. Knows nothing of articles, tokens or passages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import sentencex

from index.articles.blocks import Span, plain_spans

# sentencex 1.0 panics when an initial is followed by white space of several bytes, as in "J.\u00a0Smith".
_WIDE_SPACE = re.compile(r"[^\S ]")

_NUMBER = re.compile(r"[(\[]?(?:\d{1,3}|[^\W\d_]|[ivxl]{1,5}|[IVXL]{1,5})[.)]")
_ABBREVIATION = re.compile(r"(?:^|[\s(\[\"“„«'’.])(?:[^\W\d_]{1,4}|[\d.,]+)\.$")
_ORDINAL = re.compile(r"(?:^|[\s(])(?:\d{1,2}|[IVXL]{1,5})\.$")
_OPENING = re.compile(r"[\"“„‘«»(\[]")
_INNER_END = re.compile(r"([^\W\d_]{4})(?:[.!?]+|\.[)\]’”\"»]+)\s+(?=[“\"‘«(]?([^\W\d_]))")
_ABBREVIATED = frozenset(("bzgl", "dept", "evtl", "exkl", "inkl", "resp", "zzgl"))
_WRITES_ORDINALS_WITH_DOTS = frozenset(
    ("az", "bs", "cs", "da", "de", "et", "fi", "hr", "hu", "is", "lb", "lv", "nn", "no", "pl", "sk", "sl", "sr", "tr")
)
_TITLES = {
    "ar": re.compile(r"(?:^|\s)[دمأ]\.$"),
    "fr": re.compile(r"(?:^|\s)(?:M|MM|Mme|Mmes|Mlle|Mgr|Me)\.$"),
}


def sentences(text: str, language: str | None = None) -> list[Span]:
    """The sentences of `text`, without the white space around them; together they hold every other character.

    A blank line ends a sentence, and so does a line's end unless the lines were wrapped to a width. Linear in time.

    Args:
        text: any text.
        language: ISO 639-1; an unknown one is read by English rules, as is None.

    Returns:
        Spans in Unicode code points, in order.
    """
    return [sentence for block in plain_spans(text) for sentence in _of_block(text, block, language or "en")]


def _of_block(text: str, block: Span, language: str) -> Iterator[Span]:
    """The sentences of one paragraph."""
    stretch = _WIDE_SPACE.sub(" ", text[block.start : block.end])
    start = 0
    for boundary in sentencex.get_sentence_boundaries(language, stretch):
        end = boundary["end_index"]
        sentence = stretch[start:end].strip()
        if end < len(stretch) and _goes_on(sentence, stretch[end : end + 8], language):
            continue
        yield from _parted(sentence, block.start + start + stretch[start:end].index(sentence[0]))
        start = end


def _goes_on(sentence: str, after: str, language: str) -> bool:
    """Whether sentencex saw an end where there is none, at the end of `sentence`."""
    if after[0] in ")]”»’,;" or _NUMBER.fullmatch(sentence):
        return True
    before = sentence[-24:]
    lower = after[0].islower() and not after[1:2].isupper() and not after.startswith("http")
    if not before.endswith("."):
        return lower and before[-1:] in '"”’»'
    if language in _WRITES_ORDINALS_WITH_DOTS and _ORDINAL.search(before):
        return True
    if language in _TITLES and _TITLES[language].search(before):
        return True
    return (lower or after[0] == "-") and _ABBREVIATION.search(before) is not None


def _parted(sentence: str, first: int) -> Iterator[Span]:
    """The sentences within quotes and brackets, which sentencex leaves whole however long they are."""
    start = 0
    opened = _OPENING.search(sentence)
    for found in _INNER_END.finditer(sentence, opened.start()) if opened else ():
        word, initial = found.groups()
        if word.islower() and word not in _ABBREVIATED and initial.isupper():
            yield Span(first + start, first + start + len(sentence[start : found.end()].rstrip()))
            start = found.end()
    yield Span(first + start, first + len(sentence))
