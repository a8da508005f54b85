"""A system that really refuses: too few files may be open, a disk is mounted read-only."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.errors import LibraryDamaged, LibraryError
from index.library.local.inspecting import problems
from index.library.opening import open_library
from tests.index.library.samples import entry

ROOT = Path(__file__).resolve().parents[4]

FEW_FILES = """
import os, resource, sys
from contextlib import ExitStack, suppress
from index.errors import LibraryDamaged, PinciteError
from index.library.local import library as _  # else it is loaded, file by file, when there are none left
from index.library.opening import open_library
from tests.index.library.samples import entry

folder, free, most = sys.argv[1], int(sys.argv[2]), resource.getrlimit(resource.RLIMIT_NOFILE)[1]
stored, refused = 0, []
entries = [entry(f"b{number}", f"word{number} and more", seed=number) for number in range(6)]
after = entry("after", "there are files again", seed=9)
with ExitStack() as stack:
    library = open_library(folder) if "open" in sys.argv else None
    if library:
        library.status()
    taken = [stack.enter_context(open(os.devnull)) for _ in range(free)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(one.fileno() for one in taken) + 1, most))
    for file in taken[len(taken) - free % 7 :]:
        file.close()
    for one in entries:
        try:
            library = library or open_library(folder)
            library.put([one])
            stored += 1
        except PinciteError as error:
            assert not isinstance(error, LibraryDamaged), error
            refused.append(type(error).__name__)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, most), most))
if library is not None:
    with suppress(PinciteError):
        library.put([after])
    library.close()
print(stored, len(refused))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with closing(open_library(tmp_path / "library", create=True)) as library:
        library.put([entry(f"a{number}", f"word{number} is here", seed=number) for number in range(5)])
    return tmp_path / "library"


def held(folder: Path) -> set[str]:
    with closing(open_library(folder)) as library, library.snapshot() as snapshot:
        return {one.id for one in snapshot.articles(None, 100)}


@pytest.mark.parametrize("opened", ["open", "closed"])
@pytest.mark.parametrize("free", range(7, 14))
def test_too_many_open_files_are_a_clear_error_and_lose_nothing(folder: Path, free: int, opened: str) -> None:
    """`free` modulo 7 files may still be opened; the libraries' own calls find out at which of them they fail."""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FEW_FILES, folder, str(free), opened],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    stored, refused = map(int, ran.stdout.split())
    assert stored + refused == 6
    names = held(folder)
    assert {f"a{number}" for number in range(5)} <= names
    assert len(names - {"after"}) == 5 + stored
    assert problems(folder) == []


@pytest.fixture
def locked(folder: Path, tmp_path: Path) -> Iterator[Path]:
    """The same folder, read-only: mounted so, since permissions do not stop an administrator."""
    there = tmp_path / "locked"
    there.mkdir()
    try:
        subprocess.run(["mount", "--bind", folder, there], check=True, capture_output=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", there], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        subprocess.run(["umount", "--lazy", there], check=False, capture_output=True)
        pytest.skip("nothing can be mounted here")
    yield there
    subprocess.run(["umount", "--lazy", there], check=True)


def test_a_read_only_folder_is_refused_by_name_and_left_alone(folder: Path, locked: Path) -> None:
    before = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    with pytest.raises(LibraryError, match="Check that the folder exists and may be written") as refused:
        open_library(locked, read_only=True)
    assert not isinstance(refused.value, LibraryDamaged)
    assert refused.value.detail["path"] == str(locked / "truth.sqlite")
    assert {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()} == before


def test_a_folder_that_becomes_read_only_and_writable_again(folder: Path, tmp_path: Path, locked: Path) -> None:
    with closing(open_library(folder)) as library:
        library.put([entry("b", "another word", seed=1)])
        with pytest.raises(LibraryError, match=str(locked)), closing(open_library(locked)) as refused:
            refused.put([entry("c", "never stored", seed=2)])
        library.put([entry("d", "stored beside", seed=3)])
    assert held(folder) == {"b", "d"} | {f"a{number}" for number in range(5)}
    assert problems(folder) == []
