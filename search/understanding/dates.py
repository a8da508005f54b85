"""When a question says that things happened: "last week", "in January 2025", "seit März 2024".

A period is a preference and never a filter, so a doubtful form is better left alone: a month's name without a word
such as "in" may be a person's, four digits may count anything. How dates are said stands in `date_words`; here is
which days they mean. Days are calendar days: today is the day of `as_of` on its own clock, and every bound is a
midnight in UTC, as for articles that state a date only.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from search.understanding.date_forms import UNITS, Found, find
from search.understanding.date_vocabulary import DateWords

WEEK = 7
A_FEW = 3
RECENT = timedelta(60)
SEASONS = (3, 6, 9, 12)
"""The months in which spring, summer, autumn and winter begin."""
LAST_LEAP_YEARS = 9
"""Within so many years there is a 29 February, even round 1900."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to `end` (aware, end exclusive), as `words` of the question say."""

    start: datetime
    end: datetime
    words: str


class Days(NamedTuple):
    """From the first day to the one after the last."""

    first: date
    end: date


def period(text: str, as_of: datetime) -> Period | None:
    """The period that a question names, or None; the most telling one where it names several.

    Args:
        text: the question, in any of the languages of `date_words`.
        as_of: when it is asked (aware). "This week", "since March" and "the past three days" end with that day, and
            a period that begins later is none.
    """
    text, today = " ".join(text.split()), as_of.date()
    for found in find(text):
        try:
            days = _DAYS[found.form.kind](found, today)
            start, end = (datetime.combine(day, time(), UTC) for day in days)
        except (ValueError, OverflowError):  # there is no such day
            continue
        if start < end and days.first <= today:
            return Period(start, end, text[found.start : found.end])
    return None


def _named(found: Found, today: date) -> Days:
    """A day, month or year as it is named; without a year, the latest that has begun."""
    return _point(found, "", today, None)


def _since(found: Found, today: date) -> Days:
    return Days(_named(found, today).first, _tomorrow(today))


def _between(found: Found, today: date) -> Days:
    """From the first point to the end of the second; the first is in the second's year, or else the year before."""
    second = _point(found, "b_", today, None)
    first = _point(found, "a_", today, second.first.year)
    if first.first > second.first and found.part("year", "a_") is None:
        first = _point(found, "a_", today, second.first.year - 1)
    return Days(first.first, second.end)


def _before(found: Found, today: date) -> Days:
    return Days(date.min, _point(found, "", today, None).first)


def _after(found: Found, today: date) -> Days:
    return Days(_point(found, "", today, None).end, _tomorrow(today))


def _season(found: Found, today: date) -> Days:
    """The season of a year; without one, the latest that has begun."""
    first = SEASONS[_place(found.parts["season"], found.form.words.seasons)]
    named = found.part("year")
    year = int(named) if named else today.year - (date(today.year, first, 1) > today)
    return _months(year - (named is not None and date(year, first, 1) > today), first)


def _quarter(found: Found, _today: date) -> Days:
    return _months(int(found.parts["year"]), 3 * int(found.parts["quarter"]) - 2)


def _weekend(_found: Found, today: date) -> Days:
    first = today - timedelta((today.weekday() - 5) % WEEK)
    return Days(first, first + timedelta(2))


def _weekday(found: Found, today: date) -> Days:
    """The latest such day; on such a day itself, which may be meant or not, the week up to now."""
    number = _place(found.parts["weekday"], found.form.words.weekdays)
    day = today - timedelta((today.weekday() - number - 1) % WEEK + 1)
    may_be_today = today.weekday() == number
    return Days(day, _tomorrow(today)) if may_be_today or "since" in found.parts else _around(day, "day")


def _recent(_found: Found, today: date) -> Days:
    return Days(today - RECENT, _tomorrow(today))


def _ago(found: Found, today: date) -> Days:
    unit = _unit(found)
    return _past(found, today) if unit == "hour" else _around(_back(today, _count(found), unit), unit)


def _past(found: Found, today: date) -> Days:
    return Days(_back(today, _count(found), _unit(found)), _tomorrow(today))


def _last(found: Found, today: date) -> Days:
    unit = _unit(found)
    return _around(_back(today, 1, unit), unit)


