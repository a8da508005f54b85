"""Collections: libraries beside each other in one server, by name, over the same models.

The library of the settings is the collection `default`; the shelf holds the others. Who may use which is `access`'s to
say.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from api.models import Models
from api.observing.observer import Observer
from api.service import Service
from api.settings import Settings
from api.shelf import DEFAULT, Shelf


class Collections:
    """The services of one process by name, each opened when it is first asked for. Safe to use from several threads.

    Args:
        default: the service of the collection `default`; it is closed with the rest.
        shelf: where the further libraries are.
        opened: makes the service of the library in a folder.
    """

    def __init__(self, default: Service, shelf: Shelf, opened: Callable[[Path], Service]) -> None:
        self._shelf, self._opened = shelf, opened
        self._gate = threading.RLock()
        self._services = {DEFAULT: default}
        self._watched: Callable[[str], tuple[Observer, ...]] = lambda _: ()

    @classmethod
    def open(cls, settings: Settings, *, create: bool = False) -> Self:
        """The collections that the settings name, over models that are loaded once.

        Raises:
            LibraryMissing: there is no default library, and `create` is not set.
        """
        models = Models(settings)

        def opened(folder: Path) -> Service:
            service = Service.open(settings.with_values(library=str(folder)), models=models)
            service.look_after()
            return service

        return cls(Service.open(settings, create=create, models=models), Shelf.of(settings), opened)

    @classmethod
    def alone(cls, service: Service) -> Self:
        """One service as the collection `default`, and no way to have others."""
        return cls(service, Shelf(None), lambda _: service)

    @property
    def default(self) -> Service:
        """The service of the collection `default`."""
        return self._services[DEFAULT]

    def watched_by(self, observers: Callable[[str], tuple[Observer, ...]]) -> None:
        """Have every service tell these what it does, those too that are opened later; they are made by name."""
        with self._gate:
            self._watched = observers
            for name, service in self._services.items():
                service.observers = observers(name)

    def names(self) -> list[str]:
        """The names of all collections, `default` first."""
        return self._shelf.names()

    def opened(self) -> dict[str, Service]:
        """The services that are open now, by name."""
        with self._gate:
            return dict(self._services)

    def service(self, name: str) -> Service:
        """The service of a collection.

        Raises:
            CollectionNotFound: there is none of this name, or no longer.
        """
        with self._gate:
            known = self._services.get(name)
            if known is None:
                known = self._services[name] = self._opened(self._shelf.folder(name))
                known.observers = self._watched(name)
            elif name != DEFAULT and not self._shelf.holds(name):
                self._services.pop(name).close()
                return self.service(name)
            return known

    def create(self, name: str) -> Service:
        """Make an empty collection, or find it there already; raises what `Shelf.create` raises."""
        with self._gate:
            self._shelf.create(name)
            return self.service(name)

    def delete(self, name: str) -> None:
        """Delete a collection with everything in it, at once for all; a request that was reading it may fail. Raises
        what `Shelf.delete` raises."""
        with self._gate:
            self._shelf.delete(name, before=lambda: self._let_go(name))

    def close(self) -> None:
        """Close every library."""
        for service in self.opened().values():
            service.close()

    def _let_go(self, name: str) -> None:
        if service := self._services.pop(name, None):
            service.close()
