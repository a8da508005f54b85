"""Finds the files to read, picks each one's format, and turns whatever goes wrong into a named `Unreadable`.

Knows names and folders, not what is inside a format.
"""

from __future__ import annotations

import glob
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from index.articles.article import Draft
from index.articles.readers.archives import gunzipped, unzipped
from index.articles.readers.docx import read_docx
from index.articles.readers.epub import read_epub
from index.articles.readers.feeds import read_feed
from index.articles.readers.files import LARGEST_BYTES, Source
from index.articles.readers.formats import OTHERS, SUFFIXES, format_of
from index.articles.readers.html import read_html
from index.articles.readers.markdown import read_markdown
from index.articles.readers.mhtml import read_mhtml
from index.articles.readers.pdf import read_pdf
from index.articles.readers.records import read_json, read_jsonl
from index.articles.readers.text import read_text
from index.articles.readers.warc import read_warc
from index.errors import Unreadable

Reader = Callable[[Source], Iterator[Draft | Unreadable]]

Unpacker = Callable[[Source], Iterator[Source | Unreadable]]

READERS: dict[str, Reader] = {
    "text": read_text,
    "markdown": read_markdown,
    "html": read_html,
    "mhtml": read_mhtml,
    "json": read_json,
    "jsonl": read_jsonl,
    "feed": read_feed,
    "pdf": read_pdf,
    "docx": read_docx,
    "epub": read_epub,
    "warc": read_warc,
}
UNPACKERS: dict[str, Unpacker] = {"zip": unzipped, "gzip": gunzipped}


def read_paths(paths: Iterable[str | Path], largest: int = LARGEST_BYTES) -> Iterator[Draft | Unreadable]:
    """Read files and folders, in the order given.

    A folder is read with all folders below it, by name; what is hidden (a dot first) or has an unknown suffix is
    passed over there. A file that is named itself is always tried, as plain text when its format cannot be told. ``-``
    is standard input; a name with ``*``, ``?`` or ``[`` stands for all that match it. Nothing is raised for a file that
    cannot be read: an `Unreadable` says why, and the rest goes on.

    Args:
        paths: files, folders and patterns.
        largest: how many bytes one article, or a file that must be read whole, may have.

    Yields:
        Drafts, whose origin is the file's path from the folder's own name on (``folder/page.html``), or its name.
    """
    for found in files_at(paths):
        if isinstance(found, Unreadable):
            yield found
        elif str(found[0]) == "-":
            yield from _read_input(largest)
        else:
            yield from read_file(*found, largest)


def read_bytes(data: bytes, origin: str, largest: int = LARGEST_BYTES) -> Iterator[Draft | Unreadable]:
    """Read what was uploaded under the file name `origin`; as `read_paths` reads a file that is named itself."""
    yield from _read(Source(BytesIO(data), origin, largest))


def _read(source: Source) -> Iterator[Draft | Unreadable]:
    try:
        kind = format_of(source.stream, source.origin)
        if kind in OTHERS:
            raise Unreadable(OTHERS[kind], origin=source.origin)  # noqa: TRY301
        if kind in UNPACKERS:
            yield from _unpacked(UNPACKERS[kind](source))
        else:
            yield from READERS[kind](source)
    except Unreadable as unreadable:
        yield unreadable


def _unpacked(members: Iterator[Source | Unreadable]) -> Iterator[Draft | Unreadable]:
    """The articles of an archive's files; those with an unknown suffix are passed over."""
    for member in members:
        if isinstance(member, Unreadable):
            yield member
        elif Path(member.origin).suffix.lower() in SUFFIXES:
            yield from _read(member)


def _read_input(largest: int) -> Iterator[Draft | Unreadable]:
    """Standard input, kept in a temporary file where it is large: some formats are read from their end."""
    with SpooledTemporaryFile(max_size=largest) as stream:
        shutil.copyfileobj(sys.stdin.buffer, stream)
        stream.seek(0)
        yield from _read(Source(cast("BinaryIO", stream), "stdin", largest))


def read_file(path: Path, origin: str, largest: int = LARGEST_BYTES) -> Iterator[Draft | Unreadable]:
    """Read one file, naming its drafts by `origin`; as `read_paths` reads a file that is named itself."""
    if path.exists() and not path.is_file():
        yield Unreadable("it is neither a file nor a folder", origin=origin)
        return
    try:
        with path.open("rb") as stream:
            yield from _read(Source(stream, origin, largest))
    except OSError as error:
        yield Unreadable(error.strerror or str(error), origin=origin)


def files_at(paths: Iterable[str | Path]) -> Iterator[tuple[Path, str] | Unreadable]:
    """The files that `read_paths` reads for these paths, each with what its drafts are named by."""
    for path in chain.from_iterable(map(_matches, paths)):
        if path.is_dir():
            yield from files_of(path)
        else:
            yield path, _shown(_name(path))


def files_of(folder: Path) -> Iterator[tuple[Path, str] | Unreadable]:
    """The files of a folder that `read_paths` reads, in the order of their paths, each with what its drafts are named
    by. A folder that links lead to again is listed once; one that cannot be listed is named."""
    seen: set[tuple[int, int]] = set()
    waiting = [(folder, _name(folder), True)]
    while waiting:
        path, origin, is_folder = waiting.pop()
        try:
            if not is_folder:
                yield path, _shown(origin)
            elif (place := _place(path)) not in seen:
                seen.add(place)
                waiting += [(path / name, f"{origin}/{name}", deeper) for name, deeper in _listed(path)]
        except OSError as error:
            yield Unreadable(error.strerror or str(error), origin=_shown(origin))


def _matches(path: str | Path) -> list[Path]:
    """The path itself, or the paths that match it by name where it is a pattern and nothing has just that name."""
    named = str(path)
    if not glob.has_magic(named) or Path(named).exists():
        return [Path(named)]
    return [Path(found) for found in sorted(glob.glob(named, recursive=True))] or [Path(named)]  # noqa: PTH207 (patterns may be absolute)


def _listed(folder: Path) -> list[tuple[str, bool]]:
    """The names in a folder that are wanted, the last one first, and whether each is a folder."""
    with os.scandir(folder) as entries:
        listed = [(entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith(".")]
    return sorted((item for item in listed if item[1] or _suffix(item[0]) in SUFFIXES), reverse=True)


def _suffix(name: str) -> str:
    return "".join(name.rpartition(".")[1:]).lower()


def _place(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _name(path: Path) -> str:
    """The last part of a path, also of ``.`` and ``..``."""
    return path.name if path.name not in {"", ".."} else path.resolve().name


def _shown(name: str) -> str:
    r"""A file name as text: a byte that is not UTF-8 is written as ``\xff``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
