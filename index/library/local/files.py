"""Files that are there whole or not at all: written beside, synced to the disk, then renamed. And their checksums."""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import shutil
import struct
import zlib
from pathlib import Path

FOOTER = struct.Struct("<II")
FOOTER_MAGIC = 1337
"""A tantivy file ends in JSON with its CRC-32, followed by that JSON's length and this number."""


def replaced(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step, also for a reader or a crash in between. One writer at a time."""
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(content)
    synced(beside).rename(path)
    synced(path.parent)


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
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return path


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def footer_holds(path: Path) -> bool:
    """Whether a file of tantivy's has the content that its footer tells of.

    Tantivy writes these checksums and does not look at them when it opens an index.
    """
    size = path.stat().st_size
    if size < FOOTER.size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        length, magic = FOOTER.unpack_from(content, size - FOOTER.size)
        end = size - FOOTER.size - length
        if magic != FOOTER_MAGIC or end < 0:
            return False
        with memoryview(content) as view, view[:end] as body:
            return bool(json.loads(content[end : end + length])["crc"] == zlib.crc32(body))
