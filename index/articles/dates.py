"""Dates as articles and people write them, made ISO 8601; and the instant that a date stands for.

Knows no article, and of languages only the English names of months, which e-mail and feeds use everywhere.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?P<month>[A-Za-z]{3,9})\.?,?\s+(?P<year>\d{4})")
_MONTH_FIRST = re.compile(r"(?P<month>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})")
_DATE_ONLY = re.compile(r"\d{4}-?\d{2}-?\d{2}|\d{4}-?W\d{2}-?\d")
_SPACE_BEFORE_OFFSET = re.compile(r"\s+(?=(?:[+-]\d{2}:?\d{2}|Z)$)")


def iso(written: str) -> str:
    """A date or time in ISO 8601, as `Article.published` has it.

    Args:
        written: an ISO 8601 date or date-time, an e-mail date (``Mon, 13 Jan 2025 09:30:00 GMT``), or a day in
            English (``January 13, 2025``, ``13 Jan 2025``).

    Returns:
        ``2025-01-13`` for a date, ``2025-01-13T09:30:00+01:00`` for a time; a time without a zone is taken as UTC.

    Raises:
        ValueError: no such day or time exists, or the form is none of these. The message says which.
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


def _parsed(written: str) -> date | datetime:
    """A date, or an aware date-time."""
    if _DATE_ONLY.fullmatch(written):
        return date.fromisoformat(written)
    for pattern in (_DAY_FIRST, _MONTH_FIRST):
        if found := pattern.fullmatch(written):
            return date(int(found["year"]), _month(found["month"]), int(found["day"]))
    moment = _time(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _time(written: str) -> datetime:
    """A time as e-mail writes it (``Mon, 13 Jan …``, ``13 Jan …``) or as ISO 8601 does."""
    mail = written[:1].isalpha() or written[1:2] == " " or written[2:3] == " "
    try:
        return parsedate_to_datetime(written) if mail else datetime.fromisoformat(_SPACE_BEFORE_OFFSET.sub("", written))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{error}; give a date such as 2025-01-13 or a time such as 2025-01-13T09:30:00Z") from None


def _month(name: str) -> int:
    """The number of a month from its English name or its first letters."""
    found = [number for number, month in enumerate(_MONTHS, 1) if name.lower().startswith(month)]
    if not found:
        raise ValueError(f"there is no month {name!r}")
    return found[0]
