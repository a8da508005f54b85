"""A disk that is really full: a small one in memory, where this process may mount one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from index.errors import LibraryDamaged, LibraryError
from index.library.contract import Filters, Library, Snapshot
from index.library.local.inspecting import problems
from index.library.opening import open_library
from tests.index.library.samples import entry


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    asked = ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(folder)]
    try:
        subprocess.run(asked, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def held(snapshot: Snapshot) -> set[str]:
    return {one.id for one in snapshot.articles(None, 10_000)}


def fill_up(library: Library, stored: set[str]) -> None:
    """Store until that fails, noting what was acknowledged."""
    for number in count():
        names = [f"a{number}-{at}" for at in range(20)]
        library.put([entry(name, f"word{number} " * 300, seed=number) for name in names])
        stored.update(names)


def test_a_full_disk_refuses_a_write_and_keeps_the_rest(disk: Path) -> None:
    stored: set[str] = set()
    with closing(open_library(disk / "library", create=True)) as library:
        with pytest.raises(LibraryError, match=str(disk)) as refused:
            fill_up(library, stored)
        assert not isinstance(refused.value, LibraryDamaged)
        assert stored
    with closing(open_library(disk / "library", read_only=True)) as library, library.snapshot() as snapshot:
        assert held(snapshot) == stored
        assert len(snapshot.lexical("word0", 100, Filters())) == 20


def test_a_library_goes_on_when_there_is_room_again(disk: Path) -> None:
    (disk / "another's").write_bytes(bytes(2_300_000))
    with closing(open_library(disk / "library", create=True)) as library:
        large = [entry(f"a{at}", f"word{at} " * 800, seed=at) for at in range(60)]
        with pytest.raises(LibraryError):
            library.put(large)
        (disk / "another's").unlink()
        assert library.put(large).added == 60
    assert problems(disk / "library") == []
