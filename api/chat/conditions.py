"""Conditions as chat tools write them, a key, a comparison and a value, as the library's filters.

A date alone stands for its whole day: later than it means later than its end. What the library cannot compare is
refused with the keys and comparisons that there are. Knows no host's own words for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Literal

from index.articles.dates import instant
from index.errors import InvalidInput
from index.library.contract import FacetField, Filters
from index.library.labels import caseless

Comparison = Literal["eq", "ne", "in", "nin", "gt", "gte", "lt", "lte"]
Scalar = str | int | float | bool
DATE = "published"
TEXTS: Mapping[str, str] = {
    "source": "sources",
    "language": "languages",
    "author": "authors",
    "tag": "tags",
    "tags": "tags",
    "article_id": "article_ids",
}
"""The keys that are compared as texts, and the filter's field for each."""

COUNTED: Mapping[str, FacetField] = {
    "source": "source",
    "language": "language",
    "author": "author",
    "tag": "tag",
    "tags": "tag",
}
"""The keys whose values the library can list, so that parts of values can be looked for."""

_DAY, _MOMENT = timedelta(days=1), timedelta(microseconds=1)
KEYS = (*TEXTS, DATE)
MOST_VALUES = 1_000
MOST_LISTED = 100_000
DEEPEST = 8
"""How deep conditions may stand within conditions."""

NOTHING = Filters(none_of=(Filters(),))
"""What no passage passes."""

DATED = Filters(published_after=datetime.min.replace(tzinfo=UTC))
"""What every article with a date passes."""


def all_of(parts: Iterable[Filters]) -> Filters:
    """What passes all of these."""
    joined = Filters()
    for part in parts:
        joined = Filters(any_of=(part,), also=joined)
    return joined


def any_of(parts: Iterable[Filters]) -> Filters:
    """What passes at least one of these."""
    return Filters(any_of=tuple(parts)) if (parts := tuple(parts)) else NOTHING


def none_of(part: Filters) -> Filters:
    """What does not pass this."""
    return Filters(none_of=(part,))


def compared(key: str, comparison: Comparison, value: Scalar | Sequence[Scalar]) -> Filters:
    """One comparison as filters.

    Raises:
        InvalidInput: an unknown key, or a value or comparison that does not suit it.
    """
    check_key(key)
    if comparison in {"in", "nin"}:
        if isinstance(value, Scalar):
            raise InvalidInput(f"{key}: {comparison} takes a list of values.", field=key)
        either = any_of(compared(key, "eq", one) for one in _few(key, value))
        return none_of(either) if comparison == "nin" else either
    if not isinstance(value, Scalar):
        raise InvalidInput(f"{key}: {comparison} takes one value; use in or nin for several.", field=key)
    if comparison == "ne":
        return none_of(compared(key, "eq", value))
    if key == DATE:
        return _when(comparison, value)
    if comparison != "eq":
        message = f"{key} is a text and cannot be compared by {comparison}; use eq, ne, in or nin."
        raise InvalidInput(message, field=key)
    if not isinstance(value, str):
        raise InvalidInput(f"{key} is a text; {value!r} is none.", field=key)
    return Filters(**{TEXTS[key]: (value,)})  # type: ignore[arg-type]


def resembling(key: str, fits: Callable[[str], bool], list_values: Callable[[FacetField], Iterable[str]]) -> Filters:
    """The articles with a value of this key that fits, by its caseless form.

    Raises:
        InvalidInput: the key's values cannot be listed.
    """
    check_key(key)
    if key not in COUNTED:
        message = f"Parts of {key} cannot be compared, only those of {', '.join(COUNTED)}."
        raise InvalidInput(message, field=key)
    fitting = tuple(value for value in list_values(COUNTED[key]) if fits(caseless(value)))
    return Filters(**{TEXTS[key]: fitting}) if fitting else NOTHING  # type: ignore[arg-type]


def check_key(key: str) -> None:
    """Raises InvalidInput, naming the keys that there are, for an unknown one."""
    if key not in KEYS:
        raise InvalidInput(f"There is no key {key!r} to filter by; there are {', '.join(KEYS)}.", field=key)


def _few(key: str, values: Sequence[Scalar]) -> Sequence[Scalar]:
    if len(values) > MOST_VALUES:
        raise InvalidInput(f"{key}: {len(values):,} values; at most {MOST_VALUES:,} are compared.", field=key)
    return values


def _when(comparison: str, value: Scalar) -> Filters:
    start, end = period(value)
    match comparison:
        case "eq":
            return Filters(published_after=start, published_before=end)
        case "gt":
            return Filters(published_after=end)
        case "gte":
            return Filters(published_after=start)
        case "lt":
            return Filters(published_before=start)
        case _:
            return Filters(published_before=end)


def period(value: Scalar) -> tuple[datetime, datetime]:
    """The time that a date, a date and time, or a number of seconds since 1970 stands for, its end exclusive.

    Raises:
        InvalidInput: it is none of these.
    """
    with suppress(ValueError, OverflowError, OSError):
        if isinstance(value, str):
            moment = instant(value)
            return moment, moment + (_MOMENT if ":" in value else _DAY)
        if not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, UTC)
            return moment, moment + _MOMENT
    message = f"{DATE}: {value!r} is no date such as 2025-01-31, no date and time, and no number of seconds."
    raise InvalidInput(message, field=DATE)
