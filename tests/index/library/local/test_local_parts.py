"""The parts of the local library, each by itself."""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index.articles.article import Article
from index.errors import LibraryBusy, LibraryDamaged, LibraryError
from index.library.checking import checked
from index.library.contract import Entry, Filters
from index.library.local import schema
from index.library.local.connection import Connection
from index.library.local.files import removed, replaced, sha256_of
from index.library.local.library import LocalLibrary
from index.library.local.lock import FileLock
from index.library.local.view import FEW_ROWS, tail_rows
from index.library.opening import open_library
from tests.index.library.samples import entry, random_entries, unit_vectors

# The connection and its errors


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Path]:
    schema.create(tmp_path / "truth.sqlite")
    return tmp_path / "truth.sqlite"


@pytest.fixture
def connection(truth: Path) -> Iterator[Connection]:
    connection = Connection(truth, "rw")
    connection.run("PRAGMA busy_timeout = 0")
    yield connection
    connection.close()


def test_the_file_is_as_decided(connection: Connection) -> None:
    assert connection.first("PRAGMA page_size") == (8192,)
    assert connection.first("PRAGMA journal_mode") == ("wal",)
    assert connection.first("PRAGMA synchronous") == (2,)  # FULL
    assert connection.first("SELECT number, name FROM migrations") == (1, "first_tables")
    assert connection.first("SELECT 1 WHERE 0") is None


def test_a_locked_truth_is_busy(truth: Path, connection: Connection) -> None:
    other = Connection(truth, "rw")
    with other.transaction(), pytest.raises(LibraryBusy, match="locked by another process"):
        connection.run("BEGIN IMMEDIATE")
    other.close()


def test_a_full_disk_is_named(connection: Connection) -> None:
    connection.run("PRAGMA max_page_count = 1")
    with pytest.raises(LibraryError, match="Check the disk"):
        connection.run("INSERT INTO vectors_1 VALUES (1, zeroblob(1000000))")


def test_a_truth_that_may_not_be_written_is_named(truth: Path) -> None:
    reader = Connection(truth, "ro")
    with pytest.raises(LibraryError, match="may be written"):
        reader.run("DELETE FROM articles")
    reader.close()


def test_a_truth_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="cannot be opened"):
        Connection(tmp_path / "nowhere", "rw")


def test_no_database_is_damage(tmp_path: Path) -> None:
    (tmp_path / "truth.sqlite").write_bytes(b"something else entirely " * 100)
    with pytest.raises(LibraryDamaged, match="not a database"):
        Connection(tmp_path / "truth.sqlite", "rw").first("SELECT 1 FROM library")


