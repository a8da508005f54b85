"""Who claims passages: a name for this process, and whether the process of another name still lives.

Each name is a file that its process holds a lock on; the operating system lets go of it when the process ends, however
it ends. So what a killed process had claimed is free at once.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack, suppress
from pathlib import Path

from index.errors import LibraryError
from index.library.local.lock import FileLock

SUFFIX = ".lock"


class Owners:
    """The names in one library's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name: str | None = None
        self._held = ExitStack()

    def own(self) -> str:
        """This process's name, taken when it is first asked for."""
        if self._name is None:
            name = secrets.token_hex(8)
            try:
                self._folder.mkdir(exist_ok=True)
            except OSError as error:
                message = f"{self._folder} cannot be written ({error.strerror})."
                raise LibraryError(message, path=str(self._folder)) from error
            self._held.enter_context(FileLock(self._path(name)).held(0))
            self._name = name
        return self._name

    def lives(self, name: str) -> bool:
        """Whether the process of this name still lives."""
        if name == self._name:
            return True
        if not self._path(name).exists():
            return False
        with FileLock(self._path(name)).tried() as taken:
            if taken:
                self._remove(name)
            return not taken

    def close(self) -> None:
        """Give the name back."""
        if self._name is not None:
            self._remove(self._name)
            self._name = None
        self._held.close()

    def _remove(self, name: str) -> None:
        with suppress(OSError):  # then the file stays, which harms nobody: it is the lock on it that counts
            self._path(name).unlink()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{SUFFIX}"
