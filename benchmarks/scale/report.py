"""How the figures of growth are shown: tables in Markdown, and lines in an SVG drawn by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from search.evaluation.chart import COLOURS

Figures = Mapping[str, Any]

_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 250, 150, 60, 70, 70


def table(found: Figures, sizes: Sequence[int]) -> str:
    """All tables."""
    about = f"{found['taken']}, {found['machine']}; grown from {found['real passages']:,} real passages"
    parts = [about, _growth(found, sizes), _filters(found, sizes)]
    parts += [_vectors(alone) for name, alone in found.items() if name.startswith("vectors ") and alone]
    parts += [_kinds(found["kinds"])] if "kinds" in found else []
    parts += [_likeness(found["likeness"])]
    return "\n\n".join(parts) + "\n"


def _growth(found: Figures, sizes: Sequence[int]) -> str:
    lines = {
        "open, s": lambda one: one["open seconds"],
        "dense top 100, ms (p95)": lambda one: _with_p95(one["dense"]),
        "the same at first, files not in memory, ms": lambda one: one["dense"]["cold median ms"],
        "recall@10": lambda one: one["dense"]["recall@10"],
        "raw faiss for as many candidates, ms": lambda one: one["raw faiss"]["median ms"],
        "ratio to raw faiss": lambda one: one["ratio to raw faiss"],
        "lexical top 100, ms (p95)": lambda one: _with_p95(one["lexical"]),
        "storing one article until it is found, ms (p95)": lambda one: _with_p95(one["put one article"]),
        "memory a passage while searching, bytes": lambda one: one["bytes a passage"]["VmRSS"],
    }
    rows = [[name, *(line(found[f"library {size}"]) for size in sizes)] for name, line in lines.items()]
    rows.append(["POST /v1/search without rerank, ms (p95)", *(_with_p95(found[f"served {size}"]) for size in sizes)])
    rows.append(["memory of the server, MB", *(_megabytes(found[f"served {size}"]) for size in sizes)])
    added = [found[f"made {size}"].get("added in seconds", "not measured") for size in sizes]
    rows.append(["adding what the smaller one lacks, s", *added])
    return _markdown(["", *(f"{size:,}" for size in sizes)], rows)


def _filters(found: Figures, sizes: Sequence[int]) -> str:
    rows = []
    for size in sizes:
        one = found[f"library {size}"]
        plain = one["dense"]["median ms"]
        rows += [
            [
                f"{size:,}",
                f"{tag.removeprefix('share')} %",
                _with_p95(some["dense"]),
                round(some["dense"]["median ms"] / plain, 2),
                some["dense"]["recall@10"],
                some["dense"]["fewest"],
                some["dense"]["first ms"],
                _with_p95(some["lexical"]),
            ]
            for tag, some in one["filtered"].items()
        ]
    heads = ["passages", "pass", "dense, ms (p95)", "times unfiltered", "recall@10", "fewest of 100", "first, ms"]
    heads.append("lexical, ms (p95)")
    return _markdown(heads, rows)


def _vectors(alone: Figures) -> str:
    """The vector part without a library."""
    row = {
        "vectors alone": f"{alone['rows']:,}",
        "build, s": alone["build"]["seconds"],
        "open, s": alone["open seconds"],
        "top 100, ms (p95)": _with_p95(alone["dense"]),
        "at first, files not in memory, ms": alone["dense"]["cold median ms"],
        "recall@10": alone["dense"]["recall@10"],
        "raw faiss, ms": alone["raw faiss"]["median ms"],
        "memory a row, bytes": alone["bytes a row"]["VmRSS"],
    }
    return _markdown(list(row), [list(row.values())])


def _kinds(figures: Sequence[Figures]) -> str:
    heads = ["kind", "passages", "bytes a row", "build, processor s", "ms at .97", "ms at .99", "best recall@10"]
    rows = [
        [
            one["kind"],
            f"{one['rows']:,}",
            one["bytes_a_row"],
            one["build_seconds"],
            *(one["reached"].get(goal, {}).get("ms", "not reached") for goal in ("0.97", "0.99")),
            one["best_recall"],
        ]
        for one in figures
    ]
    return _markdown(heads, rows)


def _likeness(both: Mapping[str, Figures]) -> str:
    heads = ["vectors", "passage to its nearest, .1 .5 .9", "question to its 10th", "dimension", "IVF recall by lists"]
    rows = [
        [
            name,
            " ".join(map(str, one["passage_distance"])),
            " ".join(map(str, one["question_distance"])),
            " and ".join(map(str, one["dimension"])),
            ", ".join(f"{lists}: {share}" for lists, share in one["ivf"].items()),
        ]
        for name, one in both.items()
    ]
    return _markdown(heads, rows)


def _megabytes(served: Figures) -> int:
    return round(served["resident"]["VmRSS"] / 2**20)


def _with_p95(times: Figures) -> str:
    return f"{times['median ms']} ({times['p95 ms']})"


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def chart(found: Figures, sizes: Sequence[int]) -> str:
    """Build time, query times, memory and recall by the number of passages, both axes logarithmic but for recall; the
    vector part goes on to where it was measured alone."""
    alone = [one for name, one in found.items() if name.startswith("vectors ") and one]
    libraries = [found[f"library {size}"] for size in sizes]
    made = [one["processor seconds"] for size in sizes if (one := found[f"made {size}"])]
    panels = [
        ("adding all passages, processor s", {"": [sum(made[: at + 1]) for at in range(len(made))]}),
        (
            "median ms",
            {
                "dense": [one["dense"]["median ms"] for one in (*libraries, *alone)],
                "lexical": [one["lexical"]["median ms"] for one in libraries],
                "whole search": [found[f"served {size}"]["median ms"] for size in sizes],
            },
        ),
        ("memory a passage, bytes", {"": [one["bytes a passage"]["VmRSS"] for one in libraries]}),
        ("recall@10", {"": [one["dense"]["recall@10"] for one in (*libraries, *alone)]}),
    ]
    width = 2 * (_LEFT + _WIDTH) + _GAP
    height = 2 * (_HEIGHT + _GAP) + _TOP
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Growth">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        '<text x="16" y="24" font-size="15" font-weight="600" fill="#222">By the number of passages</text>',
    ]
    for at, (title, series) in enumerate(panels):
        x, y = _LEFT + at % 2 * (_WIDTH + _GAP), _TOP + at // 2 * (_HEIGHT + _GAP)
        drawn += _panel(title, [*sizes, *(one["rows"] for one in alone)], series, x, y)
    return "\n".join([*drawn, "</svg>\n"])


def _panel(title: str, sizes: Sequence[int], series: Mapping[str, Sequence[float]], x: int, y: int) -> list[str]:
    straight = title.startswith("recall")
    values = [value for line in series.values() for value in line]
    low, high = (0.9, 1.0) if straight else (min(values) / 1.3, max(values) * 1.3)

    def across(size: int) -> float:
        return x + _WIDTH * math.log(size / sizes[0]) / max(math.log(sizes[-1] / sizes[0]), 1e-9)

    def up(value: float) -> float:
        share = (value - low) / (high - low) if straight else math.log(value / low) / math.log(high / low)
        return y + _HEIGHT * (1 - share)

    drawn = [
        f'<text x="{x}" y="{y - 24}" fill="#222">{escape(title)}</text>',
        f'<path d="M{x} {y}V{y + _HEIGHT}H{x + _WIDTH}" fill="none" stroke="#999"/>',
    ]
    drawn += [
        f'<text x="{across(size):.0f}" y="{y + _HEIGHT + 15}" text-anchor="middle" fill="#555">{size:,}</text>'
        for size in sizes
    ]
    for colour, (name, line) in zip(COLOURS, series.items(), strict=False):
        points = " ".join(f"{across(size):.1f},{up(value):.1f}" for size, value in zip(sizes, line, strict=False))
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for at, (size, value) in enumerate(zip(sizes, line, strict=False), start=1):
            last = at == len(line)
            label = f"{value:g} {escape(name) if last else ''}".strip()
            anchor = "middle" if not last else "end" if size == sizes[-1] else "start"
            drawn.append(
                f'<text x="{across(size):.1f}" y="{up(value) - 5:.1f}" text-anchor="{anchor}" font-size="10" '
                f'fill="{colour}">{label}</text>'
            )
    return drawn
