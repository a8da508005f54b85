"""Pages of lines, as what was made for print has them: where their paragraphs end, and what recurs at their edges.

Goes by the lengths and the ends of lines, in no language. Knows no format.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

FEWEST_PAGES = 3
RECURRING_SHARE = 0.3
EDGE_LINES = 2
FEWEST_LINES = 4
SHORT_SHARE = 0.8
HEADING_SHARE = 0.6

_DIGITS = re.compile(r"\d+")
_END = re.compile(r"[.!?…。！？؟:][\"”’»)\]]*$")


def without_running_lines(pages: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Pages without the lines at their top and bottom that recur on many of them, but for the numbers in them.

    Returns:
        The pages, and each line that was taken off, once, in the order of the pages.
    """
    lines = [page.split("\n") for page in pages]
    removed: list[str] = []
    for edge in (0, -1):
        for _ in range(EDGE_LINES):
            keys = [_key(page[edge]) if len(page) > 1 else "" for page in lines]
            counts = Counter(filter(None, keys))
            for page, key in zip(lines, keys, strict=True):
                if counts[key] >= max(FEWEST_PAGES, RECURRING_SHARE * len(lines)):
                    removed.append(page.pop(edge).strip())
    return ["\n".join(page) for page in lines], tuple(dict.fromkeys(removed))


def _key(line: str) -> str:
    return _DIGITS.sub("#", " ".join(line.casefold().split()))


def with_paragraphs(page: str) -> str:
    """A page with a blank line at the end of each paragraph: after a line that ends a sentence before the width of the
    others is reached, and after a heading. A page that has blank lines of its own stays as it is."""
    lines = page.split("\n")
    if len(lines) < FEWEST_LINES or not all(map(str.strip, lines)):
        return page
    width = sorted(map(len, lines))[len(lines) * 9 // 10]
    parts = [lines[0]]
    for line, after in pairwise(lines):
        starts = len(parts) == 1 or parts[-1].startswith("\n")
        ends = len(line) < SHORT_SHARE * width and _END.search(line.rstrip()) is not None
        heads = starts and len(line) < HEADING_SHARE * width and not line[0].islower() and not after[0].islower()
        parts.append(f"\n{after}" if ends or heads else after)
    return "\n".join(parts)
