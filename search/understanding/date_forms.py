"""Finds the forms of `date_words` in a text. Knows how they are written, and not which days they mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from search.understanding.date_vocabulary import DateWords
from search.understanding.date_words import LANGUAGES

KINDS = (
    *("between", "since", "before", "after", "date", "month", "season", "quarter", "year"),
    *("ago", "past", "weekend", "weekday", "last", "this", "day_before", "yesterday", "today", "recent"),
)
"""The kinds of forms, the most telling first."""

UNITS = ("hour", "day", "week", "month", "year")

_RELATIVE = frozenset(KINDS[KINDS.index("ago") :]) | {"season"}
_YEAR = r"(?:1[789]|20)\d\d(?!\w|%|[.,:/]\d|[-–]\w)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?!\d)"
_ISO = r"(?P<{0}year3>\d{{4}})-(?P<{0}month3>\d\d)-(?P<{0}day3>\d\d)(?!-)"
_WRITTEN = (
    ("date", re.compile(rf"(?<![\w-]){_ISO.format('')}(?!\w)")),
    ("date", re.compile(r"(?<![\w.])(?P<day>\d{1,2})\.(?P<month2>\d{1,2})\.(?P<year>(?:1[789]|20)\d\d)(?!\w|\.\d)")),
    ("quarter", re.compile(rf"(?<!\w)q(?P<quarter>[1-4])(?: of|,|/)? ?(?P<year>{_YEAR})")),
)


class Form(NamedTuple):
    """One way to say a period: which of `KINDS`, the expression, and its language's words."""

    kind: str
    pattern: re.Pattern[str]
    words: DateWords


class Found(NamedTuple):
    """A form where it stands in a text, as its named parts."""

    form: Form
    start: int
    end: int
    parts: dict[str, str]

    def part(self, name: str, prefix: str = "") -> str | None:
        """A part of a date (``year``, ``month``, ``day``), of the point with this prefix, however it was written."""
        return next(
            (self.parts[key] for key in (f"{prefix}{name}{at}" for at in ("", 2, 3)) if key in self.parts), None
        )


def find(text: str) -> Iterator[Found]:
    """What may be a period, the most telling kinds first. `text` has single spaces."""
    folded = "".join(map(_fold, text))
    for form in _forms():
        for match in form.pattern.finditer(folded):
            if form.kind not in _RELATIVE or not (_is_name(text, match) or _is_foreign(text, match[0], form.words)):
                parts = {name: part for name, part in match.groupdict().items() if part is not None}
                yield Found(form, match.start(), match.end(), parts)


def _is_name(text: str, found: re.Match[str]) -> bool:
    """Whether words such as "Last Week" stand in capitals in the middle of a sentence, as names do. A day of the week
    always does, and is a part of a name where the word before or after it does too: "Black Friday"."""
    before, after = text[: found.start()].rstrip(), text[found.end() :].lstrip()
    if found[0] == found.groupdict().get("weekday"):
        return before.rpartition(" ")[2][:1].isupper() or after[:1].isupper()
    return text[found.start()].isupper() and bool(before) and before[-1] not in ".!?:"


def _is_foreign(text: str, found: str, language: DateWords) -> bool:
    """Whether this is a word of another language too, and nothing in the text speaks for this one."""
    doubtful = re.fullmatch(language.homographs, found)
    return bool(doubtful) and not re.search(language.cues, text.lower().replace("’", "'"))


def _fold(mark: str) -> str:
    """One character as the forms are written: lower case, no accent, a straight apostrophe."""
    if mark in "’ʼ`´":
        return "'"
    bare = unicodedata.normalize("NFD", mark)[0].lower()
    return "i" if bare == "ı" else bare


@cache
def _forms() -> list[Form]:
    """All forms, ordered by kind and language."""
    forms = []
    for kind in KINDS:
        forms += [Form(kind, pattern, LANGUAGES["en"]) for written, pattern in _WRITTEN if written == kind]
        for words in LANGUAGES.values():
            spoken: tuple[str, ...] = getattr(words, kind, ())
            forms += [Form(kind, re.compile(rf"(?<!\w)(?:{_expression(form, words)})(?!\w)"), words) for form in spoken]
    return forms


def _expression(form: str, words: DateWords) -> str:
    """A form with the expressions that its names stand for."""
    points = {name: _point(words, prefix) for name, prefix in (("point", ""), ("first", "a_"), ("second", "b_"))}
    long = "|".join(words.units[UNITS.index("week") :])
    numbers = "|".join(words.numbers)
    return form.format(
        count=rf"(?P<count>[1-9]\d{{0,2}}|{numbers}|{words.few})",
        weekday=f"(?P<weekday>{'|'.join(words.weekdays)})",
        season=f"(?P<season>{'|'.join(words.seasons)})",
        unit=f"(?P<unit>{'|'.join(words.units)})",
        long=f"(?P<unit>{long})",
        **points,
        **_calendar(words, ""),
    )


def _point(words: DateWords, prefix: str) -> str:
    spoken = words.point.format(**_calendar(words, prefix))
    return f"(?:{spoken}|{_ISO.format(prefix)})"


def _calendar(words: DateWords, prefix: str) -> dict[str, str]:
    """Expressions for days, months and years, as groups with this prefix."""
    every = "|".join(words.months)
    sure = "|".join(month for month in words.months if month not in words.doubtful)
    counted = "|".join(language.counted for language in LANGUAGES.values())
    year = rf"{_YEAR}(?! (?:{counted})(?!\w))"
    return {
        "month": f"(?P<{prefix}month>{every})",
        "sure": f"(?P<{prefix}month>{sure})",
        "day": f"(?P<{prefix}day>{_DAY})",
        "day2": f"(?P<{prefix}day2>{_DAY})",
        "year": f"(?P<{prefix}year>{year})",
        "year2": f"(?P<{prefix}year2>{year})",
    }
