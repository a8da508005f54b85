"""What the dense side is made of: sets of rows, vectors in a file, finding rows, filters remembered, main indexes."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from index.library.contract import Filters
from index.library.local import bits, finders, vectors
from index.library.local.connection import Connection
from index.library.local.finders import Exact
from index.library.local.library import LocalLibrary
from index.library.local.places import Places
from index.library.local.remembered import Recent
from index.library.local.rowfile import RowFile, append, sums_of
from index.library.local.upkeep import give_way
from index.library.opening import open_library
from tests.index.library.samples import entry, random_entries, unit_vectors

# Sets of rows


@pytest.mark.parametrize("size", [1, 7, 8, 63, 64, 65, 1000])
def test_every_position_is_in_the_set_of_all(size: int) -> None:
    everything = bits.every(size)
    assert bits.count(everything) == size
    assert bits.positions(everything).tolist() == list(range(size))
    assert len(everything) == -(-size // 64)


def test_sets_hold_what_they_were_made_of() -> None:
    some = bits.of(np.array([0, 63, 64, 99]), 100)
    assert bits.positions(some).tolist() == [0, 63, 64, 99]
    others = bits.every(100) & ~some
    assert bits.count(others) == 96
    assert bits.positions(others | some).tolist() == list(range(100))
    assert bits.count(bits.of(np.empty(0, np.int64), 0)) == 0
    assert bits.held(some, np.array([0, 1, 62, 63, 64, 98, 99])).tolist() == [
        True,
        False,
        False,
        True,
        True,
        False,
        True,
    ]
    assert bits.held(some, np.empty(0, np.int64)).tolist() == []


def test_a_longer_set_has_all_new_rows() -> None:
    longer = bits.longer(bits.of(np.array([1, 69]), 70), 70, 73)
    assert bits.positions(longer).tolist() == [1, 69, 70, 71, 72]


# Where values stand


@pytest.mark.parametrize("values", [[1, 1, 3, 3, 3, 8], [3, 1, 8, 3, 1, 3]])
def test_values_are_found_wherever_they_stand(values: list[int]) -> None:
    places = Places(np.array(values))
    for wanted in ([3], [1, 8], [2], [], [0, 1, 3, 8, 9]):
        found = np.sort(places.of(np.array(wanted, np.int64)))
        assert found.tolist() == [at for at, value in enumerate(values) if value in wanted]


# What is remembered of filters


def test_what_was_worked_out_serves_its_generation_and_later_ones() -> None:
    kept: Recent[str] = Recent(most=2)
    a, b, c = (Filters(sources=(name,)) for name in "abc")
    kept.keep(a, 5, "five")
    assert [kept.get(a, generation) for generation in (4, 5, 9)] == [None, "five", "five"]
    kept.keep(a, 7, "seven")
    assert kept.get(a, 5) == "seven", "what grew still serves the older generation"
    kept.keep(b, 1, "b")
    assert kept.get(a, 9) == "seven"
    kept.keep(c, 1, "c")
    assert [kept.get(filters, 9) for filters in (a, b, c)] == ["seven", None, "c"]


def test_filters_asked_before_see_articles_that_come_and_go(tmp_path: Path) -> None:
    library = open_library(tmp_path, create=True)
    filters = Filters(tags=("war",))
    question = unit_vectors(1, 0)[0]

    def found() -> set[str]:
        with library.snapshot() as snapshot:
            hits = snapshot.dense(question, 10, filters)
            return {one.article.id for one in snapshot.passages([hit.key for hit in hits])}

    library.put([entry("a", "x", tags=("war",)), entry("b", "x", seed=1)])
    before = library.snapshot()
    assert found() == {"a"}
    library.put([entry("c", "x", seed=2, tags=("war",)), entry("b", "x", seed=3, tags=("War",))])
    assert found() == {"a", "b", "c"}
    library.delete(["a"])
    assert found() == {"b", "c"}
    library.put([entry("c", "x", seed=4)])
    assert found() == {"b"}
    assert [one.key for one in before.dense(question, 10, filters)] == [1], "a snapshot goes on showing its generation"
    before.close()
    library.close()


# Vectors in a file


@pytest.fixture
def rows(tmp_path: Path) -> RowFile:
    return RowFile(tmp_path / "rows", 16, append(tmp_path / "rows", 0, 16, iter([unit_vectors(50, 1)])))


def test_rows_are_read_as_they_were_written(rows: RowFile) -> None:
    for wanted in ([0], [49], [3, 4, 5, 9, 48, 49], list(range(50)), []):
        positions, found = rows.take(np.array(wanted, np.int64))
        assert positions.tolist() == wanted
        np.testing.assert_array_equal(found, unit_vectors(50, 1)[wanted])
    assert rows.sound()
    np.testing.assert_array_equal(rows.mapped(), unit_vectors(50, 1))


def test_rows_appended_leave_those_before_and_replace_what_was_never_pointed_to(rows: RowFile) -> None:
    append(rows.path, 50, 16, iter([unit_vectors(8, 2)]))  # by a builder that was killed before its pointer
    sums = append(rows.path, 50, 16, iter([unit_vectors(3, 3), unit_vectors(1, 4)]))
    assert sums.tolist() == sums_of(np.concatenate([unit_vectors(3, 3), unit_vectors(1, 4)])).tolist()
    assert rows.path.stat().st_size == 54 * 64
    assert rows.sound()


@pytest.mark.parametrize("bit", [0, 7, 31])
def test_a_damaged_row_is_left_out_and_noticed(rows: RowFile, bit: int) -> None:
    content = bytearray(rows.path.read_bytes())
    content[7 * 64 + 20 + bit // 8] ^= 1 << bit % 8
    rows.path.write_bytes(content)
    assert rows.take(np.arange(6))[0].tolist() == [0, 1, 2, 3, 4, 5]
    assert not rows.damaged
    assert rows.take(np.arange(5, 9))[0].tolist() == [5, 6, 8]
    assert rows.damaged
    assert not rows.sound()


def test_a_file_that_became_shorter_is_an_error(rows: RowFile) -> None:
    with rows.path.open("r+b") as file:
        file.truncate(100)
    with pytest.raises(OSError, match="shorter than it was"):
        rows.take(np.array([40]))


# Finding rows


def test_scanning_tells_how_good_those_left_out_may_be() -> None:
    stored = unit_vectors(20, 5)
    exact = stored @ unit_vectors(1, 6)[0]
    found = Exact(stored).roughly(unit_vectors(1, 6)[0], 5, None)
    assert found.positions.tolist() == np.argsort(-exact)[:5].tolist()
    assert found.floor == pytest.approx(np.sort(exact)[-5], abs=1e-6)
    assert Exact(stored).roughly(stored[0], 50, None).floor == -np.inf
    assert Exact(stored).roughly(stored[0], 5, bits.of(np.array([2, 3]), 20)).floor == -np.inf
    assert len(Exact(np.empty((0, 16), np.float32)).roughly(stored[0], 5, None).positions) == 0


def test_an_inverted_index_finds_nearly_all_and_never_too_few(tmp_path: Path) -> None:
    stored, questions = clustered(4000, 7), clustered(40, 8)
    index = finders.trained(stored[::4], finders.lists_for(len(stored)))
    finders.add(index, [stored[:1500], stored[1500:]])
    finders.write(index, tmp_path / "index")
    again = finders.read(tmp_path / "index")
    shares = []
    for question in questions:
        found = index.roughly(question, 100, None).positions
        assert found.tolist() == again.roughly(question, 100, None).positions.tolist()
        assert len(found) == 100
        shares.append(len(set(found) & set(np.argsort(-stored @ question)[:10])) / 10)
    assert np.mean(shares) >= 0.97
    for every in (2, 50, 1000):
        allowed = bits.of(np.arange(0, 4000, every), 4000)
        found = index.roughly(questions[0], 100, allowed).positions
        assert len(found) == min(100, 4000 // every)
        assert set(found % every) == {0}


def test_a_few_dead_rows_are_left_out_wherever_they_lie() -> None:
    stored, question = clustered(4000, 7), clustered(1, 8)[0]
    index = finders.trained(stored, finders.lists_for(len(stored)))
    finders.add(index, [stored])
    by_nearness = np.argsort(-stored @ question)
    for dead, right in ((by_nearness[::20], 9), (by_nearness[:200], 5)):  # spread evenly, and all of the nearest
        alive = ~bits.of(dead, 4000) & bits.every(4000)
        found = index.roughly(question, 100, alive).positions
        assert 90 <= len(found) <= 100
        assert not set(found) & set(dead)
        best = [position for position in by_nearness if position not in set(dead)][:10]
        assert len(set(best) & set(found)) >= right


def test_where_nearly_all_are_wanted_all_are_found() -> None:
    stored = clustered(1000, 7)
    index = finders.trained(stored, finders.lists_for(len(stored)))
    finders.add(index, [stored])
    alive = ~bits.of(np.array([3, 500]), 1000) & bits.every(1000)
    assert set(index.roughly(stored[3], 2000, alive).positions) == set(range(1000)) - {3, 500}


def clustered(count: int, seed: int) -> np.ndarray:
    """Vectors of 64 dimensions that lie near a surface of 12, as those of texts do, always the same one."""
    surface = np.random.default_rng(0).standard_normal((12, 64))
    points = np.random.default_rng(seed).standard_normal((count, 12)) @ surface
    made: np.ndarray = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    return made


# Main indexes


def inverted(folder: Path) -> LocalLibrary:
    return LocalLibrary(folder, tail_rows=40, inverted_rows=100, few_rows=5)


def grow(folder: Path, first: int, count: int, by: int = 30) -> None:
    library = inverted(folder)
    for start in range(first, first + count, by):
        library.put(random_entries(by, seed=start, first=start))
        library._vectors.close()  # waits for the thread
    library.close()


def test_the_kind_changes_by_itself_as_a_library_grows(tmp_path: Path) -> None:
    open_library(tmp_path, create=True).close()
    seen = []
    for start in range(0, 330, 15):
        grow(tmp_path, start, 15, by=15)
        pointer = vectors.pointer_of(tmp_path / "vectors")
        seen.append((pointer.kind, pointer.trained) if pointer else None)
    kinds = [one and one[0] for one in seen]
    assert list(dict.fromkeys(kinds)) == [None, "flat", "inverted"]
    assert kinds == sorted(kinds, key=[None, "flat", "inverted"].index)
    trained = list(dict.fromkeys(one[1] for one in seen if one and one[1]))
    assert len(trained) >= 2
    assert all(later >= 2 * earlier for earlier, later in pairwise(trained))


def test_a_longer_main_keeps_the_file_with_the_vectors(tmp_path: Path) -> None:
    open_library(tmp_path, create=True).close()
    grow(tmp_path, 0, 90)
    names = [path.name for path in (tmp_path / "vectors").glob("*.rows")]
    before = vectors.pointer_of(tmp_path / "vectors")
    grow(tmp_path, 90, 30)
    after = vectors.pointer_of(tmp_path / "vectors")
    assert before is not None
    assert after is not None
    assert after.rows > before.rows
    assert after.trained == before.trained > 0
    assert [path.name for path in (tmp_path / "vectors").glob("*.rows")] == names


def test_damage_that_is_met_while_searching_is_left_out_then_made_good(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    open_library(tmp_path, create=True).close()
    grow(tmp_path, 0, 120)
    path = next((tmp_path / "vectors").glob("*.rows"))
    content = bytearray(path.read_bytes())
    content[64 * 20 + 3] ^= 4
    path.write_bytes(content)
    library = inverted(tmp_path)
    with library.snapshot() as snapshot:
        (lost,) = snapshot._open.derived.view.main.keys[[20]]  # type: ignore[union-attr]
        question = snapshot.vectors([int(lost)])[0]
        everything = snapshot.dense(question, 10_000, Filters())
        assert int(lost) not in {one.key for one in everything}
        assert len(everything) == snapshot.counts()[1] - 1
    with caplog.at_level(logging.WARNING, logger="index.library"):
        library.put([entry("another", "x")])
        library._vectors.close()
    assert "holds damaged vectors" in caplog.text
    with library.snapshot() as snapshot:
        assert snapshot.dense(question, 1, Filters())[0].key == int(lost)
        assert len(snapshot.dense(question, 10_000, Filters())) == snapshot.counts()[1]
    library.close()


def test_results_are_the_same_each_time_a_library_is_opened(tmp_path: Path) -> None:
    open_library(tmp_path, create=True).close()
    grow(tmp_path, 0, 150)
    found = []
    for _ in range(3):
        library = inverted(tmp_path)
        with library.snapshot() as snapshot:
            found.append([snapshot.dense(vector, 10, Filters()) for vector in unit_vectors(20, 9)])
        library.close()
    assert found[0] == found[1] == found[2]


def test_giving_way_changes_this_thread_alone() -> None:
    nice: list[int] = []

    def work() -> None:
        give_way()
        nice.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    mine = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert nice == [10]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == mine


# What a write costs


def test_nothing_that_a_write_does_goes_through_a_large_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither storing an article, nor replacing or deleting it, nor what a reader does to catch up with that."""
    library = open_library(tmp_path, create=True)
    library.put(random_entries(30, seed=1))
    library.snapshot().close()
    asked: set[str] = set()
    for name in ("run", "many", "all"):
        original = getattr(Connection, name)

        def recorded(self: Connection, sql: str, *rest: object, original: Callable[..., object] = original) -> object:
            asked.add(sql)
            return original(self, sql, *rest)

        monkeypatch.setattr(Connection, name, recorded)
    filters = Filters(tags=("tag1",), published_after=datetime(2025, 3, 1, tzinfo=UTC))
    for number in range(3):
        library.put([entry(f"a{number}", "x", seed=number, tags=("tag1",)), entry(f"new{number}", "y")])
        library.delete([f"a{number + 10}"])
        with library.snapshot() as snapshot:
            snapshot.dense(unit_vectors(1, 0)[0], 5, filters)
            if not number:
                asked.clear()  # filters are asked of all articles once
    monkeypatch.undo()
    truth = Connection(tmp_path / "truth.sqlite", "ro")
    statements = [sql for sql in asked if sql.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH"))]
    assert len(statements) > 10
    for sql in statements:
        plan = truth.all("EXPLAIN QUERY PLAN " + sql, [None] * sql.count("?"))
        scanned = [row[-1] for row in plan if re.match(r"SCAN (articles|passages|labels|vectors_1|a|p|v)\b", row[-1])]
        assert scanned == [], sql
    truth.close()
    library.close()
