"""Dates as articles and people write them, made ISO 8601; and the instant that a date stands for.

Knows no article. A date that can be read in two ways is refused, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from index.articles.date_words import MONTHS, WEEKDAYS

_NUMBERS = {
    name.replace("_", " "): number
    for months in MONTHS.values()
    for number, names in enumerate(months, 1)
    for name in names.split()
}
_NAME = r"(?P<month>[^\W\d_]{2,12}(?: [^\W\d_]{4,6})?)\.?"
_DAY = r"(?P<day>\d{1,2})"
_YEAR = r"(?P<year>\d{4})"
_DAY_FIRST = re.compile(rf"{_DAY}(?:st|nd|rd|th|er|[.ºª°])? (?:de |of )?{_NAME},? (?:del? )?{_YEAR}(?: г\.?| года)?")
_MONTH_FIRST = re.compile(rf"{_NAME} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}")
_WEEKDAY = "(?:{})".format("|".join(sorted(" ".join(WEEKDAYS.values()).split(), key=len, reverse=True)))
_AROUND = re.compile(rf"^(?:{_WEEKDAY}\.?[,،]? )?(?:(?:den|le|el|il) )?(?=\w)|[,،]? \(?{_WEEKDAY}\)?$")
_ISO_DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}|\d{4}-?W\d{2}-?\d")
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})")
_EASTERN = re.compile(r"(?P<year>\d{4}) ?[年년] ?(?P<month>\d{1,2}) ?[月월] ?(?P<day>\d{1,2}) ?[日号號일]")
_DOTTED = re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4})")
_EITHER = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_CLOCK = re.compile(r"(?P<day>\S+?)[T,]? (?P<clock>\d{2}:\d{2}.*)")
_START = re.compile(r"(\d{4})[-/](\d{2})[-/](\d{2})(?=\D|$)")
_IN_NAME = re.compile(r"(?:^|/)([12]\d{3})(?:-(?=\d\d-)|/(?=\d\d/))(\d{2})[-/](\d{2})(?=[-/_. ]|$)")
_ZONED = re.compile(r"(?:Z|GMT|UTC|[+-]\d{2}:?\d{2})$")
_SPACE_BEFORE_OFFSET = re.compile(r"\s+(?=(?:[+-]\d{2}:?\d{2}|Z)$)")


def iso(written: str) -> str:
    """A date or time in ISO 8601, as `Article.published` has it.

    Args:
        written: an ISO 8601 date or date-time, an e-mail date (``Mon, 13 Jan 2025 09:30:00 GMT``), a day in numbers
            (``2025/01/13``, ``13.01.2025``, ``13/01/2025``, ``2025年1月13日``), or a day in words in one of nine
            languages (``January 13, 2025``, ``lunes, 13 de enero de 2025``).

    Returns:
        ``2025-01-13`` for a date, ``2025-01-13T09:30:00+01:00`` for a time; a time without a zone is taken as UTC.

    Raises:
        ValueError: no such day or time exists, it may be two days (``06/07/2022``), or the form is none of these. The
            message says which.
    """
    moment = _parsed(" ".join(written.split()))
    if isinstance(moment, datetime):
        instant_of(moment)
    return moment.isoformat()


def instant(written: str) -> datetime:
    """The moment that a date or time stands for, aware, in UTC. A date alone is the start of its day in UTC.

    Takes what `iso` takes.

    Raises:
        ValueError: as in `iso`.
    """
    moment = _parsed(" ".join(written.split()))
    if isinstance(moment, datetime):
        return instant_of(moment)
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)


def instant_of(moment: datetime) -> datetime:
    """An aware time in UTC; ValueError when that falls outside the years 1 to 9999."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{moment.isoformat()} is outside the years 1 to 9999 in UTC") from None


def day(written: str) -> date | None:
    """The day that a text is, and nothing else; None when it is no date.

    Raises:
        ValueError: there is no such day or month, or it may be two days.
    """
    folded = " ".join(written.split())
    if _ISO_DAY.fullmatch(folded):
        return date.fromisoformat(folded)
    if found := _EASTERN.fullmatch(folded):
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    text = _AROUND.sub("", plain(folded))
    if either := _EITHER.fullmatch(text):
        return _either(written, *map(int, either.groups()))
    for pattern in (_YEAR_FIRST, _DOTTED):
        if found := pattern.fullmatch(text):
            return date(int(found["year"]), int(found["month"]), int(found["day"]))
    for pattern in (_DAY_FIRST, _MONTH_FIRST):
        if found := pattern.fullmatch(text):
            return date(int(found["year"]), month(found["month"]), int(found["day"]))
    return None


def month(name: str) -> int:
    """The number of a month from its name, as `plain` makes it, or from a usual abbreviation."""
    if name not in _NUMBERS:
        raise ValueError(f"there is no month {name!r}")
    return _NUMBERS[name]


def plain(text: str) -> str:
    """Text without case and without marks above and below its letters: ``Ağustos`` is ``agustos``."""
    parts = unicodedata.normalize("NFKD", text.casefold().replace("ı", "i"))
    return "".join(char for char in parts if not unicodedata.combining(char))


def usable(written: str) -> str | None:
    """A date in ISO 8601, with its time only where its zone is stated, so that none is invented; None when there is no
    such date."""
    folded = " ".join(written.split())
    start = _START.match(folded)
    zoned = _ZONED.search(folded[10:]) is not None
    try:
        found = iso("-".join(start.groups()) if start and not zoned else folded)
    except ValueError:
        return None
    return found if zoned else found[: len("2025-01-13")]


def in_name(name: str) -> str | None:
    """The day that a file's name starts with, or that stands in an address between slashes; None without one."""
    found = _IN_NAME.search(name)
    return usable("-".join(found.groups())) if found else None


def is_numeric(written: str) -> bool:
    """Whether a text starts as ISO 8601 writes a date."""
    return _START.match(written) is not None


def _either(written: str, first: int, second: int, year: int) -> date:
    """A day of which it is not said whether its day or its month goes first."""
    if first <= 12 and second <= 12 and first != second:
        ways = f"{year:04}-{first:02}-{second:02} or {year:04}-{second:02}-{first:02}"
        raise ValueError(f"{written!r} may be two days; write {ways}")
    return date(year, second, first) if second <= 12 else date(year, first, second)


def _parsed(written: str) -> date | datetime:
    """A date, or an aware date-time."""
    if found := day(written):
        return found
    moment = _time(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _time(written: str) -> datetime:
    """A time as e-mail writes it (``Mon, 13 Jan …``, ``13 Jan …``), or as ISO 8601 does, or with a day in numbers."""
    clock = _CLOCK.fullmatch(written)
    if clock and (found := day(clock["day"])):
        written = f"{found.isoformat()}T{clock['clock']}"
    mail = written[:1].isalpha() or written[1:2] == " " or written[2:3] == " "
    try:
        return parsedate_to_datetime(written) if mail else datetime.fromisoformat(_SPACE_BEFORE_OFFSET.sub("", written))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{error}; give a date such as 2025-01-13 or a time such as 2025-01-13T09:30:00Z") from None
