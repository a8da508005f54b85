"""The shelf: the folder whose sub-folders are the further libraries, and which names they have.

A name is looked up among the folders that are there, or checked before a folder is made of it; so no path comes from
outside. Opens no library; that is `collections`'s.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Self

from api.settings import Settings
from index.errors import CollectionNotFound, InvalidInput
from index.library.opening import holds_library, open_library

DEFAULT = "default"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
GOING = ".going"


class Shelf:
    """Names and folders of further libraries. The library of the settings is `DEFAULT`, and elsewhere.

    Args:
        root: the folder, None where there are no further libraries.
    """

    def __init__(self, root: Path | None) -> None:
        self._root = root

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The shelf that the settings name."""
        return cls(Path(settings.collections) if settings.collections else None)

    def names(self) -> list[str]:
        """The names of all collections, `default` first."""
        return [DEFAULT, *sorted(self._folders())]

    def folder(self, name: str) -> Path:
        """The folder of a further library.

        Raises:
            CollectionNotFound: there is none of this name.
        """
        try:
            return self._folders()[name]
        except KeyError:
            raise not_found(name) from None

    def holds(self, name: str) -> bool:
        """Whether there is (still) a library of this name."""
        return self._root is not None and NAME.fullmatch(name) is not None and holds_library(self._root / name)

    def create(self, name: str) -> Path:
        """The folder of a new, empty library, or of the one that is there already.

        Raises:
            InvalidInput: no good name, or no folder for collections is set.
        """
        if not NAME.fullmatch(name) or name == DEFAULT:
            message = (
                f"{name!r} cannot name a collection. Use 1 to 64 small letters, digits, - and _, a letter or digit "
                f"first, and not {DEFAULT!r}."
            )
            raise InvalidInput(message, field="name")
        if self._root is None:
            message = "No folder for collections is set: set PINCITE_COLLECTIONS and start again."
            raise InvalidInput(message, field="name")
        open_library(self._root / name, create=True).close()
        return self._root / name

    def delete(self, name: str, before: Callable[[], None] = lambda: None) -> None:
        """Delete a library with everything in it: out of sight first, then whatever `before` does, then from the disk.

        Raises:
            CollectionNotFound: there is none of this name.
            InvalidInput: the collection `default`, which is the library of the settings.
        """
        if name == DEFAULT:
            raise InvalidInput(f"The collection {DEFAULT!r} is the server's own library and stays.", field="name")
        folder = self.folder(name)
        going = folder.rename(folder.with_name(f"{name}.{secrets.token_hex(4)}{GOING}"))
        before()
        shutil.rmtree(going)

    def _folders(self) -> dict[str, Path]:
        if self._root is None or not self._root.is_dir():
            return {}
        found = {path.name: path for path in self._root.iterdir() if NAME.fullmatch(path.name) and holds_library(path)}
        return {name: path for name, path in found.items() if name != DEFAULT}


def not_found(name: str) -> CollectionNotFound:
    """The one thing said of collections that are not there and of those that the caller may not know of."""
    return CollectionNotFound(f"There is no collection {name!r}.")


def chosen(settings: Settings, collection: str) -> Settings:
    """The settings with a collection's library in place of their own.

    Raises:
        CollectionNotFound: there is none of this name.
    """
    if collection == DEFAULT:
        return settings
    return settings.with_values(library=str(Shelf.of(settings).folder(collection)))
