"""Which texts go through the model together. Knows lengths only, no texts and no model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Positions in groups of similar length, longest first, each group within a budget of tokens.

    A group is padded to its longest text; sorting keeps that waste small, and counting it against the budget bounds
    memory. Every position comes once; a text that is longer than the budget has a group of its own.

    Args:
        lengths: the number of tokens of each text, at least 0.
        budget: the most tokens in a group, padding included.
    """
    order = sorted(range(len(lengths)), key=lambda position: -lengths[position])
    start = 0
    while start < len(order):
        size = max(1, budget // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size
