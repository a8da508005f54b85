"""What a service tells whoever watches it: sizes and times, no texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from index.ingest import Fate


class Observer(Protocol):
    """Watches one service. Called from the threads that do the work, so it must be quick and safe for that."""

    def answered(self, timings_ms: Mapping[str, float]) -> None:
        """A question was answered; how long each stage took, in milliseconds."""
        ...

    def embedded(self, passages: int, seconds: float) -> None:
        """So many passages got vectors, in so much time."""
        ...

    def stored(self, fate: Fate) -> None:
        """What became of one article."""
        ...
