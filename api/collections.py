"""Collections: libraries beside each other in one server, by name, over the same models.

The library of the settings is the collection `default`; each sub-folder of the settings' `collections` folder that
holds a library is one more. A name is looked up among the folders that are there; no path is made of it. Who may use
which is `access`'s to say.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from api.models import Models
from api.service import Service
from api.settings import Settings
from index.errors import CollectionNotFound, InvalidInput
from index.library.opening import holds_library

DEFAULT = "default"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
GOING = ".going"


class Collections:
    """The services of one process by name, each opened when it is first asked for. Safe to use from several threads.

    Args:
        default: the service of the collection `default`; it is closed with the rest.
        folder: where the further libraries are, None where there are none.
        opened: makes the service of a library; told the library's folder and whether to make one.
    """

    def __init__(
        self,
        default: Service,
        folder: Path | None = None,
        opened: Callable[[Path, bool], Service] | None = None,
    ) -> None:
        self._folder, self._opened = folder, opened
        self._gate = threading.RLock()
        self._services = {DEFAULT: default}

    @classmethod
    def open(cls, settings: Settings, *, create: bool = False) -> Self:
        """The collections that the settings name, over models that are loaded once.

        Raises:
            LibraryMissing: there is no default library, and `create` is not set.
        """
        models = Models(settings)

        def opened(library: str | Path, make: bool) -> Service:
            return Service.open(settings.with_values(library=str(library)), create=make, models=models)

        folder = Path(settings.collections) if settings.collections else None
        return cls(opened(settings.library, create), folder, opened)

    @property
    def default(self) -> Service:
        """The service of the collection `default`."""
        return self._services[DEFAULT]

    def names(self) -> list[str]:
        """The names of all collections, `default` first."""
        return [DEFAULT, *sorted(set(self._folders()) - {DEFAULT})]

    def service(self, name: str) -> Service:
        """The service of a collection.

        Raises:
            CollectionNotFound: there is none of this name.
        """
        with self._gate:
            if name not in self._services:
                self._services[name] = self._made(self._existing(name), create=False)
            return self._services[name]

    def create(self, name: str) -> Service:
        """Make an empty collection, or find it there already.

        Raises:
            InvalidInput: no good name, or no folder for collections is set.
        """
        _check_name(name)
        if self._folder is None:
            message = "No folder for collections is set: set PINCITE_COLLECTIONS and start again."
            raise InvalidInput(message, field="name")
        with self._gate:
            if name not in self._services:
                self._services[name] = self._made(self._folder / name, create=True)
            return self._services[name]

    def delete(self, name: str) -> None:
        """Delete a collection with everything in it, at once for all; a request that was reading it may fail.

        Raises:
            CollectionNotFound: there is none of this name.
            InvalidInput: the collection `default`, which is the library of the settings.
        """
        if name == DEFAULT:
            raise InvalidInput(f"The collection {DEFAULT!r} is the server's own library and stays.", field="name")
        with self._gate:
            going = self._existing(name).rename(self._existing(name).with_name(f"{name}{GOING}"))
            service = self._services.pop(name, None)
        if service:
            service.close()
        shutil.rmtree(going)

    def close(self) -> None:
        """Close every library."""
        with self._gate:
            for service in self._services.values():
                service.close()

    def _made(self, folder: Path, *, create: bool) -> Service:
        if self._opened is None:
            raise CollectionNotFound(f"There is no collection {folder.name!r}.")
        return self._opened(folder, create)

    def _existing(self, name: str) -> Path:
        try:
            return self._folders()[name]
        except KeyError:
            raise CollectionNotFound(f"There is no collection {name!r}.") from None

    def _folders(self) -> dict[str, Path]:
        """The folders of further libraries by name."""
        if self._folder is None or not self._folder.is_dir():
            return {}
        return {path.name: path for path in self._folder.iterdir() if NAME.fullmatch(path.name) and holds_library(path)}


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name) or name == DEFAULT:
        message = (
            f"{name!r} cannot name a collection. Use 1 to 64 small letters, digits, - and _, a letter or digit first, "
            f"and not {DEFAULT!r}."
        )
        raise InvalidInput(message, field="name")
