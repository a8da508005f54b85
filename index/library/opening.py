"""Where a library is opened: turns an address into a `Library`. Knows which implementations there are."""

from __future__ import annotations

from pathlib import Path

from index.errors import InvalidSetting, LibraryError, LibraryMissing, MissingExtra
from index.library.contract import Library
from index.library.local import schema
from index.library.local.files import made
from index.library.local.lock import FileLock
from index.library.local.replacing import brought_back
from index.library.local.schema import TRUTH

LEFTOVERS = ("write.lock", f"{TRUTH}.new")
"""What a creation that was cut short may leave behind; a folder that holds nothing else counts as empty."""


def holds_library(folder: Path) -> bool:
    """Whether there is a library in this folder."""
    return (folder / TRUTH).exists()


def open_library(address: str | Path, *, create: bool = False, read_only: bool = False, wait: float = 30.0) -> Library:
    """Open the library at `address`: a folder, or ``milvus://host:19530/name``.

    Args:
        address: a path, or an address as `index.library.milvus.address` takes it apart.
        create: make an empty library where there is none: the folder is missing or empty.
        read_only: only read; writing then raises LibraryError.
        wait: how many seconds a write waits for another process that writes.

    Raises:
        InvalidSetting: an address of a kind that is not known.
        MissingExtra: the address is one on Milvus, and its client is not installed.
        Unreachable: Milvus does not answer.
        LibraryMissing: there is no library, and `create` is False.
        LibraryError: the folder holds other things, or may not be written.
        LibraryNewer: a newer Pincite wrote it.
        LibraryDamaged: its truth cannot be read; nothing is overwritten.
        LibraryBusy: another process was making or upgrading it for longer than `wait`.
    """
    scheme, separator, _ = str(address).partition("://")
    if scheme == "milvus" and separator:
        return _opened_on_milvus(str(address), create=create, read_only=read_only, wait=wait)
    if separator:
        message = f"{address} is an address of the unknown kind {scheme}://. Give the path of a folder, or milvus://…"
        raise InvalidSetting(message, field="library", address=str(address))
    folder = Path(address)
    _provide(folder, create=create and not read_only, wait=wait)
    return _opened(folder, read_only=read_only, wait=wait)


def _provide(folder: Path, *, create: bool, wait: float) -> None:
    """See to it that there is a library in the folder."""
    try:
        if (folder / TRUTH).exists() or brought_back(folder, wait):
            return
        _refuse_other_things(folder)
        if not create:
            message = (
                f"There is no library at {folder}. Run `pincite index` to make one, or name another with --library."
            )
            raise LibraryMissing(message, path=str(folder))
        with FileLock(made(folder) / "write.lock").held(wait):
            if not (folder / TRUTH).exists():
                schema.create(folder / TRUTH)
    except OSError as error:
        raise LibraryError(f"{folder} cannot be used as a library ({error}).", path=str(folder)) from error


def _refuse_other_things(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise LibraryError(f"{folder} is a file; a library is a folder.", path=str(folder))
    other = sorted(path.name for path in folder.glob("*") if not path.name.startswith(LEFTOVERS))
    if other and not (folder / TRUTH).exists():  # looked at again: it may just have been made
        message = f"{folder} holds other things ({other[0]}, …) and no library. Choose an empty or a new folder."
        raise LibraryError(message, path=str(folder))


def _opened(folder: Path, *, read_only: bool, wait: float) -> Library:
    from index.library.local.library import LocalLibrary  # noqa: PLC0415 - faiss is slow to load

    library = LocalLibrary(folder, read_only=read_only, wait=wait)
    try:
        library.prepare()
    except BaseException:
        library.close()
        raise
    return library


def local_folder(address: str | Path, what: str) -> Path:
    """The folder of a local library, for what works on its files.

    Raises:
        InvalidSetting: the library is on Milvus; `what` names what was asked for, and what there is instead.
    """
    if "://" in str(address):
        raise InvalidSetting(f"The library {address} is not in a folder. {what}", field="library")
    return Path(address)


def _opened_on_milvus(address: str, *, create: bool, read_only: bool, wait: float) -> Library:
    try:
        from index.library.milvus.address import Address  # noqa: PLC0415 - an extra
        from index.library.milvus.library import MilvusLibrary  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        message = "A library on Milvus needs its client. Install it with: pip install 'pincite[milvus]'"
        raise MissingExtra(message, extra="milvus") from error
    library = MilvusLibrary(Address.parsed(address), read_only=read_only, wait=wait)
    try:
        library.provide(create=create and not read_only)
    except BaseException:
        library.close()
        raise
    return library
