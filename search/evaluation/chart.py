"""Bars in groups as an SVG, drawn by hand: no library is needed to show a few dozen numbers of 0..1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

# Okabe and Ito's colours, which the colour-blind tell apart too.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")

_LEFT, _TOP, _PLOT, _BAR, _GAP, _RIGHT = 150, 70, 420, 16, 14, 60


def bars(title: str, groups: Mapping[str, Mapping[str, float]]) -> str:
    """An SVG of horizontal bars.

    Args:
        title: stands above.
        groups: by group, and by series in it, a number of 0..1; a group may lack a series.
    """
    series = list(dict.fromkeys(name for found in groups.values() for name in found))
    colours = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(series)}
    drawn, bottom = [], _TOP
    for label, values in groups.items():
        drawn += _group(label, values, colours, bottom)
        bottom += len(values) * _BAR + _GAP
    width, height = _LEFT + _PLOT + _RIGHT, bottom + 24
    return drawing(title, width, height, [*_legend(series, colours), *_scale(bottom), *drawn])


def drawing(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    """An SVG of these parts on white, with a title above them."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="{escape(title)}">',
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            f'<text x="16" y="24" font-size="15" font-weight="600" fill="#222">{escape(title)}</text>',
            *parts,
            "</svg>\n",
        ]
    )


def _group(label: str, values: Mapping[str, float], colours: Mapping[str, str], top: int) -> list[str]:
    """One group's label and bars, each with its number behind it."""
    middle = top + len(values) * _BAR / 2 + 4
    drawn = [f'<text x="{_LEFT - 10}" y="{middle:.1f}" text-anchor="end" fill="#222">{escape(label)}</text>']
    for place, (name, value) in enumerate(values.items()):
        y, length = top + place * _BAR, max(0.0, min(1.0, value)) * _PLOT
        drawn.append(
            f'<rect x="{_LEFT}" y="{y + 1}" width="{length:.1f}" height="{_BAR - 2}" fill="{colours[name]}">'
            f"<title>{escape(label)}, {escape(name)}: {value:.3f}</title></rect>"
        )
        drawn.append(f'<text x="{_LEFT + length + 5:.1f}" y="{y + 12}" font-size="11" fill="#555">{value:.3f}</text>')
    return drawn


def _legend(series: Sequence[str], colours: Mapping[str, str]) -> list[str]:
    drawn, x = [], 16
    for name in series:
        drawn.append(f'<rect x="{x}" y="38" width="11" height="11" fill="{colours[name]}"/>')
        drawn.append(f'<text x="{x + 16}" y="48" fill="#222">{escape(name)}</text>')
        x += 34 + 7 * len(name)
    return drawn


def _scale(bottom: int) -> list[str]:
    """Thin lines at every fifth."""
    drawn = []
    for fifth in range(6):
        x = _LEFT + fifth * _PLOT / 5
        drawn.append(f'<line x1="{x:.1f}" y1="{_TOP - 4}" x2="{x:.1f}" y2="{bottom - _GAP + 4}" stroke="#ddd"/>')
        drawn.append(f'<text x="{x:.1f}" y="{bottom + 8}" text-anchor="middle" fill="#555">{fifth / 5:.1f}</text>')
    return drawn
