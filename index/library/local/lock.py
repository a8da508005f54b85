"""The write lock: one writer at a time, among threads and among processes.

It is a `flock` on a file that stays empty, so the operating system releases it when its holder dies, however it dies.
Readers never take it.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import LibraryBusy, LibraryError

POLL_SECONDS = 0.01


class FileLock:
    """An exclusive lock that a file stands for. Not re-entrant."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = threading.Lock()

    @contextmanager
    def held(self, wait: float) -> Iterator[None]:
        """Hold the lock, waiting at most `wait` seconds for it.

        Raises:
            LibraryBusy: somebody else held it all that time.
        """
        with self.tried(wait) as taken:
            if not taken:
                message = (
                    f"{self._path.parent} is being written by another process or thread, and was for {wait:g} seconds. "
                    "Try again when that is done."
                )
                raise LibraryBusy(message, path=str(self._path.parent), waited_seconds=wait)
            yield

    @contextmanager
    def tried(self, wait: float = 0.0) -> Iterator[bool]:
        """Hold the lock if it can be had within `wait` seconds; says whether it is held."""
        deadline = time.monotonic() + wait
        if not self._thread.acquire(timeout=wait):
            yield False
            return
        try:
            file = _opened(self._path)
            try:
                yield _flocked(file, deadline)
            finally:
                os.close(file)  # which releases the lock
        finally:
            self._thread.release()


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise LibraryError(f"{path.parent} cannot be written ({error.strerror}).", path=str(path.parent)) from error


def _flocked(file: int, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
        else:
            return True
