"""Files and folders: what is read, in which order and under which name, and what is rejected."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.articles.article import Article, Draft
from index.articles.many import tried
from index.articles.readers import read_bytes, read_paths
from index.articles.readers.formats import SUFFIXES
from index.errors import Unreadable


def origins(*paths: Path | str) -> list[str]:
    return [item.origin for item in read_paths(paths)]


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Text of {path.name}")


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write(folder, "b.txt", "a/z.md", "a/b/c.html", "c.TXT", "a.txt")
    assert origins(folder) == ["folder/a/b/c.html", "folder/a/z.md", "folder/a.txt", "folder/b.txt", "folder/c.TXT"]


def test_hidden_and_unknown_files_of_a_folder_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "f", ".hidden.txt", ".git/a.txt", "a.png", "noext", "b.txt")
    assert origins(tmp_path / "f") == ["f/b.txt"]


def test_a_file_that_is_named_is_always_tried(tmp_path: Path) -> None:
    write(tmp_path, ".hidden", "notes.log")
    assert list(read_paths([tmp_path / ".hidden", str(tmp_path / "notes.log")])) == [
        Draft(".hidden", "Text of .hidden"),
        Draft("notes.log", "Text of notes.log"),
    ]


def test_paths_are_read_in_the_order_given(tmp_path: Path) -> None:
    write(tmp_path, "b.txt", "a.txt", "d/c.txt")
    assert origins(tmp_path / "b.txt", tmp_path / "d", tmp_path / "a.txt") == ["b.txt", "d/c.txt", "a.txt"]


def test_a_folder_named_by_dots_has_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "outer/inner", "a.txt")
    monkeypatch.chdir(tmp_path / "outer/inner")
    assert origins(".") == ["inner/a.txt"]
    assert origins("..") == ["outer/inner/a.txt"]
    assert origins("../inner/") == ["inner/a.txt"]


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    (missing, found) = read_paths([tmp_path / "gone.txt", tmp_path / "a.txt"])
    assert isinstance(missing, Unreadable)
    assert missing.message == "gone.txt: No such file or directory"
    assert found.origin == "a.txt"


def test_links_are_followed_once(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    write(folder, "a/one.txt", "b/two.txt")
    (folder / "a" / "up").symlink_to(folder)
    (folder / "a" / "across").symlink_to(folder / "b")
    (folder / "c.txt").symlink_to(folder / "a" / "one.txt")
    assert origins(folder) == ["f/a/across/two.txt", "f/a/one.txt", "f/c.txt"]


def test_a_link_to_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "a.txt").symlink_to(tmp_path / "gone")
    (found,) = read_paths([tmp_path / "f"])
    assert isinstance(found, Unreadable)
    assert found.message == "f/a.txt: No such file or directory"


def test_a_link_to_itself_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "a.txt")
    (found,) = read_paths([tmp_path / "a.txt"])
    assert isinstance(found, Unreadable)
    assert "symbolic links" in found.reason


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (found,) = read_paths([tmp_path / "pipe.txt"])
    assert isinstance(found, Unreadable)
    assert found.message == "pipe.txt: it is neither a file nor a folder"


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "f", "a/one.txt", "b.txt")
    listed = os.scandir

    def refuse(path: Path) -> object:  # a test that runs as root can read every folder
        if path.name == "a":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "scandir", refuse)
    denied, found = read_paths([tmp_path / "f"])
    assert isinstance(denied, Unreadable)
    assert denied.message == "f/a: Permission denied"
    assert found.origin == "f/b.txt"


def test_a_file_name_that_is_no_text_is_shown_with_its_bytes(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    Path(os.fsdecode(path)).write_text("Text")
    assert origins(os.fsdecode(path)) == ["caf\\xe9.txt"]


def test_a_file_that_is_too_large_is_named(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    (found,) = read_paths([tmp_path / "a.txt"], largest=12)
    assert isinstance(found, Unreadable)
    assert found.message.startswith("a.txt: it is larger than 1.14441e-05 MiB; split it")
    assert list(read_paths([tmp_path / "a.txt"], largest=13)) == [Draft("a.txt", "Text of a.txt")]


def test_uploads_are_read_by_their_name() -> None:
    assert list(read_bytes(b"<p>T", "page.HTM")) == [Draft("page.HTM", "<p>T", "html")]
    assert list(read_bytes(b"# T", "a.md")) == [Draft("a.md", "# T", "markdown")]
    assert list(read_bytes(b'{"text": "T"}', "x/a.json")) == [Draft("x/a.json", "T")]
    assert list(read_bytes(b'{"text": "T"}', "a.ndjson")) == [Draft("a.ndjson#1", "T")]
    assert list(read_bytes(b"T", "a")) == [Draft("a", "T")]


def test_an_upload_that_is_no_text_is_named() -> None:
    (found,) = read_bytes(b"\x00\x01", "a.txt")
    assert isinstance(found, Unreadable)
    assert found.message == "a.txt: it is not text: it has NUL bytes"


PIECES = st.sampled_from(
    [
        b"---\n",
        b"a: b\n",
        b'{"text": "x"}',
        b"[",
        b"\n",
        b"<p>",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"&x",
        b"*y",
        b"\x00",
        b"+++\n",
        b"x = 1\n",
        b"<html><body>",
        b"<h2>",
        b"<script type='application/ld+json'>",
        b"</script>",
        b"<base href=//[>",
        b"<rss><item><title>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><content>",
        b"Content-Type: text/html\n\n",
    ]
)


@settings(deadline=None)
@given(st.binary() | st.lists(PIECES).map(b"".join), st.sampled_from([*SUFFIXES, ""]))
def test_any_bytes_give_drafts_or_named_rejections(data: bytes, suffix: str) -> None:
    for item in read_bytes(data, f"a{suffix}", largest=200):
        assert item.origin.startswith("a")
        found = tried(item)
        assert isinstance(found, Article) or found.detail["reason"]
