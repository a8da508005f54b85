"""Authors and dates in an article's own text: the lines around its headline, and the dateline of its first paragraph.

A line counts only when it is a credit as a whole: "said Monday" is text, "January 13, 2025" on its own line is a date.
What is in doubt says nothing. Nothing is ever taken out of the text here. Knows blocks and words only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from index.articles import dates
from index.articles.blocks import Block
from index.articles.byline_words import CREDITS
from index.articles.fact import Fact

HEADER_BLOCKS = 8
PROSE_BLOCKS = 2
PROSE_CHARACTERS = 80
LINE_CHARACTERS = 140
OTHER_CHARACTERS = 40
NAME_WORDS = range(2, 6)
EARLIEST_YEAR = "1900"


def _any(name: str) -> str:
    return "|".join(getattr(words, name) for words in CREDITS.values())


_LABEL = rf"(?:{_any('published')}|{_any('updated')})\b"
_PARTS = re.compile(rf"\s*[|·•—–\t]\s*|\s+-\s+|\s*[,،]?\s+(?={_LABEL})|(?<=[日号號일])\s+", re.IGNORECASE)
_BY = re.compile(rf"(?P<label>(?:{_any('author')}|{_any('by')})\s*:)\s*|(?:{_any('by')})\s+", re.IGNORECASE)
_PUBLISHED = re.compile(rf"(?:{_any('published')})\s*[:：]?\s+", re.IGNORECASE)
_UPDATED = re.compile(rf"(?:{_any('updated')})\s*[:：]?\s+", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?:[,،]?\s+|T)(?:at |um |à |a las |às |alle (?:ore )?|ore |в |saat |الساعة |kl\.? )?\d{1,2}(?:[:.h]\d{2}){1,2}"
    r"(?:\.\d+)?(?:\s*(?:uhr\b|h\b|[ap]\.? ?m\.?|[صم]\b|\(?[a-z]{2,5}\)?|[+-]\d{2}:?\d{2}))*$",
    re.IGNORECASE,
)
_DATELINE = re.compile(
    r"(?P<place>[^\W\d_][\w .’'/-]{1,40}?)[,،]? +(?P<date>[^\W_][^()\[\]—–\n]{3,30}?)? *"
    r"(?P<agency>[(\[][^)\]]{2,40}[)\]])? *(?:[—–:]|-+ ) *(?=\S)"
)
_YEARLESS = re.compile(r"\d{1,2}(?:st|nd|rd|th|\.)? (?:de )?(?P<after>[^\W\d_]+)\.?|(?P<before>[^\W\d_]+)\.? \d{1,2}")
_AND = re.compile(r"\s+(?:and|und|et|y|e|и|ve|&)\s+|\s+و\s?|\s*[,،]\s+")
_LIST = re.compile(r"\s(?:and|und|et|y|e|и|ve|&|و)\s")
_NAME_WORD = re.compile(r"[^\W\d_][\w.’'-]*")
_PARTICLES = frozenset(
    ("af", "al", "av", "bin", "da", "dal", "de", "del", "della", "der", "des", "di", "do", "dos", "du", "el", "ibn")
).union(("la", "le", "of", "ten", "ter", "van", "von", "y", "zu"))
_NO_NAMES = frozenset(
    ("a", "all", "an", "her", "his", "its", "my", "no", "our", "staff", "that", "the", "this", "your")
)
_SENTENCE_END = (".", "!", "?", "…", "؟", "。")


@dataclass(slots=True)
class Header:
    """What the lines around a headline tell.

    Attributes:
        facts: ``author``, ``published`` and ``modified``, each with its place, ``byline`` or ``dateline``.
        dateline: place, day and agency as they stand before the first sentence.
        credits: the numbers of the blocks that are such lines and nothing else.
    """

    facts: dict[str, Fact] = field(default_factory=dict)
    dateline: str | None = None
    credits: set[int] = field(default_factory=set)


def read_header(blocks: Sequence[Block], *, guessed: bool = True) -> Header:
    """The credits among the first blocks, up to the second paragraph of prose.

    Args:
        blocks: those of the article.
        guessed: whether headings are guesses, so that credits may be among them.
    """
    header = Header()
    days: list[str] = []
    dateline: list[str] = []
    prose = 0
    for number, block in enumerate(blocks[:HEADER_BLOCKS]):
        if _is_prose(block.text):
            prose += 1
            dateline += _read_dateline(block.text, header)
        elif (guessed or block.kind == "paragraph") and (found := _credits(block.text)) is not None:
            header.credits.add(number)
            days += [value for name, value in found if name == "day"]
            _add(header, [(name, value) for name, value in found if name != "day"])
        elif prose:  # a line below a paragraph is of the article's own parts
            break
        if prose == PROSE_BLOCKS:
            break
    if len(set(days)) == 1:  # of several, nobody says which is the article's
        _add(header, [("published", days[0])])
    _add(header, [("published", day) for day in dateline], "dateline")
    return header


def is_credit(text: str) -> bool:
    """Whether a paragraph is nothing but authors and dates."""
    return not _is_prose(text) and _credits(text) is not None


def people(text: str) -> str | None:
    """The names that a text is, with or without "by" before them, parted by ``"; "``; None when it is anything else."""
    line = text.strip()
    introduced = _BY.match(line)
    return dict(_signed(line[introduced.end() :] if introduced else line, labelled=False)).get("author")


def _add(header: Header, found: Sequence[tuple[str, str]], place: str = "byline") -> None:
    for name, value in found:
        header.facts.setdefault(name, Fact(value, place))


def _is_prose(text: str) -> bool:
    longest = max(map(len, text.split("\n")))
    return longest > LINE_CHARACTERS or (longest > PROSE_CHARACTERS and text.endswith(_SENTENCE_END))


def _credits(text: str) -> list[tuple[str, str]] | None:
    """What the lines of a block say, as names of fields and values; None when one of them is no credit. A line that may
    be a name says nothing, but goes with the others."""
    found: list[tuple[str, str]] = []
    for line in text.split("\n"):
        parts = [part for part in _PARTS.split(line.strip()) if part]
        told = [list(_told(part)) for part in parts]
        if not any(told) and _is_name(line, labelled=False):
            continue
        others = [part for part, values in zip(parts, told, strict=True) if not values]
        if len(others) == len(parts) or len(others) > 1 or any(len(part) > OTHER_CHARACTERS for part in others):
            return None
        found += [value for values in told for value in values]
    return found or None


def _told(part: str) -> Iterator[tuple[str, str]]:
    """What one part of a line says; nothing when it is no credit."""
    for name, label in (("published", _PUBLISHED), ("modified", _UPDATED)):
        if (found := label.match(part)) and (when := _when(part[found.end() :])):
            yield name, when
            return
    if when := _when(part):
        yield "day", when
    elif found := _BY.match(part):
        yield from _signed(part[found.end() :], labelled=found["label"] is not None)
    elif day := _day_beside_a_name(part):
        yield "day", day


def _day_beside_a_name(part: str) -> str | None:
    """The day of "Mara Lindqvist, 12 April 2025", either way round. The name may be a place's: it says nothing."""
    for comma in re.finditer(r"[,،] ", part):
        before, after = part[: comma.start()], part[comma.end() :]
        for name, date in ((before, after), (after, before)):
            if _is_name(name, labelled=True) and (day := _day(date)) and day >= EARLIEST_YEAR:
                return day
    return None


