"""What became of a library on disk between two openings: derived parts that are behind, gone or damaged; a truth that
is newer, damaged or not ours."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tantivy

from index.errors import InvalidSetting, LibraryDamaged, LibraryError, LibraryMissing, LibraryNewer
from index.library.contract import Filters
from index.library.local import schema
from index.library.local.library import LocalLibrary
from index.library.opening import open_library
from tests.index.library.samples import entry, random_entries, unit_vectors

Damage = Callable[[Path], object]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    open_library(folder / "library", create=True).close()
    write(folder / "library", 0)
    shutil.copytree(folder / "library", folder / "earlier")
    write(folder / "library", 60)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A library of two generations with a main index of the first, and a copy of generation 1 in ``earlier``."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "library"


def write(folder: Path, first: int) -> None:
    library = LocalLibrary(folder, tail_rows=100)
    library.put(random_entries(60, seed=first, first=first))
    library.close()


def assert_whole(folder: Path, articles: int = 120) -> None:
    """All three parts hold the same passages, and each of them can be found."""
    library = LocalLibrary(folder, tail_rows=100)
    with library.snapshot() as snapshot:
        keys = snapshot.stored_keys()
        assert snapshot.counts() == (articles, len(keys))
        assert snapshot.dense_keys() == keys
        assert snapshot.lexical_keys() == keys
        everything = snapshot.dense(unit_vectors(1, 0)[0], 10_000, Filters())
        assert sorted(one.key for one in everything) == keys
        for key in (keys[0], keys[-1]):
            best = snapshot.dense(snapshot.vectors([key])[0], 1, Filters())[0]
            assert best.key == key
            assert best.score == pytest.approx(1, abs=1e-6)
            words = snapshot.passages([key])[0].passage.text
            assert key in {one.key for one in snapshot.lexical(words, 10, Filters())}
    assert set(library.status().derived.values()) == {0}
    library.close()


def flip(path: Path, at: float = 0.5) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[int(len(content) * at)] ^= 16
    path.write_bytes(content)


def largest(folder: Path) -> Path:
    return max((path for path in folder.iterdir() if path.suffix != ".json"), key=lambda path: path.stat().st_size)


def words_are_a_file(folder: Path) -> None:
    shutil.rmtree(folder / "words")
    (folder / "words").write_text("")


def all_derived_parts_gone(folder: Path) -> None:
    shutil.rmtree(folder / "words")
    shutil.rmtree(folder / "vectors")


def replace(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def vectors_file(folder: Path, kind: str) -> Path:
    return next((folder / "vectors").glob(f"*.{kind}"))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda folder: None,
    "words gone": lambda folder: shutil.rmtree(folder / "words"),
    "words empty": lambda folder: [path.unlink() for path in (folder / "words").iterdir()],
    "words flipped": lambda folder: flip(largest(folder / "words")),
    "words cut off": lambda folder: largest(folder / "words").write_bytes(b"short"),
    "words' list garbled": lambda folder: flip(folder / "words" / "meta.json", 0.1),
    "words' list empty": lambda folder: (folder / "words" / "meta.json").write_bytes(b""),
    "words are a file": words_are_a_file,
    "words' rebuilding was cut short": lambda folder: shutil.move(folder / "words", folder / "words.new"),
    "vectors gone": lambda folder: shutil.rmtree(folder / "vectors"),
    "pointer gone": lambda folder: (folder / "vectors" / "main.json").unlink(),
    "pointer garbled": lambda folder: (folder / "vectors" / "main.json").write_bytes(b"{}"),
    "pointer to another generation": lambda folder: replace(
        folder / "vectors" / "main.json", '"generation": 2', '"generation": 1'
    ),
    "pointer of a newer kind": lambda folder: replace(folder / "vectors" / "main.json", '"flat"', '"round"'),
    "vectors flipped": lambda folder: flip(vectors_file(folder, "rows")),
    "vectors cut off": lambda folder: vectors_file(folder, "rows").write_bytes(b""),
    "keys flipped": lambda folder: flip(vectors_file(folder, "npz")),
    "keys gone": lambda folder: vectors_file(folder, "npz").unlink(),
    "all derived parts gone": all_derived_parts_gone,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_derived_parts_are_made_good(folder: Path, damage: Damage) -> None:
    damage(folder)
    assert_whole(folder)
    write(folder, 100)
    assert_whole(folder, articles=160)


@pytest.mark.parametrize("part", ["words", "vectors"])
def test_a_derived_part_that_is_behind_catches_up(folder: Path, part: str) -> None:
    shutil.rmtree(folder / part)
    shutil.copytree(folder.parent / "earlier" / part, folder / part)
    assert_whole(folder)
    write(folder, 30)
    assert_whole(folder)


@pytest.mark.parametrize("part", ["words", "vectors"])
def test_a_derived_part_that_is_ahead_of_a_restored_truth_is_made_anew(folder: Path, part: str) -> None:
    shutil.copytree(folder / part, folder.parent / "earlier" / part, dirs_exist_ok=True)
    restored = folder.parent / "earlier"
    assert_whole(restored, articles=60)
    write(restored, 200)
    assert_whole(restored, articles=120)


def test_a_derived_part_from_before_the_pruned_tombstones_is_made_anew(folder: Path) -> None:
    for round_ in range(6):
        library = LocalLibrary(folder, tail_rows=50)
        library.put(random_entries(60, seed=round_))
        library.close()
    with sqlite3.connect(folder / "truth.sqlite") as truth:
        ((pruned,),) = truth.execute("SELECT pruned FROM library")
        ((tombstones,),) = truth.execute("SELECT count(*) FROM tombstones WHERE generation <= ?", [pruned])
    truth.close()
    assert pruned > 1
    assert tombstones == 0
    for part in ("words", "vectors"):
        shutil.rmtree(folder / part)
        shutil.copytree(folder.parent / "earlier" / part, folder / part)
    assert_whole(folder)


def test_repairs_are_logged_and_are_no_errors(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    flip(largest(folder / "words"))
    flip(vectors_file(folder, "rows"))
    with caplog.at_level(logging.INFO, logger="index.library"):
        assert_whole(folder)
    messages = " ".join(record.getMessage() for record in caplog.records)
    assert "the lexical index in" in messages
    assert "the main vector index in" in messages
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_nothing_is_made_anew_without_need(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="index.library"):
        assert_whole(folder)
    assert caplog.records == []


def test_the_main_index_is_made_again_after_damage(folder: Path) -> None:
    flip(vectors_file(folder, "rows"))
    assert_whole(folder)
    library = LocalLibrary(folder, tail_rows=100)
    with library.snapshot() as snapshot:
        passages = snapshot.counts()[1]
    library.close()
    with np.load(vectors_file(folder, "npz")) as columns:
        assert columns["keys"].shape == columns["articles"].shape == (passages,)


# The truth


def test_a_newer_format_is_refused(folder: Path) -> None:
    with sqlite3.connect(folder / "truth.sqlite") as truth:
        truth.execute("INSERT INTO migrations VALUES (99, 'from_the_future', '2030-01-01')")
    truth.close()
    with pytest.raises(LibraryNewer, match=r"format 99; this one knows 4.*Upgrade"):
        open_library(folder)


def test_an_older_format_is_brought_up_to_date(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def _a_fifth_step(truth: object) -> None:
        truth.run("ALTER TABLE articles ADD COLUMN stars INTEGER")  # type: ignore[attr-defined]

    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, _a_fifth_step))
    with pytest.raises(LibraryError, match="reading only"):
        open_library(folder, read_only=True)
    open_library(folder).close()
    with sqlite3.connect(folder / "truth.sqlite") as truth:
        assert truth.execute("SELECT number, name FROM migrations").fetchall() == [
            (1, "first_tables"),
            (2, "notes"),
            (3, "vectors_apart"),
            (4, "checksums"),
            (5, "a_fifth_step"),
        ]
        assert truth.execute("SELECT count(stars) FROM articles").fetchall() == [(0,)]
    truth.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"not a database at all" * 500),
        lambda path: path.write_bytes(path.read_bytes()[:3000]),
        lambda path: path.write_bytes(path.read_bytes()[:16] + b"\xff" * (path.stat().st_size - 16)),
    ],
    ids=["empty", "other content", "cut off", "overwritten"],
)
def test_a_damaged_truth_is_refused_and_not_touched(folder: Path, damage: Damage) -> None:
    path = folder / "truth.sqlite"
    damage(path)
    before = path.read_bytes()
    with pytest.raises(LibraryDamaged, match=r"truth\.sqlite"):
        open_library(folder, create=True)
    assert path.read_bytes() == before


def test_damage_inside_the_truth_is_named_when_it_is_met(folder: Path) -> None:
    path = folder / "truth.sqlite"
    content = bytearray(path.read_bytes())
    content[8192 * 12 :] = b"\xff" * (len(content) - 8192 * 12)
    path.write_bytes(content)
    library = open_library(folder)
    with pytest.raises(LibraryDamaged, match="restore the library from a copy"):
        library.snapshot()
    library.close()


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "truth.sqlite") as other:
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(LibraryError, match="not a Pincite library"):
        open_library(tmp_path, create=True)


# Where libraries are made


def test_a_missing_library_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing, match=r"There is no library at .*nowhere.*pincite index"):
        open_library(tmp_path / "nowhere")
    with pytest.raises(LibraryMissing):
        open_library(tmp_path / "nowhere", create=True, read_only=True)
    assert not (tmp_path / "nowhere").exists()


def test_an_empty_folder_becomes_a_library_when_asked(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing):
        open_library(tmp_path)
    open_library(tmp_path, create=True).close()
    open_library(str(tmp_path)).close()


def test_a_creation_that_was_cut_short_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "write.lock").touch()
    (tmp_path / "truth.sqlite.new").write_bytes(b"half")
    (tmp_path / "truth.sqlite.new-wal").write_bytes(b"half")
    open_library(tmp_path, create=True).close()
    assert not (tmp_path / "truth.sqlite.new").exists()


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("dear diary")
    with pytest.raises(LibraryError, match=r"other things \(diary.txt"):
        open_library(tmp_path, create=True)
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


def test_a_file_is_no_library(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError, match="is a file"):
        open_library(tmp_path / "file", create=True)


def test_a_folder_that_cannot_be_made_is_named() -> None:
    with pytest.raises(LibraryError, match="/proc/pincite cannot be used as a library"):
        open_library("/proc/pincite", create=True)


@pytest.mark.parametrize("address", ["cassandra://host/keyspace", "s3://bucket"])
def test_an_unknown_kind_of_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidSetting, match="unknown kind"):
        open_library(address, create=True)


def test_a_library_opened_for_reading_is_not_written(folder: Path) -> None:
    library = open_library(folder, read_only=True)
    with library.snapshot() as snapshot:
        assert snapshot.counts()[0] == 120
    for write_something in (
        lambda: library.put([entry("a", "x")]),
        lambda: library.delete(["a1"]),
        lambda: library.adopt({"name": "model"}),
    ):
        with pytest.raises(LibraryError, match="reading only"):
            write_something()
    library.close()


def test_a_write_stays_done_when_the_words_cannot_follow(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Files with the names that tantivy is going to use make its commit fail."""
    meta = json.loads((folder / "words" / "meta.json").read_text())
    for segment in meta["segments"]:
        name = segment["segment_id"].replace("-", "")
        for opstamp in range(meta["opstamp"], meta["opstamp"] + 20):
            (folder / "words" / f"{name}.{opstamp}.del").touch()
    library = open_library(folder)
    receipt = library.delete(["a3"])
    assert receipt.deleted == 1
    assert "is behind; it is built anew" in caplog.text
    assert library.status().derived == {"vectors": 0, "words": 1}
    library.close()
    assert_whole(folder, articles=119)


