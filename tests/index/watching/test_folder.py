"""What changed in a folder between two looks."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from index.errors import Unreadable
from index.watching.folder import Folder, Look


def names(look: Look) -> tuple[list[str], list[str]]:
    assert look.problem is None
    return [file.origin for file in look.ready], look.gone


def twice(folder: Folder) -> tuple[list[str], list[str]]:
    """What is ready and gone once things have settled."""
    folder.look()
    return names(folder.look())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "news"
    (path / "old").mkdir(parents=True)
    (path / "a.txt").write_text("One")
    (path / "old" / "b.html").write_text("Two")
    (path / "c.unknown").write_text("passed over")
    (path / ".hidden.txt").write_text("passed over")
    return path


def test_a_file_is_ready_once_it_is_the_same_twice(path: Path) -> None:
    folder = Folder(path)
    assert names(folder.look()) == ([], [])
    with (path / "a.txt").open("a") as file:
        file.write(" and a half")
    assert names(folder.look()) == (["news/old/b.html"], [])
    assert names(folder.look()) == (["news/a.txt"], [])
    assert names(folder.look()) == ([], [])


def test_one_look_may_be_enough(path: Path) -> None:
    folder = Folder(path)
    look = folder.look(settled=False)
    assert names(look) == (["news/a.txt", "news/old/b.html"], [])
    assert [file.path for file in look.ready] == [path / "a.txt", path / "old" / "b.html"]
    (path / "a.txt").unlink()
    assert names(folder.look(settled=False)) == ([], ["news/a.txt"])


def test_changes_are_noticed_even_if_size_and_time_are_the_same(path: Path) -> None:
    folder = Folder(path)
    twice(folder)
    before = (path / "a.txt").stat()
    (path / "new.tmp").write_text("Uno")
    os.utime(path / "new.tmp", ns=(before.st_atime_ns, before.st_mtime_ns))
    (path / "new.tmp").replace(path / "a.txt")
    assert twice(folder) == (["news/a.txt"], [])


def test_what_is_gone_is_told_once_it_is_gone_for_two_looks(path: Path) -> None:
    folder = Folder(path)
    twice(folder)
    (path / "a.txt").rename(path / "z.txt")
    assert names(folder.look()) == ([], [])
    assert names(folder.look()) == (["news/z.txt"], ["news/a.txt"])
    assert names(folder.look()) == ([], [])


def test_a_file_that_is_back_at_the_next_look_was_not_gone(path: Path) -> None:
    folder = Folder(path)
    twice(folder)
    text = (path / "a.txt").read_text()
    (path / "a.txt").unlink()
    assert names(folder.look()) == ([], [])
    (path / "a.txt").write_text(text)
    assert names(folder.look()) == ([], [])
    assert names(folder.look()) == (["news/a.txt"], [])


def test_files_of_an_earlier_process_that_are_not_there_are_gone(path: Path) -> None:
    folder = Folder(path, known=["news/a.txt", "news/x.txt"])
    assert names(folder.look(settled=False)) == (["news/a.txt", "news/old/b.html"], ["news/x.txt"])


def test_nothing_is_gone_from_a_folder_that_is_not_there(path: Path) -> None:
    folder = Folder(path)
    twice(folder)
    shutil.rmtree(path)
    for _ in range(3):
        look = folder.look()
        assert (look.ready, look.gone) == ([], [])
        assert isinstance(look.problem, Unreadable)
        assert look.problem.message == f"news: No such file or directory; so nothing of {path} is deleted"
    path.mkdir()
    (path / "a.txt").write_text("One")
    assert twice(folder) == (["news/a.txt"], ["news/old/b.html"])


def test_nothing_is_gone_from_a_folder_that_is_empty_all_at_once(path: Path) -> None:
    folder = Folder(path)
    twice(folder)
    shutil.rmtree(path)
    path.mkdir()
    folder.look()
    look = folder.look()
    assert look.gone == []
    assert look.problem is not None
    assert look.problem.reason == (
        "it is empty, and was not before; so nothing of it is deleted. If that is meant: `pincite delete`"
    )


def test_a_new_folder_may_be_empty(tmp_path: Path) -> None:
    assert twice(Folder(tmp_path)) == ([], [])


def test_nothing_is_gone_while_a_part_cannot_be_listed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(path)
    twice(folder)
    (path / "a.txt").unlink()
    scandir = os.scandir

    def refuse(where: Path) -> object:  # a test that runs as root can list every folder
        if Path(where).name == "old":
            raise PermissionError(13, "Permission denied")
        return scandir(where)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        folder.look()
        look = folder.look()
        assert look.gone == []
        assert look.problem is not None
        assert look.problem.message == f"news/old: Permission denied; so nothing of {path} is deleted"
        (path / "new.txt").write_text("Three")
        folder.look()
        assert [file.origin for file in folder.look().ready] == ["news/new.txt"]
    assert twice(folder) == ([], ["news/a.txt"])


def test_nothing_is_gone_while_a_file_cannot_be_looked_at(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(path)
    twice(folder)
    (path / "a.txt").unlink()
    stat = Path.stat

    def refuse(where: Path, **more: bool) -> os.stat_result:
        if where.name == "b.html":
            raise OSError(5, "Input/output error")
        return stat(where, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", refuse)
        folder.look()
        look = folder.look()
        assert look.gone == []
        assert look.problem is not None
        assert look.problem.message == f"news/old/b.html: Input/output error; so nothing of {path} is deleted"
    assert twice(folder) == ([], ["news/a.txt"])


def test_a_link_to_nothing_is_no_file_yet(path: Path) -> None:
    (path / "link.txt").symlink_to(path / "later.md")
    folder = Folder(path)
    assert twice(folder) == (["news/a.txt", "news/old/b.html"], [])
    (path / "later.md").write_text("Here")
    assert twice(folder) == (["news/later.md", "news/link.txt"], [])
