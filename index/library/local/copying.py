"""A whole library in one file, and a library made from such a file.

The file is a ZIP: the truth as it was at one generation, written while others read and write, what watching remembers
(``*.jsonl``), and last a manifest with the size and SHA-256 of each. The derived parts are not in it: they are made
anew. Both ways everything is written beside its place, synced, and put there in one step when it is whole.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.errors import LibraryDamaged, LibraryError
from index.library.fingerprints import unpacked
from index.library.local import schema
from index.library.local.connection import Connection
from index.library.local.files import made, put_in_place, removed, sha256_of, swept, synced
from index.library.local.inspecting import problems
from index.library.local.library import LocalLibrary
from index.library.local.reading import card
from index.library.local.replacing import brought_back, clear_away, exchange, restoring
from index.library.local.schema import TRUTH

FORMAT = 1
MANIFEST = "manifest.json"
MEMORIES = "*.jsonl"
CHUNK_BYTES = 2**20

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot file says of itself; `files` maps each name to its size in bytes and SHA-256."""

    format: int
    taken: str
    library_format: int
    generation: int
    articles: int
    passages: int
    fingerprint: Mapping[str, object] | None
    files: Mapping[str, tuple[int, str]]


def snapshot(folder: Path, file: Path, report: Report = lambda _: None) -> Manifest:
    """Write the library in a folder to a new file, as it is at one moment; others may read and write meanwhile.

    Raises:
        LibraryError: the file is there already, or cannot be written.
        LibraryDamaged: the truth cannot be read.
    """
    if file.exists():
        raise LibraryError(f"{file} is there already. Choose another name, or move it away.", path=str(file))
    beside, truth = (file.with_name(file.name + suffix) for suffix in (".new", ".truth"))
    try:
        for leftover in (beside, truth):
            removed(leftover)
        memories = {
            path.name: path.read_bytes() for path in sorted(folder.glob(MEMORIES))
        }  # never newer than the truth
        report("copying the truth")
        _copied(folder / TRUTH, truth)
        report("compressing")
        manifest = _written(beside, truth, memories)
        synced(beside)
        put_in_place(beside, file)
    except OSError as error:
        raise LibraryError(f"{file} cannot be written ({error}). Nothing was changed.", path=str(file)) from error
    finally:
        for leftover in (beside, truth):
            swept(leftover)
    return manifest


def restore(file: Path, folder: Path, *, replace: bool = False, report: Report = lambda _: None) -> Manifest:
    """Make a library of a snapshot file: checked against its manifest and looked over before it is put in its place.

    Args:
        file: what `snapshot` wrote.
        folder: where the library is to be.
        replace: take the place of a library that is there. Nobody may have it open.
        report: told what is being done.

    Raises:
        LibraryError: the folder holds something, or cannot be written, or the file is no snapshot.
        LibraryDamaged: the file is not as it was written.
        LibraryNewer: it was made by a newer Pincite.
    """
    beside = restoring(folder)
    try:
        brought_back(folder, 0)
        _refuse(folder, replace=replace)
        made(removed(beside))
        report("checking the file")
        manifest = _extracted(file, beside)
        _brought_up(beside)
        report("making the words and vectors, and looking everything over")
        wrong = problems(beside)
        if wrong:
            raise LibraryDamaged(f"{file} holds a damaged library: {'; '.join(wrong)}. Nothing was changed.")
        exchange(folder)
    except OSError as error:
        raise LibraryError(f"{folder} cannot be restored from {file} ({error}).", path=str(folder)) from error
    finally:
        clear_away(folder)
    return manifest


def _refuse(folder: Path, *, replace: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise LibraryError(f"{folder} is a file; a library is a folder.", path=str(folder))
    holds_library = (folder / TRUTH).exists()
    if holds_library and not replace:
        message = f"There is a library at {folder}. Name another with --library, or take its place with --replace."
        raise LibraryError(message, path=str(folder))
    if not holds_library and folder.exists() and any(folder.iterdir()):
        raise LibraryError(f"{folder} holds other things. Choose an empty or a new folder.", path=str(folder))


def _copied(truth: Path, target: Path) -> None:
    """The truth of one moment in a file of its own: SQLite's VACUUM INTO reads in one transaction."""
    connection = Connection(truth, "ro")
    try:
        schema.check(connection, truth)
        connection.run("VACUUM INTO ?", [str(target)])
    finally:
        connection.close()


def _written(file: Path, truth: Path, memories: Mapping[str, bytes]) -> Manifest:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(truth, TRUTH)
        for name, content in memories.items():
            archive.writestr(name, content)
        files = {TRUTH: (truth.stat().st_size, sha256_of(truth))}
        files |= {name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in memories.items()}
        manifest = _manifest(truth, files)
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1, ensure_ascii=False))
    return manifest


def _manifest(truth: Path, files: Mapping[str, tuple[int, str]]) -> Manifest:
    connection = Connection(truth, "ro")
    try:
        own, taken = card(connection), datetime.now(UTC).isoformat(timespec="seconds")
        format_of_it = schema.version(connection)
    finally:
        connection.close()
    sizes = (own.generation, own.articles, own.passages)
    return Manifest(FORMAT, taken, format_of_it, *sizes, unpacked(own.fingerprint), files)


def _extracted(file: Path, folder: Path) -> Manifest:
    """Write what the file holds into a folder, checked against its manifest."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = Manifest(**json.loads(archive.read(MANIFEST)))
            for name, (size, sha256) in manifest.files.items():
                path = folder / Path(name).name
                with archive.open(name) as packed, path.open("wb") as unpacked_file:
                    shutil.copyfileobj(packed, unpacked_file, CHUNK_BYTES)
                if (synced(path).stat().st_size, sha256_of(path)) != (size, sha256):
                    raise LibraryDamaged(f"{file} is damaged: {name} is not what was written.", path=str(file))
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, EOFError, NotImplementedError) as error:
        raise LibraryDamaged(f"{file} is no snapshot of a library, or damaged ({error}).", path=str(file)) from error
    return manifest


def _brought_up(folder: Path) -> None:
    """Check the format of a truth, bring an older one up to date, and let it be read while it is written again, which
    VACUUM INTO gives up."""
    truth = Connection(folder / TRUTH, "rw")
    try:
        schema.write_ahead(truth)
    finally:
        truth.close()
    library = LocalLibrary(folder)
    try:
        library.prepare()
    finally:
        library.close()
