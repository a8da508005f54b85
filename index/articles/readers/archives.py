"""ZIP and gzip files: the files in them, each as a source of its own.

Nothing is written to disk, and a name in an archive only names a draft. What is unpacked is bounded: in all, by file,
in depth, and by how far a file may swell.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from index.articles.readers.files import DEEPEST, Budget, Source
from index.errors import Unreadable

LARGEST_RATIO = 200
FREE_BYTES = 10 * 1024 * 1024
ENCRYPTED = 0x1  # the flag of a member that is locked with a password

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


def unzipped(source: Source) -> Iterator[Source | Unreadable]:
    """The files in a ZIP file, in the order of its list; folders and hidden files are passed over.

    Raises:
        Unreadable: it is no ZIP file, or more would be unpacked than is allowed.
    """
    try:
        with zipfile.ZipFile(source.stream) as archive:
            for entry in archive.infolist():
                origin = f"{source.origin}/{_shown(entry.filename)}"
                if _leads_out(entry.filename):
                    yield Unreadable("its name leads out of the archive; it is not read", origin=origin)
                elif not entry.is_dir() and not _is_hidden(entry.filename):
                    yield from _member(archive, entry, _inside(source, origin))
    except _BROKEN as error:
        raise Unreadable(f"it is a broken ZIP file: {error}", origin=source.origin) from None


def gunzipped(source: Source) -> Iterator[Source | Unreadable]:
    """The file in a gzip file, under its name without ``.gz``; unpacked as it is read."""
    inner = _inside(source, source.origin.removesuffix(".gz"))
    packed = source.stream.seek(0, io.SEEK_END)
    source.stream.seek(0)
    with gzip.GzipFile(fileobj=source.stream) as stream:
        yield replace(inner, stream=_bounded(cast("BinaryIO", stream), packed, inner))


def unpacked_size(archive: zipfile.ZipFile) -> int:
    """How many bytes a ZIP file's members have together; none can be read beyond the size that it states."""
    return sum(entry.file_size for entry in archive.infolist())


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, source: Source) -> Iterator[Source | Unreadable]:
    if entry.flag_bits & ENCRYPTED:
        yield Unreadable("it is locked with a password; unpack it and index the folder", origin=source.origin)
        return
    try:
        with archive.open(entry) as stream:
            yield replace(source, stream=_bounded(cast("BinaryIO", stream), entry.compress_size, source))
    except _BROKEN as error:  # such as a method that is not known
        yield Unreadable(f"it cannot be unpacked: {error}", origin=source.origin)


def _inside(source: Source, origin: str) -> Source:
    """A source one level deeper, its file counted."""
    source.budget.files -= 1
    if source.depth >= DEEPEST:
        raise Unreadable(f"it lies in more than {DEEPEST} archives", origin=source.origin)
    if source.budget.files < 0:
        raise Unreadable("it holds too many files; unpack it and index the folder", origin=source.origin)
    return replace(source, origin=origin, depth=source.depth + 1)


def _leads_out(name: str) -> bool:
    """Whether a name means a place outside the folder that the archive would be unpacked to."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or path.as_posix()[1:2] == ":"


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def _shown(name: str) -> str:
    """A member's name for people: on one line."""
    return "".join(char if char.isprintable() else "�" for char in name)


def _bounded(stream: BinaryIO, packed: int, source: Source) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(_Unpacking(stream, packed, source.budget, source.origin)))


class _Unpacking(io.RawIOBase):
    """A stream that is being unpacked: counts what comes out of it, and turns its errors into `Unreadable`."""

    def __init__(self, stream: BinaryIO, packed: int, budget: Budget, origin: str) -> None:
        self.stream = stream
        self.allowed = max(FREE_BYTES, LARGEST_RATIO * packed)
        self.budget = budget
        self.origin = origin

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As the stream itself; what that reads again or skips is bounded by what was read before."""
        try:
            return self.stream.seek(offset, whence)
        except _BROKEN as error:
            raise Unreadable(f"it is broken: {error}", origin=self.origin) from None

    def tell(self) -> int:
        return self.stream.tell()

    def readinto(self, buffer: Any) -> int:
        """Read on, refusing what swells too far."""
        view = memoryview(buffer)
        try:
            data = self.stream.read(len(view))
        except _BROKEN as error:
            raise Unreadable(f"it is broken: {error}", origin=self.origin) from None
        self.budget.bytes -= len(data)
        if self.budget.bytes < 0 or self.stream.tell() > self.allowed:
            raise Unreadable("it unpacks to far more than an article has; it is refused", origin=self.origin)
        view[: len(data)] = data
        return len(data)
