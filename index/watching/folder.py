"""What changed in a folder between two looks at it. Knows no articles.

A look asks the file system for every file's size and times. That is slower to notice than the system's own events
would be, by a second, and cheap beside reading (100,000 files: see ARCHITECTURE.md); it needs no library, works on
network and container mounts, where events do not arrive, and cannot miss a change.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from index.articles.readers.reading import files_of
from index.errors import Unreadable


class Stamp(NamedTuple):
    """What tells two states of a file apart."""

    size: int
    written_ns: int
    changed_ns: int
    inode: int


class File(NamedTuple):
    """A file and what its articles are named by."""

    path: Path
    origin: str


class Look(NamedTuple):
    """What one look found.

    Attributes:
        ready: files that are new or have changed, and are no longer being written.
        gone: the origins of files that were there before.
        problem: why the folder cannot be seen whole; nothing counts as gone then.
    """

    ready: list[File]
    gone: list[str]
    problem: Unreadable | None = None


class Folder:
    """A folder that is looked at again and again.

    Args:
        path: the folder.
        known: origins of files that were there at an earlier time, in an earlier process.
    """

    def __init__(self, path: Path, known: Iterable[str] = ()) -> None:
        self.path = path.absolute()
        self._read: dict[str, Stamp | None] = dict.fromkeys(known)
        self._seen: dict[str, Stamp] = {}
        self._whole = False

    def look(self, *, settled: bool = True) -> Look:
        """What changed since the files were last found ready.

        Args:
            settled: tell only what was so at the look before, too: somebody may still be writing or moving files.
        """
        files, problem = self._files()
        now = {file.origin: stamp for file, stamp in files}
        before, was_whole = (self._seen, self._whole) if settled else (now, True)
        self._seen, self._whole = now, problem is None
        ready = [file for file, stamp in files if before.get(file.origin) == stamp != self._read.get(file.origin)]
        gone = [origin for origin in self._read if origin not in now and origin not in before]
        if not (self._whole and was_whole):
            gone = []
        self._read |= {file.origin: now[file.origin] for file in ready}
        for origin in gone:
            del self._read[origin]
        return Look(ready, gone, problem)

    def _files(self) -> tuple[list[tuple[File, Stamp]], Unreadable | None]:
        """The files with their stamps, and what kept some of them from being seen."""
        files: list[tuple[File, Stamp]] = []
        problem = None
        for found in map(_stamped, files_of(self.path)):
            if isinstance(found, Unreadable):
                reason = f"{found.reason}; so nothing of {self.path} is deleted"
                problem = Unreadable(reason, origin=found.origin)
            elif found is not None:
                files.append(found)
        if self._read and not files and problem is None:
            reason = "it is empty, and was not before; so nothing of it is deleted. If that is meant: `pincite delete`"
            problem = Unreadable(reason, origin=str(self.path))
        return files, problem


def _stamped(found: tuple[Path, str] | Unreadable) -> tuple[File, Stamp] | Unreadable | None:
    """A file with its stamp; None where it has gone just now, or is a link to nothing."""
    if isinstance(found, Unreadable):
        return found
    file = File(*found)
    try:
        status = file.path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        return Unreadable(error.strerror or str(error), origin=file.origin)
    return file, Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
