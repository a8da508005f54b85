"""What was worked out for the filters used last, kept while it holds.

Articles never change: a new revision is a new article. So which articles pass a filter is asked once, and later only of
the articles that came since; which rows of a part pass is worked out once for as long as the part lives. Rows that died
meanwhile are told apart elsewhere. What was worked out may lack articles that were dead by then, so it serves only
generations from its own on.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from index.library.contract import Filters
from index.library.local.reading import Keys, Reading

KEPT = 16

T = TypeVar("T")


class Recent(Generic[T]):
    """The values last used, by filters, each for the generations from one on."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._turn = threading.Lock()
        self._kept: OrderedDict[Filters, tuple[int, T]] = OrderedDict()

    def get(self, filters: Filters, generation: int) -> T | None:
        """What is kept and holds for this generation."""
        with self._turn:
            since, value = self._kept.get(filters, (generation + 1, None))
            if since > generation:
                return None
            self._kept.move_to_end(filters)
            return value

    def keep(self, filters: Filters, generation: int, value: T) -> None:
        """Keep a value that was worked out for a generation, unless one is kept that serves older ones too."""
        with self._turn:
            since, _ = self._kept.get(filters, (generation, None))
            self._kept[filters] = (min(since, generation), value)
            self._kept.move_to_end(filters)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


class Passing(NamedTuple):
    """The articles up to a key that pass, ascending."""

    through: int
    articles: Keys


class Remembered:
    """Which articles pass the filters used last."""

    def __init__(self) -> None:
        self._kept: Recent[Passing] = Recent()

    def articles(self, filters: Filters, reading: Reading) -> Keys | None:
        """The keys of the articles that pass, ascending, maybe with some that are dead or newer; None when all do."""
        kept = self._kept.get(filters, reading.generation) or Passing(0, np.empty(0, np.int64))
        newest = reading.newest_article()
        if newest <= kept.through:
            return kept.articles
        more = reading.allowed(filters, kept.through)
        if more is None:
            return None
        passing = Passing(newest, np.concatenate([kept.articles, more]))
        self._kept.keep(filters, reading.generation, passing)
        return passing.articles
