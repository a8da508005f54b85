"""Where in an array each value stands, for finding all rows of some articles or keys without looking at every row."""

from __future__ import annotations

import numpy as np

from index.library.local.bits import Positions
from index.library.local.reading import Keys


class Places:
    """The positions of each value of an array that does not change; cheapest where its values ascend."""

    def __init__(self, values: Keys) -> None:
        ascending = bool(np.all(values[1:] >= values[:-1]))
        self._order = None if ascending else np.argsort(values, kind="stable")
        self._sorted = values if self._order is None else values[self._order]

    def of(self, wanted: Keys) -> Positions:
        """All positions at which one of these distinct values stands, in no order."""
        first = np.searchsorted(self._sorted, wanted, side="left")
        lengths = np.searchsorted(self._sorted, wanted, side="right") - first
        behind = np.cumsum(lengths)
        total = int(behind[-1]) if len(behind) else 0
        found = np.repeat(first - behind + lengths, lengths) + np.arange(total)
        return found if self._order is None else self._order[found]
