"""Small bar charts as numbers: where each bar stands and how long it is. Templates draw them; no style is set here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from index.library.contract import Facet

MOST_BARS = 48


class Bar(NamedTuple):
    """A bar: the span that it counts (such as ``2025-01`` or ``2025``), its number, and its place and height in units
    of the drawing."""

    label: str
    articles: int
    x: int
    height: float


class Timeline(NamedTuple):
    """Articles over time; `unit` is ``month`` or ``year``."""

    bars: list[Bar]
    unit: str
    width: int


BAR, GAP, HEIGHT = 12, 3, 72


def timeline(months: Sequence[Facet]) -> Timeline:
    """Articles by month, or by year where these would be too many; spans without articles keep their place."""
    counted = dict(months)
    spans, unit = _months(counted), "month"
    if len(spans) > MOST_BARS:
        counted, unit = _by_year(counted), "year"
        years = [int(year) for year in counted]
        spans = [f"{year:04}" for year in range(max(min(years), max(years) - MOST_BARS + 1), max(years) + 1)]
    most = max((counted.get(span, 0) for span in spans), default=0)
    bars = [
        Bar(span, counted.get(span, 0), place * (BAR + GAP), round(HEIGHT * counted.get(span, 0) / most, 1))
        for place, span in enumerate(spans)
    ]
    return Timeline(bars, unit, max(len(bars) * (BAR + GAP) - GAP, 1))


def shares(facets: Sequence[Facet]) -> list[tuple[Facet, float]]:
    """Each value with the length of its bar, 100 being the commonest's."""
    most = max((one.articles for one in facets), default=1)
    return [(one, round(100 * one.articles / most, 1)) for one in facets]


def _months(counted: dict[str, int]) -> list[str]:
    """All months from the first to the last."""
    if not counted:
        return []
    first, last = (12 * int(one[:4]) + int(one[5:]) - 1 for one in (min(counted), max(counted)))
    return [f"{at // 12:04}-{at % 12 + 1:02}" for at in range(first, last + 1)]


def _by_year(counted: dict[str, int]) -> dict[str, int]:
    years: dict[str, int] = {}
    for span, number in counted.items():
        years[span[:4]] = years.get(span[:4], 0) + number
    return years
