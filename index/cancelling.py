"""Work that nobody waits for any longer stops at the next good place.

Whoever starts the work sets a token for it; the work asks now and then, between steps that leave things whole. Where
nobody set one, nothing is ever cancelled. Threads that are started with a copy of the context share its token.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from index.errors import Cancelled

_TOKEN: ContextVar[Token | None] = ContextVar("cancellation", default=None)


class Token:
    """Says whether the work is still wanted."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """The work is wanted no longer."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether it is wanted no longer."""
        return self._event.is_set()


@contextmanager
def cancelled_by(token: Token) -> Iterator[None]:
    """Let the token speak for the work in this block."""
    before = _TOKEN.set(token)
    try:
        yield
    finally:
        _TOKEN.reset(before)


def check() -> None:
    """Go on only if the work is still wanted.

    Raises:
        Cancelled: it is not.
    """
    token = _TOKEN.get()
    if token is not None and token.cancelled:
        raise Cancelled("Nobody waits for this any longer.")