def test_nothing_is_stored_when_the_words_cannot_be_written(folder: Path) -> None:
    library = open_library(folder)
    stranger = tantivy.Index.open(str(folder / "words")).writer(15_000_000, 1)
    with pytest.raises(LibraryError, match="words cannot be written"):
        library.put([entry("new", "x")])
    assert library.status().generation == 2
    assert library.digests(["new"]) == {}
    stranger.wait_merging_threads()
    assert library.put([entry("new", "x")]).generation == 3
    library.close()


def test_a_library_without_room_for_a_main_index_goes_on(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    shutil.rmtree(folder / "vectors")
    (folder / "vectors").write_text("in the way")
    library = LocalLibrary(folder, tail_rows=100)
    library.put([entry("new", "x", seed=77)])
    with library.snapshot() as snapshot:
        assert snapshot.dense(unit_vectors(1, 77)[0], 1, Filters())[0].score == pytest.approx(1, abs=1e-6)
    library.close()
    assert "the tail goes on growing" in caplog.text


def test_what_a_killed_writer_left_behind_is_no_damage(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    name = largest(folder / "words").stem
    (folder / "words" / f"{name}.7.del").write_bytes(b"half a file")
    (folder / "words" / f"{'0' * 32}.term").write_bytes(b"half a file")
    with caplog.at_level(logging.INFO, logger="index.library"):
        assert_whole(folder)
    assert caplog.records == []
