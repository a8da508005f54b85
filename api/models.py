"""The models of a process, each loaded when it is first needed, once, and shared by all libraries that name it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from api.settings import Settings
from index.embedding.catalogue import DEFAULT_EMBEDDER
from index.embedding.contract import Embedder, Reranker
from index.embedding.embedder import load_embedder
from index.embedding.hardware import Hardware
from index.embedding.loading import hardware_of
from index.embedding.reranker import load_reranker
from index.errors import ModelUnknown
from index.ingest import model_name
from index.library.contract import Library

T = TypeVar("T")

log = logging.getLogger(__name__)


class Once(Generic[T]):
    """Calls a function when its value is first asked for, and keeps the value; other threads wait for it."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._values: list[T] = []

    @property
    def done(self) -> bool:
        """Whether the value is there."""
        return bool(self._values)

    def __call__(self) -> T:
        """The value, made now if it was not."""
        with self._lock:
            if not self._values:
                self._values.append(self._make())
            return self._values[0]


class Models:
    """Loads what the settings name. Safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._gate = threading.Lock()
        self._embedders: dict[str, Once[Embedder]] = {}
        self.reranker: Once[Reranker | None] | None = Once(self._reranker) if settings.reranker else None

    def embedder_for(self, library: Library) -> Embedder:
        """The model that the settings name, else the one that made the library's vectors, else the default one."""
        name = self._name(library)
        with self._gate:
            once = self._embedders.setdefault(name, Once(lambda: load_embedder(name, **self._settings.hardware())))
        return once()

    def hardware_for(self, library: Library) -> Hardware | None:
        """What that model runs on, or would if it were loaded; None where it was never fetched."""
        return hardware_of(self._name(library), "embedder", **self._settings.hardware())

    def _name(self, library: Library) -> str:
        return self._named(library) or model_name(library.fingerprint) or DEFAULT_EMBEDDER

    def _named(self, library: Library) -> str | None:
        """The model that the settings name; None once the library left it for another one and keeps its vectors."""
        named = self._settings.model
        if not named or named == model_name(library.fingerprint):
            return named
        kept = library.status().beside
        return None if kept and model_name(kept.fingerprint) == named and not kept.passages_without_vectors else named

    def _reranker(self) -> Reranker | None:
        """The cross-encoder; None, once said in the log, where it was never fetched: answers do without it then."""
        try:
            return load_reranker(self._settings.reranker, **self._settings.hardware())
        except ModelUnknown as error:
            log.warning("answers are ranked without a reranker: %s", error.message)
            return None
