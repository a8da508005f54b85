"""A library in one file, and back: while others write, of every damage, and cut short at every step."""

from __future__ import annotations

import json
import shutil
import threading
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from index.errors import LibraryDamaged, LibraryError, LibraryMissing
from index.library.contract import Filters, Library
from index.library.local import copying, files, replacing
from index.library.local.copying import restore, snapshot
from index.library.local.inspecting import problems
from index.library.opening import open_library
from tests.index.library.samples import entry, random_entries, unit_vectors

MODEL = {"model": {"name": "small"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    library = open_library(tmp_path / "library", create=True)
    library.adopt(MODEL)
    library.put(random_entries(40, seed=1))
    library.put([entry("later", "apple", "banana", later=True)])
    library.close()
    (tmp_path / "library" / "visits.jsonl").write_text('{"a": 1}\n')
    return tmp_path / "library"


@pytest.fixture
def file(folder: Path, tmp_path: Path) -> Path:
    snapshot(folder, tmp_path / "copy.pincite")
    return tmp_path / "copy.pincite"


def told(library: Library) -> dict[str, object]:
    """What a library answers."""
    with library.snapshot() as snapshot:
        return {
            "articles": [snapshot.article(one.id) for one in snapshot.articles(None, 1000)],
            "dense": snapshot.dense(unit_vectors(1, 3)[0], 1000, Filters()),
            "lexical": {one.key for one in snapshot.lexical("word1 word7 apple", 1000, Filters())},
            "generation": snapshot.generation,
            "waiting": snapshot.passages_without_vectors(),
        }


def told_of(folder: Path) -> dict[str, object]:
    library = open_library(folder)
    try:
        return told(library)
    finally:
        library.close()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_copy_gives_the_same_library(folder: Path, file: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    manifest = restore(file, tmp_path / "other" / "library", report=lines.append)
    assert (manifest.articles, manifest.generation, manifest.fingerprint) == (41, 2, MODEL)
    assert told_of(tmp_path / "other" / "library") == told_of(folder)
    assert (tmp_path / "other" / "library" / "visits.jsonl").read_text() == '{"a": 1}\n'
    assert problems(tmp_path / "other" / "library") == []
    assert names(tmp_path / "other") == ["library"]
    assert len(lines) == 2


def test_a_copy_is_one_file_with_a_manifest(file: Path, tmp_path: Path) -> None:
    assert names(tmp_path) == ["copy.pincite", "library"]
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["truth.sqlite", "visits.jsonl", "manifest.json"]
        manifest = json.loads(archive.read("manifest.json"))
    assert (manifest["format"], manifest["articles"], manifest["library_format"]) == (1, 41, 4)


def test_a_copy_taken_while_others_write_is_of_one_moment(folder: Path, tmp_path: Path) -> None:
    """Every batch replaces the same five articles: a copy holds all five of one batch."""
    library = open_library(folder)
    stop = threading.Event()

    def write() -> None:
        batch = 0
        while not stop.is_set():
            library.put([entry(f"w{number}", f"batch {batch}", seed=batch) for number in range(5)])
            batch += 1

    writer = threading.Thread(target=write)
    library.put([entry(f"w{number}", "batch none") for number in range(5)])
    writer.start()
    for number in range(4):
        snapshot(folder, tmp_path / f"{number}.pincite")
    stop.set()
    writer.join()
    library.close()
    for number in range(4):
        restore(tmp_path / f"{number}.pincite", tmp_path / f"library{number}")
        restored = open_library(tmp_path / f"library{number}")
        with restored.snapshot() as shown:
            articles = [shown.article(f"w{one}") for one in range(5)]
            assert len({article.text for article in articles if article}) == 1
            assert None not in articles
        restored.close()


def test_a_file_is_never_overwritten(folder: Path, file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(LibraryError, match="is there already"):
        snapshot(folder, file)
    assert file.read_bytes() == before


def test_a_library_is_replaced_only_when_told_so(folder: Path, file: Path, tmp_path: Path) -> None:
    original = told_of(folder)
    library = open_library(folder)
    library.delete(["a1", "a2"])
    library.close()
    changed = told_of(folder)
    with pytest.raises(LibraryError, match=r"There is a library at .*--replace"):
        restore(file, folder)
    assert told_of(folder) == changed
    restore(file, folder, replace=True)
    assert told_of(folder) == original
    assert names(tmp_path) == ["copy.pincite", "library"]


def test_other_things_are_left_alone(file: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "sea.jpg").touch()
    with pytest.raises(LibraryError, match="holds other things"):
        restore(file, tmp_path / "photos", replace=True)
    with pytest.raises(LibraryError, match="is a file"):
        restore(file, tmp_path / "photos" / "sea.jpg")
    (tmp_path / "empty").mkdir()
    restore(file, tmp_path / "empty")
    assert told_of(tmp_path / "empty")["generation"] == 2


def flipped(content: bytes, at: float) -> bytes:
    changed = bytearray(content)
    changed[int(len(content) * at)] ^= 4
    return bytes(changed)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"no snapshot at all" * 1000,
        lambda content: content[: len(content) // 2],
        lambda content: content[:-10],
        *(lambda content, at=share / 20: flipped(content, at) for share in range(1, 19)),
    ],
)
def test_a_damaged_file_is_refused_and_nothing_made(
    file: Path, folder: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    """Or what is damaged is of no consequence, such as a time in the ZIP, and the library is the same."""
    file.write_bytes(damage(file.read_bytes()))
    with suppress(LibraryDamaged):
        restore(file, tmp_path / "restored")
        assert len(file.read_bytes()) > 1000
        assert told_of(tmp_path / "restored") == told_of(folder)
        return
    assert names(tmp_path) == ["copy.pincite", "library"]


def test_names_in_a_file_lead_nowhere_else(file: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        truth = archive.read("truth.sqlite")
    manifest["files"] = {"../../outside": manifest["files"]["truth.sqlite"]}
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../outside", truth)
        archive.writestr("manifest.json", json.dumps(manifest))
    with pytest.raises((LibraryDamaged, LibraryMissing, LibraryError)):
        restore(file, tmp_path / "restored")
    assert names(tmp_path) == ["copy.pincite", "library"]
    assert not (tmp_path.parent / "outside").exists()


def test_a_library_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="nowhere"):
        snapshot(tmp_path / "nowhere", tmp_path / "copy.pincite")
    assert names(tmp_path) == []


def test_a_place_that_cannot_be_written_is_named(folder: Path, file: Path) -> None:
    with pytest.raises(LibraryError, match="/proc/copy"):
        snapshot(folder, Path("/proc/copy"))
    with pytest.raises(LibraryError, match="/proc/library"):
        restore(file, Path("/proc/library"))


class Killed(BaseException):
    """Stands for a process that ends here."""


STEPS = ["removed", "put_in_place", "synced", "problems", "_copied", "_written", "_extracted", "_brought_up"]


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_ended_at_any_step_nothing_is_lost_and_the_next_try_succeeds(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, when: str, *, replace: bool
) -> None:
    """After a restore that was cut short, there is either the old library, or none, or the new one, and never a half;
    the old one is kept until the new one is in its place."""
    monkeypatch.setattr(copying, "removed", lambda path: path if path.name.endswith(".truth") else files.removed(path))
    snapshot(folder, tmp_path / "copy.pincite")
    expected, target = told_of(folder), folder if replace else tmp_path / "new"
    calls = 0
    while True:
        with monkeypatch.context() as patched:
            module = replacing if step == "put_in_place" else copying
            patched.setattr(module, step, _ending(getattr(module, step), calls, when))
            try:
                restore(tmp_path / "copy.pincite", target, replace=replace)
            except Killed:
                calls += 1
            else:
                break
        assert told_of(target if (target / "truth.sqlite").exists() else folder_kept(target, folder)) == expected
        restore(tmp_path / "copy.pincite", target, replace=replace or target.exists())
        assert told_of(target) == expected
        if not replace:
            shutil.rmtree(target)
    assert calls or step in {"_copied", "_written"}


def folder_kept(target: Path, folder: Path) -> Path:
    kept = target.with_name(target.name + ".replaced")
    return kept if kept.exists() else folder


def _ending(function: Callable[..., object], calls: int, when: str) -> Callable[..., object]:
    count = 0

    def ending(*arguments: object, **named: object) -> object:
        nonlocal count
        count += 1
        if count == calls + 1 and when == "before":
            raise Killed
        result = function(*arguments, **named)
        if count == calls + 1 and when == "after":
            raise Killed
        return result

    return ending
