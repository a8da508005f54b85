"""Which rows of a view pass which filters: articles asked of the truth, phrases of the words, joined by and, or, not.

What was worked out for a part is kept with it (`remembered`); which of its rows are alive comes on top each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from index.library.contract import Filters
from index.library.labels import unwanted_phrases, wanted_phrases
from index.library.local.bits import Bits
from index.library.local.matching import Words
from index.library.local.reading import Keys, Reading
from index.library.local.view import Rows, View


class Asked(NamedTuple):
    """What filters ask for apart from what they nest: only rows of these articles and keys, and no rows of those keys;
    None asks for nothing."""

    articles: Keys | None
    wanted: Keys | None
    unwanted: Keys | None


class Filtering:
    """What filters mean at one generation."""

    def __init__(self, view: View, words: Words, reading: Reading) -> None:
        self._view = view
        self._words = words
        self._reading = reading
        self._asked: dict[Filters, Asked] = {}

    def allowed(self, filters: Filters) -> list[Bits | None]:
        """For each part of the view, which rows may be found; None for all."""
        nested = filters.choices() or filters.refused()
        if not nested and all(one is None for one in self._of(filters)):
            return [part.alive for part in self._view.parts]
        return [_alive(part, self._passing(part, filters)) for part in self._view.parts]

    def _passing(self, part: Rows, filters: Filters) -> Bits:
        generation = self._view.generation
        passing = part.passing.get(filters, generation)
        if passing is None:
            passing = self._worked_out(part, filters)
            part.passing.keep(filters, generation, passing)
        return passing

    def _worked_out(self, part: Rows, filters: Filters) -> Bits:
        found = part.chosen(*self._of(filters))
        for choice in filters.choices():
            found = found & self._any(part, choice)
        if refused := filters.refused():
            found = found & ~self._any(part, refused)
        return found

    def _any(self, part: Rows, alternatives: Sequence[Filters]) -> Bits:
        return reduce(or_, [self._passing(part, one) for one in alternatives])

    def _of(self, filters: Filters) -> Asked:
        if filters not in self._asked:
            wanted, unwanted = wanted_phrases(filters), unwanted_phrases(filters)
            self._asked[filters] = Asked(
                self._view.remembered.articles(filters, self._reading),
                self._words.holding(wanted) if wanted else None,
                self._words.touching(unwanted) if unwanted else None,
            )
        return self._asked[filters]


def _alive(part: Rows, passing: Bits) -> Bits:
    return passing if part.alive is None else passing & part.alive