def _when(text: str) -> str | None:
    """A day, or a time where its zone is stated, in ISO 8601; None when the text is anything else."""
    found = dates.usable(text) if dates.is_numeric(text) else None
    found = found or _day(text)
    return found if found and found >= EARLIEST_YEAR else None


def _day(text: str) -> str | None:
    try:
        day = dates.day(_CLOCK.sub("", text).strip(" .,،()"))
    except ValueError:
        return None
    return day.isoformat() if day else None


def _signed(text: str, *, labelled: bool) -> Iterator[tuple[str, str]]:
    """The names after "by", and a date that may follow them."""
    names, _, rest = text.partition(",") if not _LIST.search(text) else (text, "", "")
    for end in (match.start() for match in re.finditer(r"[,،] ", text)):
        if day := _day(text[end + 2 :]):
            names, rest = text[:end], ""
            yield "day", day
            break
    people = [name.strip() for name in _AND.split(names.strip().rstrip("."))]
    if len(rest) <= OTHER_CHARACTERS and people and all(_is_name(name, labelled) for name in people):
        yield "author", "; ".join(people)


def _is_name(text: str, labelled: bool) -> bool:
    """Whether a text can be a person's name: some words with capitals, small ones only between them."""
    words = text.split()
    if len(words) not in NAME_WORDS and not (labelled and len(words) == 1):
        return False
    if any(not _NAME_WORD.fullmatch(word) or word.casefold() in _NO_NAMES for word in words):
        return False
    return all(not word[0].islower() or word in _PARTICLES for word in words) and not words[-1][0].islower()


def _read_dateline(text: str, header: Header) -> Iterator[str]:
    """Keeps a dateline, and yields its day if its year is stated: a place in capitals, or any place with an agency."""
    found = _DATELINE.match(text)
    if found is None or not _is_dateline(*found.group("place", "date", "agency")):
        return
    header.dateline = header.dateline or found.group().strip(" -—–:")
    day = _day(found["date"] or "")
    if day and day >= EARLIEST_YEAR:
        yield day


def _is_dateline(place: str, date: str | None, agency: str | None) -> bool:
    if date:
        return (place.isupper() or agency is not None) and (_day(date) is not None or _is_yearless(date))
    return agency is not None and not agency[1].islower()


def _is_yearless(text: str) -> bool:
    found = _YEARLESS.fullmatch(dates.plain(text.strip()))
    try:
        return found is not None and dates.month(found["after"] or found["before"]) > 0
    except ValueError:
        return False