def _this(found: Found, today: date) -> Days:
    """Up to today. A week reaches six days back, so that on a Monday the week that people speak of is there: where
    news quizzes ask about "this week" (96 questions), the articles meant are up to six days old."""
    unit = _unit(found)
    first = today - timedelta(WEEK - 1) if unit == "week" else _around(today, unit).first
    return Days(first, _tomorrow(today))


def _day(back: int) -> Callable[[Found, date], Days]:
    """So many days before today."""
    return lambda _found, today: _around(today - timedelta(back), "day")


_DAYS: Mapping[str, Callable[[Found, date], Days]] = {
    "between": _between,
    "since": _since,
    "before": _before,
    "after": _after,
    "date": _named,
    "month": _named,
    "season": _season,
    "quarter": _quarter,
    "year": _named,
    "ago": _ago,
    "past": _past,
    "last": _last,
    "this": _this,
    "weekend": _weekend,
    "weekday": _weekday,
    "day_before": _day(2),
    "yesterday": _day(1),
    "today": _day(0),
    "recent": _recent,
}


# The calendar


def _point(found: Found, prefix: str, today: date, year: int | None) -> Days:
    """The day, month or year that a form names; where it names no year, in `year`, else the latest that has begun."""
    named, month, day = found.part("year", prefix), found.part("month", prefix), found.part("day", prefix)
    if month is None:
        return _around(date(int(named or ""), 1, 1), "year")
    number, unit = _month(month, found.form.words), "month" if day is None else "day"
    years = [int(named)] if named else [year] if year else range(today.year, today.year - LAST_LEAP_YEARS, -1)
    for candidate in years:
        if int(day or 1) <= monthrange(candidate, number)[1]:
            first = date(candidate, number, int(day or 1))
            if named or year or first <= today:
                return _around(first, unit)
    raise ValueError(f"there is no day {day} in month {number}")


def _month(name: str, words: DateWords) -> int:
    """1 to 12, from a number or a name."""
    if name.isdecimal():
        return int(name)
    return _place(name, words.months) + 1


def _place(name: str, expressions: Sequence[str]) -> int:
    """Which of the expressions a name is, from 0."""
    return next(place for place, expression in enumerate(expressions) if re.fullmatch(expression, name))


def _months(year: int, first: int, count: int = 3) -> Days:
    """So many months of a year, from its month `first` on; they may reach into the next."""
    past = first - 1 + count
    return Days(date(year, first, 1), date(year + past // 12, past % 12 + 1, 1))


def _unit(found: Found) -> str:
    return UNITS[_place(found.parts["unit"], found.form.words.units)]


def _count(found: Found) -> int:
    """How many, in digits or in words; one where it is not said."""
    written = found.parts.get("count", "1")
    if written.isdecimal():
        return int(written)
    if re.fullmatch(found.form.words.few, written):
        return A_FEW
    return next(at for at, names in enumerate(found.form.words.numbers, 2) if re.fullmatch(names, written))


def _around(day: date, unit: str) -> Days:
    """The calendar's day, week (from Monday), month or year that a day is in; an hour counts as its day."""
    if unit == "week":
        first = day - timedelta(day.weekday())
        return Days(first, first + timedelta(WEEK))
    if unit == "month":
        first = day.replace(day=1)
        return Days(first, _tomorrow(first.replace(day=monthrange(first.year, first.month)[1])))
    if unit == "year":
        return Days(date(day.year, 1, 1), _tomorrow(date(day.year, 12, 31)))
    return Days(day, _tomorrow(day))


def _back(day: date, count: int, unit: str) -> date:
    """The day so many units earlier; the last of its month where that has no such day."""
    if unit in {"month", "year"}:
        months = 12 * day.year + day.month - 1 - count * (12 if unit == "year" else 1)
        year, month = months // 12, months % 12 + 1
        return date(year, month, min(day.day, monthrange(year, month)[1]))
    hours = count * {"hour": 1, "day": 24, "week": 24 * WEEK}[unit]
    return day - timedelta(-(-hours // 24))


def _tomorrow(day: date) -> date:
    return day + timedelta(1)
