"""The answers given last, so that going back, or on from hit to hit, asks nothing again.

An answer is good for the library's generation that gave it, and for some minutes, since "last week" moves.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple
from weakref import WeakKeyDictionary

from api.service import Service
from search.answer import Answer
from search.query import Query

KEPT = 64
SECONDS = 600.0


class _Kept(NamedTuple):
    answer: Answer
    generation: int
    until: float


class Answers:
    """Up to `KEPT` answers a service, by query. Safe to use from several threads.

    Args:
        clock: seconds that only ever go up.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turn = threading.Lock()
        self._services: WeakKeyDictionary[Service, OrderedDict[Query, _Kept]] = WeakKeyDictionary()

    def get(self, service: Service, query: Query) -> Answer:
        """The answer with what every stage said, as it was given if that is still good."""
        explained = replace(query, explain=True)
        with service.library.snapshot() as snapshot:
            generation = snapshot.generation
        with self._turn:
            answers = self._services.setdefault(service, OrderedDict())
            kept = answers.pop(explained, None)
        if kept is None or kept.generation != generation or kept.until < self._clock():
            answer = service.search(explained)
            kept = _Kept(answer, answer.library.generation, self._clock() + SECONDS)
        with self._turn:
            answers[explained] = kept
            while len(answers) > KEPT:
                answers.popitem(last=False)
        return kept.answer
