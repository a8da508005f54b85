"""Files that are there whole or not at all: written beside, synced to the disk, then renamed."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from pathlib import Path

log = logging.getLogger(__name__)


def replaced(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Put `content` at `path` in one step, also for a reader or a crash in between. One writer at a time.

    `mode` is who may read it, less what the process's umask takes away.
    """
    beside = removed(path.with_name(path.name + ".new"))
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as file:
        file.write(content)
    synced(beside).rename(path)
    synced(path.parent)


def made(folder: Path) -> Path:
    """See to it that there is a folder, which the disk knows of, and of those above it that are made; returns it."""
    missing = [path for path in folder.parents if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in (folder, *missing):
        synced(path.parent)
    return folder


def put_in_place(path: Path, target: Path) -> None:
    """Move a file or a folder, whose content is on the disk, to where nothing is, on the same disk, in one step."""
    path.rename(target)
    synced(target.parent)


def synced(path: Path) -> Path:
    """Wait until a file's content, or a folder's list of files, is on the disk; returns `path`."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
    return path


def removed(path: Path) -> Path:
    """See to it that nothing is at `path`, neither a file nor a folder; returns `path`."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return path


def swept(path: Path) -> None:
    """Remove what nobody needs any more, or say in the log that it could not be."""
    try:
        removed(path)
    except OSError as error:
        log.warning("%s cannot be removed (%s); it is not needed any more", path, error)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
