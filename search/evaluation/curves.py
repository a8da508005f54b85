"""Curves as an SVG, drawn by hand like the bars of `chart`: a figure of 0..1 by a quantity that begins at 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from search.evaluation.chart import COLOURS, drawing

_LEFT, _TOP, _WIDTH, _HEIGHT, _RIGHT, _ROW = 60, 44, 560, 260, 40, 18
_PARTS = 5

Points = Sequence[tuple[float, float]]


class Frame(NamedTuple):
    """What the axes show: up to `most` across, and from `floor` to 1 upwards."""

    most: float
    floor: float

    def place(self, across: float, up: float) -> tuple[float, float]:
        """Where a point lies in the drawing."""
        height = _HEIGHT * (up - self.floor) / (1 - self.floor)
        return round(_LEFT + _WIDTH * across / self.most, 1), round(_TOP + _HEIGHT - height, 1)


def curves(title: str, found: Mapping[str, Points]) -> str:
    """An SVG of curves with common axes.

    Args:
        title: stands above.
        found: by name, points (at least 0 across, 0..1 upwards) in their order; at least one point in all, and one
            that is not at 0.
    """
    every = [point for points in found.values() for point in points]
    lowest = min(up for _, up in every)
    frame = Frame(max(across for across, _ in every), min(0.9, int(lowest * 10) / 10))  # what differs can be seen
    parts = _axes(frame)
    for number, (name, points) in enumerate(found.items()):
        parts += _curve(name, [frame.place(*point) for point in points], number)
    return drawing(title, _LEFT + _WIDTH + _RIGHT, _TOP + _HEIGHT + 40 + _ROW * len(found), parts)


def _curve(name: str, places: Points, number: int) -> list[str]:
    """One curve with its points, and its name below the others'."""
    colour = COLOURS[number % len(COLOURS)]
    through = " ".join(f"{x},{y}" for x, y in places)
    return [
        f'<polyline points="{through}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in places),
        f'<text x="{_LEFT}" y="{_TOP + _HEIGHT + 46 + _ROW * number}" fill="{colour}">{escape(name)}</text>',
    ]


def _axes(frame: Frame) -> list[str]:
    """Thin lines at every fifth upwards, and numbers along both axes."""
    drawn = []
    for part in range(_PARTS + 1):
        across, up = frame.most * part / _PARTS, frame.floor + (1 - frame.floor) * part / _PARTS
        x, y = frame.place(across, up)
        drawn += [
            f'<line x1="{_LEFT}" y1="{y}" x2="{_LEFT + _WIDTH}" y2="{y}" stroke="#ddd"/>',
            f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end" fill="#555">{up:.2f}</text>',
            f'<text x="{x}" y="{_TOP + _HEIGHT + 20}" text-anchor="middle" fill="#555">{across:.0f}</text>',
        ]
    return drawn
