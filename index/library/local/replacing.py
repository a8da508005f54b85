"""Putting a library in the place of another one, so that there always is one, wherever that is cut short.

Folders cannot be exchanged in one step everywhere. So the old one is moved aside, and whoever opens the library while
the new one has not followed moves it back. Knows folders, and nothing of what is in a library.
"""

from __future__ import annotations

import logging
from pathlib import Path

from index.library.local.files import put_in_place, removed, swept
from index.library.local.lock import FileLock
from index.library.local.schema import TRUTH

LOCK = "write.lock"
"""The library's own, which goes with it to its place."""

log = logging.getLogger(__name__)


def restoring(folder: Path) -> Path:
    """Where the library is made that is to be at `folder`."""
    return folder.with_name(folder.name + ".restoring")


def _replaced(folder: Path) -> Path:
    return folder.with_name(folder.name + ".replaced")


def exchange(folder: Path) -> None:
    """Put what was made in `restoring` in its place; what is there is moved aside, and back when that fails."""
    with FileLock(restoring(folder) / LOCK).held(0):
        if folder.exists():
            put_in_place(folder, removed(_replaced(folder)))
        try:
            put_in_place(restoring(folder), folder)
        except OSError:
            if not folder.exists() and _replaced(folder).exists():
                put_in_place(_replaced(folder), folder)
            raise


def brought_back(folder: Path, wait: float) -> bool:
    """Whether there is a library, having moved back what was moved aside, unless whoever moved it goes on in `wait`
    seconds."""
    if not _cut_short(folder):
        return False
    with FileLock(restoring(folder) / LOCK).tried(wait) as taken:
        if taken and _cut_short(folder):
            put_in_place(_replaced(folder), folder)
            log.warning("%s is as it was before: taking its place was cut short", folder)
    return (folder / TRUTH).exists()


def _cut_short(folder: Path) -> bool:
    return not folder.exists() and (_replaced(folder) / TRUTH).exists() and restoring(folder).exists()


def clear_away(folder: Path) -> None:
    """Remove what is needed no more."""
    if folder.exists() or not _replaced(folder).exists():  # else `brought_back` needs both
        swept(_replaced(folder))
        swept(restoring(folder))