def test_our_own_mistakes_are_not_hidden(connection: Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        connection.run("DELETE FROM unknown")


def test_a_transaction_takes_effect_whole_or_not_at_all(connection: Connection) -> None:
    def half_done() -> None:
        with connection.transaction():
            connection.run("INSERT INTO vectors_1 VALUES (1, x'00')")
            connection.run("INSERT INTO vectors_1 VALUES (1, x'00')")

    with pytest.raises(sqlite3.IntegrityError):
        half_done()
    assert connection.all("SELECT * FROM vectors_1") == []
    with connection.transaction():
        connection.run("INSERT INTO vectors_1 VALUES (2, x'00')")
    assert connection.all("SELECT key FROM vectors_1") == [(2,)]


# Files and locks


def test_files_are_replaced_whole(tmp_path: Path) -> None:
    replaced(tmp_path / "file", b"one")
    replaced(tmp_path / "file", b"two")
    assert (tmp_path / "file").read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert sha256_of(tmp_path / "file") == "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"


def test_anything_can_be_removed(tmp_path: Path) -> None:
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    (tmp_path / "file").touch()
    for name in ("folder", "file", "nothing"):
        assert not removed(tmp_path / name).exists()


def test_a_lock_is_held_by_one_thread_at_a_time(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    held: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        for _ in range(20):
            with lock.held(30):
                held.append(number)
                most.append(len(held))
                held.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 80


def test_a_lock_is_tried_without_waiting(tmp_path: Path) -> None:
    lock, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    with lock.tried() as taken:
        assert taken
        with lock.tried() as again, other.tried() as elsewhere:
            assert (again, elsewhere) == (False, False)
        with pytest.raises(LibraryBusy, match="0 seconds"), other.held(0):
            pytest.fail("held twice")
    with other.held(0):
        pass


def test_a_lock_that_cannot_be_made_is_named() -> None:
    with pytest.raises(LibraryError, match="/proc cannot be written"), FileLock(Path("/proc/write.lock")).held(0):
        pytest.fail("held")


# The dense side


def test_rows_added_behind_do_not_change_an_older_view() -> None:
    entries = random_entries(30, seed=1)
    checked(entries)
    older = tail_rows(np.array([1, 2]), np.array([7, 7]), unit_vectors(2, 1))
    dead = older.without(np.array([3, 7]))
    assert older.alive is None
    assert dead.living().tolist() == []
    assert older.without(np.array([3, 9])) is older


def test_many_and_few_allowed_rows_give_the_same_results(tmp_path: Path) -> None:
    """Above and below the number of rows up to which all scores are computed."""
    count = 3 * FEW_ROWS
    vectors = unit_vectors(count, 3)
    library = open_library(tmp_path, create=True)
    half = FEW_ROWS // 2
    library.put([entry("few", *["x"] * half, vectors=vectors[:half], tags=("few", "all"))])
    library.snapshot().close()
    library.put([entry("many", *["y"] * (count - half), vectors=vectors[half:], tags=("all",))])
    library.put([entry("none", "z", seed=3)])
    question = unit_vectors(1, 9)[0]
    exact = vectors.astype(np.float64) @ question.astype(np.float64)
    for main_rows in (0, count + 2):
        with library.snapshot() as snapshot:
            main = snapshot._open.derived.view.main  # type: ignore[attr-defined]
            assert (0 if main is None else len(main.keys)) == main_rows
            for tag, rows in (("few", half), ("all", count)):
                found = snapshot.dense(question, 25, Filters(tags=(tag,)))
                best = np.argsort(-exact[:rows], kind="stable")[:25]
                assert [one.key for one in found] == [int(row) + 1 for row in best]
                np.testing.assert_allclose([one.score for one in found], exact[best], atol=1e-6)
        library.close()
        library = LocalLibrary(tmp_path, tail_rows=count // 2)
        library.put([entry("changes", "z")])  # which finds that a main index is due
        library.close()
        library = open_library(tmp_path)
    library.close()


def test_filters_used_last_are_remembered_and_older_ones_forgotten(tmp_path: Path) -> None:
    library = open_library(tmp_path, create=True)
    library.put([entry(f"a{number}", "x", seed=number) for number in range(20)])
    with library.snapshot() as snapshot:
        for _ in range(2):
            for number in range(20):
                found = snapshot.dense(unit_vectors(1, 0)[0], 5, Filters(article_ids=(f"a{number}",)))
                assert [one.key for one in found] == [number + 1]
    library.close()


def test_a_main_index_is_taken_up_while_the_library_is_in_use(tmp_path: Path) -> None:
    open_library(tmp_path, create=True).close()
    library = LocalLibrary(tmp_path, tail_rows=20)
    reader = LocalLibrary(tmp_path, tail_rows=20)
    with library.snapshot(), reader.snapshot():
        pass
    for start in range(0, 100, 10):
        library.put([entry(f"a{number}", "x", seed=number) for number in range(start, start + 10)])
        for one in (library, reader):
            one._vectors.close()  # waits for the thread
            with one.snapshot() as snapshot:
                assert len(snapshot.dense_keys()) == start + 10
                assert snapshot.dense(unit_vectors(1, start)[0], 1, Filters())[0].key == start + 1
    for one in (library, reader):
        with one.snapshot() as snapshot:
            view = snapshot._open.derived.view
            assert view.main is not None
            assert len(view.main.keys) + len(view.tail.keys) == 100
            assert len(view.tail.keys) <= 30
        one.close()
    assert len(list((tmp_path / "vectors").iterdir())) == 3


def test_dead_rows_do_not_pile_up_in_a_small_library_that_changes_all_the_time(tmp_path: Path) -> None:
    open_library(tmp_path, create=True).close()
    library = LocalLibrary(tmp_path, tail_rows=30)
    for number in range(24):
        library.put([entry("a", "one", "two", "three", seed=number)])
        library._vectors.close()
        with library.snapshot() as snapshot:
            assert [one.key for one in snapshot.dense(unit_vectors(1, 0)[0], 10, Filters())] != []
            assert len(snapshot._open.derived.view.tail.keys) <= 33
            (tombstones,) = snapshot._open.truth._truth.all("SELECT count(*) FROM tombstones")
            assert tombstones[0] <= 12
    library.close()


# The lexical side


def test_catching_up_twice_changes_nothing(tmp_path: Path) -> None:
    library = open_library(tmp_path, create=True)
    library.put([entry("a", "x")])
    assert isinstance(library, LocalLibrary)
    before = sorted(path.name for path in (tmp_path / "words").iterdir())
    assert library._repaired()
    assert sorted(path.name for path in (tmp_path / "words").iterdir()) == before
    library.close()


def test_scores_are_bm25(tmp_path: Path) -> None:
    """Robertson and Zaragoza's BM25, k1 = 1.2 and b = 0.75, over the passages and the stamp as an empty document."""
    texts = ["grain grain harvest", "grain embargo", "harvest festival in the village", "embargo"]
    library = open_library(tmp_path, create=True)
    library.put([entry("a", *texts, title="Grain")])
    documents, length = len(texts) + 1, sum(len(text.split()) for text in texts)
    titles = 0.5 * math.log(1 + 1.5 / 4.5) * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 1 / (4 / documents)))

    def bm25(text: str, word: str) -> float:
        holding = sum(word in other.split() for other in texts)
        idf = math.log(1 + (documents - holding + 0.5) / (holding + 0.5))
        frequency = text.split().count(word)
        norm = 1.2 * (0.25 + 0.75 * len(text.split()) / (length / documents))
        return idf * frequency * 2.2 / (frequency + norm)

    with library.snapshot() as snapshot:
        found = {one.passage.text: 0.0 for one in snapshot.passages([1, 2, 3, 4])}
        for hit in snapshot.lexical("grain harvest", 10, Filters()):
            found[snapshot.passages([hit.key])[0].passage.text] = hit.score
    expected = {text: bm25(text, "grain") + bm25(text, "harvest") + titles for text in texts}
    assert found == pytest.approx(expected, rel=1e-5)
    library.close()


# Snapshots and the log


def test_snapshots_of_one_generation_share_one_reading(tmp_path: Path) -> None:
    library = open_library(tmp_path, create=True)
    library.put([entry("a", "x")])
    one, other = library.snapshot(), library.snapshot()
    assert one._open is other._open  # type: ignore[attr-defined]
    one.close()
    assert other.counts() == (1, 1)
    library.close()
    assert other.counts() == (1, 1), "a snapshot outlives its library"
    other.close()


def test_the_log_is_begun_anew_while_readers_come_and_go(tmp_path: Path) -> None:
    library = open_library(tmp_path, create=True)
    library.snapshot().close()
    large = Entry(Article("a", "x" * 10_000_000), [], unit_vectors(0, 0), [])
    sizes = []
    for number in range(10):
        with library.snapshot() as snapshot:
            assert snapshot.counts()[0] == min(number, 1)
        library.put([large])
        sizes.append((tmp_path / "truth.sqlite-wal").stat().st_size)
    assert max(sizes) < 60_000_000
    library.close()
    assert not (tmp_path / "truth.sqlite-wal").exists()


def test_several_threads_write_and_read_one_library(tmp_path: Path) -> None:
    open_library(tmp_path, create=True).close()
    library = LocalLibrary(tmp_path, tail_rows=30)
    library.put([entry("start", "x")])
    failures: list[BaseException] = []

    def write(name: str) -> None:
        for number in range(6):
            library.put([entry(f"{name}{number % 4}", f"{name} {number}", "more", seed=number)])

    def read() -> None:
        try:
            for _ in range(40):
                with library.snapshot() as snapshot:
                    keys = snapshot.stored_keys()
                    assert snapshot.dense_keys() == snapshot.lexical_keys() == keys
                    assert len(snapshot.dense(unit_vectors(1, 0)[0], 100, Filters())) == len(keys)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    threads += [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert library.status().articles == 13
    assert library.status().generation == 19
    library.close()
