"""Fact: something that is said of an article, and where it is said. Knows nothing of pages, records or texts."""

from __future__ import annotations

from typing import NamedTuple


class Fact(NamedTuple):
    """A value and the place that it was found in, such as ``json-ld``, ``meta og:title``, ``byline`` or ``record``."""

    value: str
    place: str
