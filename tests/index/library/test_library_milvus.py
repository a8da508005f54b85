"""What only a library on Milvus can show: values that would break out of an expression, several processes without a
lock on disk, writes that were cut short, rows that died. On Milvus' own core, out of the wheel `milvus-lite`."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("pymilvus")

from index.errors import FingerprintMismatch, LibraryBusy, LibraryError, LibraryMissing, LibraryNewer, Unreachable
from index.library.contract import Entry, Filled, Filters
from index.library.milvus import deaths, engine, turns
from index.library.milvus import library as milvus
from index.library.milvus.address import Address
from index.library.milvus.deaths import Deaths
from index.library.milvus.engine import Engine
from index.library.milvus.library import MilvusLibrary
from index.library.milvus.transaction import Transaction
from index.library.opening import local_folder, open_library
from tests.index.library.milvus_lite import wait_for
from tests.index.library.openers import NO_FILTERS, forget, ids, lite, words
from tests.index.library.samples import digest, entry, random_entries, unit_vectors

ROOT = Path(__file__).resolve().parents[3]
MODEL = {"model": {"name": "small"}}


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    return lite().address(f"n{abs(hash(request.node.nodeid))}")


@pytest.fixture
def library(address: str) -> Iterator[MilvusLibrary]:
    library = opened(address)
    yield library
    forget(library)
    library.close()


def opened(address: str, wait: float = 30.0) -> MilvusLibrary:
    library = open_library(address, create=True, wait=wait)
    assert isinstance(library, MilvusLibrary)
    return library


def dense(library: MilvusLibrary, filters: Filters = NO_FILTERS) -> list[str]:
    with library.snapshot() as snapshot:
        return ids(snapshot, snapshot.dense(unit_vectors(1, 0)[0], 100, filters))


# Values

HOSTILE = [
    '"',
    "\\",
    '\\"',
    '" or key > 0 or "',
    '"] or born >= 0 or labels == ["',
    "') or 1 == 1 --",
    "a\nb",
    "a\tb",
    "%",
    "_",
    "{x}",
    "$meta",
    "'",
    "\u2028",
    "😀",
    "İstanbul",
]


def test_no_value_breaks_out_of_its_expression(library: MilvusLibrary) -> None:
    """Each value finds the article that has it, and no other, wherever it stands."""
    library.put([entry(value, "word", source=value, tags=(value,), author=value) for value in HOSTILE])
    for value in HOSTILE:
        expected = [f"{value}#0"]
        for filters in (Filters(sources=(value,)), Filters(tags=(value,)), Filters(article_ids=(value,))):
            assert dense(library, filters) == expected
            assert words(library, "word", filters) == expected
        assert library.digests([value]).keys() == {value}
        with library.snapshot() as snapshot:
            article = snapshot.article(value)
            assert article is not None
            assert (article.id, article.source) == (value, value)
            assert [one.article_id for one in snapshot.article_passages(value)] == [value]
    with library.snapshot() as snapshot:
        assert [one.id for one in snapshot.articles(None, 100)] == sorted(HOSTILE)
        for value in HOSTILE:
            assert [one.id for one in snapshot.articles(value, 100)] == [one for one in sorted(HOSTILE) if one > value]
    assert library.delete(['" or key > 0 or "', "' or 1 == 1"]).deleted == 1
    assert library.status().articles == len(HOSTILE) - 1


def test_long_articles_and_notes_come_back_whole(library: MilvusLibrary) -> None:
    paragraphs = [f"{number} Äpfel 😀 " * 100 for number in range(200)]
    long = entry("long", *paragraphs, metadata={"more": "ü" * 100_000})
    library.put([long], {"note": "é" * 100_000})
    library.put([entry("other", "word")], {"note": "è" * 50_000})
    with library.snapshot() as snapshot:
        assert snapshot.article("long") == long.article
        assert snapshot.article_passages("long") == list(long.passages)
    assert library.notes(["note", "other"]) == {"note": "è" * 50_000}


def test_what_does_not_fit_into_a_field_is_refused_by_name(library: MilvusLibrary) -> None:
    with pytest.raises(ValueError, match=r"'a' has a title or a passage of more than 16383 bytes"):
        library.put([entry("a", "word " * 4_000)])
    with pytest.raises(ValueError, match=r"'a' has more than 4096 tags"):
        library.put([entry("a", "word", tags=tuple(map(str, range(5_000))))])
    assert library.status().articles == 0


# Opening


def test_a_library_that_is_not_there_is_not_made_unasked() -> None:
    with pytest.raises(LibraryMissing, match=r"no library at milvus://127\.0\.0\.1:\d+/nothing.*pincite index"):
        open_library(lite().address("nothing"))


def test_a_server_that_does_not_answer_is_named() -> None:
    with pytest.raises(Unreachable, match=r"does not answer at milvus://127\.0\.0\.1:1/news"):
        open_library("milvus://127.0.0.1:1/news", create=True)


def test_what_works_on_files_says_so() -> None:
    with pytest.raises(LibraryError.__mro__[1], match=r"milvus://h/n is not in a folder\. Copy it"):
        local_folder("milvus://h/n", "Copy it.")


def test_a_library_of_a_newer_pincite_is_refused(library: MilvusLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    library.put([entry("a", "word")])
    monkeypatch.setattr("index.library.milvus.state.FORMAT", 0)
    with pytest.raises(LibraryNewer, match="newer Pincite"):
        opened(str(lite().address(library._address.name))).snapshot()


def test_only_reading_is_only_reading(library: MilvusLibrary, address: str) -> None:
    library.put([entry("a", "word")])
    reader = open_library(address, read_only=True)
    assert reader.status().articles == 1
    with pytest.raises(LibraryError, match="reading only"):
        reader.put([entry("b", "word")])
    reader.close()


# Turns


def test_writers_take_turns(library: MilvusLibrary, address: str) -> None:
    others = [opened(address) for _ in range(3)]

    def write(number: int) -> None:
        for batch in range(4):
            others[number].put([entry(f"{number}-{batch}", "word", seed=number)])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    status = library.status()
    assert (status.articles, status.passages, status.generation) == (12, 12, 12)
    with library.snapshot() as snapshot:
        keys = [one.key for one in snapshot.dense(unit_vectors(1, 0)[0], 100, NO_FILTERS)]
        assert sorted(keys) == list(range(1, 13))


def test_who_waits_too_long_is_told_and_a_dead_writers_turn_ends(
    library: MilvusLibrary, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "TURN_SECONDS", 1.5)
    other = opened(address, wait=0.2)
    holder = library._turns.taken()
    holder.__enter__()  # and never left, as when its process is killed
    with pytest.raises(LibraryBusy, match=r"for 0\.2 seconds"):
        other.put([entry("a", "word")])
    patient = opened(address)
    assert patient.put([entry("a", "word")]).generation == 1
    with pytest.raises(LibraryBusy, match="has ended"):
        library._turns.renew()
    holder.__exit__(None, None, None)  # now, and not when it is collected, long after its library was closed


# What is cut short


@pytest.fixture
def before(library: MilvusLibrary) -> MilvusLibrary:
    """A library as it was before."""
    library.adopt(MODEL)
    library.put([entry(f"a{number}", f"old text {number}", seed=number) for number in range(6)], {"note": "old"})
    library.put([entry("waits", "later text", later=True)])
    return library


@pytest.fixture(params=["records", "passages", "vectors_1", "deaths", "commit"])
def cut_short(request: pytest.FixtureRequest, before: MilvusLibrary, monkeypatch: pytest.MonkeyPatch) -> str:
    """A write ends in the middle of this, until it is undone."""
    assert before.status().articles == 7
    name: str = request.param

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    def first_half(self: Engine, kind: str, rows: engine.Rows, insert: Callable[..., None] = Engine.insert) -> None:
        insert(self, kind, rows if kind != name else rows[: len(rows) // 2])
        if kind == name:
            raise KeyboardInterrupt

    def recorded(self: Deaths, *given: Any, record: Callable[..., None] = Deaths.record) -> None:
        record(self, *given)
        raise KeyboardInterrupt

    if name == "commit":
        monkeypatch.setattr("index.library.milvus.state.Ledger.commit", killed)
    elif name == "deaths":
        monkeypatch.setattr(Deaths, "record", recorded)
    else:
        monkeypatch.setattr(Engine, "insert", first_half)
    return name


@pytest.mark.usefixtures("cut_short")
def test_what_is_cut_short_is_seen_by_nobody_and_undone_by_the_next_write(
    before: MilvusLibrary, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced = [entry(f"a{number}", "fresh text", "more of it", seed=7) for number in range(6)]
    with pytest.raises(KeyboardInterrupt):
        before.put([*replaced, entry("new", "fresh text")], {"note": "new"})
    assert looked_at(before) == AS_IT_WAS
    monkeypatch.undo()
    other = opened(address)
    assert looked_at(other) == AS_IT_WAS
    assert other.put([entry("b", "word")]).generation == 3
    assert (rows(other, "passages"), rows(other, "vectors_1"), rows(other, "ledger", DEAD)) == (8, 7, 0)
    assert other.delete(["b"]).generation == 4
    assert looked_at(other)[1:] == AS_IT_WAS[1:]
    assert other.put([*replaced, entry("new", "fresh text")], {"note": "new"}).updated == 6
    assert len(words(other, "fresh")) == 7
    assert other.notes(["note"]) == {"note": "new"}
    other.close()


def rows(library: MilvusLibrary, kind: str, expression: str | None = None) -> int:
    """How many rows there are, seen or not."""
    every = "key > 0" if kind in {"passages", "vectors_1"} else 'id >= ""'
    return len(library._engine.rows(kind, expression or every, []))


def test_a_first_write_that_was_cut_short_decides_on_no_dimensions(
    library: MilvusLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("index.library.milvus.state.Ledger.commit", killed)
    with pytest.raises(KeyboardInterrupt):
        library.put([entry("a", "apple")])
    monkeypatch.undo()
    assert library.put([entry("a", "apple", vectors=unit_vectors(1, 0, dimensions=8))]).added == 1
    with library.snapshot() as snapshot:
        assert len(snapshot.dense(unit_vectors(1, 0, dimensions=8)[0], 10, NO_FILTERS)) == 1


AS_IT_WAS = (2, (7, 7), 6, 7, [f"a{number}#0" for number in range(6)], {"note": "old"}, 1, [])


def looked_at(library: MilvusLibrary) -> tuple[object, ...]:
    """All that a reader can see."""
    with library.snapshot() as snapshot:
        texts = ids(snapshot, snapshot.lexical("text", 100, NO_FILTERS))
        return (
            snapshot.generation,
            snapshot.counts(),
            len(snapshot.dense(unit_vectors(1, 0)[0], 100, NO_FILTERS)) if len(texts) == 7 else -1,
            len(texts),
            sorted(name for name in texts if name.startswith("a")),
            library.notes(["note"]),
            library.waiting(),
            snapshot.lexical("fresh", 100, NO_FILTERS),
        )


def test_a_filling_that_is_cut_short_before_it_tidies_up_is_made_good(
    library: MilvusLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.adopt(MODEL)
    library.put([entry("a", "apple", later=True), entry("b", "banana", later=True)])
    claimed = library.claim(MODEL, 1, -1)
    monkeypatch.setattr(Transaction, "tidy", lambda self: None)
    filled = [Filled(one.stored.key, one.digest, unit_vectors(1, 0)[0]) for one in claimed]
    assert library.fill(MODEL, filled).filled == 1
    monkeypatch.undo()
    again = library.claim(MODEL, 10, 60)
    rest = [Filled(one.stored.key, one.digest, unit_vectors(1, 1)[0]) for one in again]
    assert library.fill(MODEL, rest).filled == 1
    assert library.waiting() == 0
    assert library.claim(MODEL, 10, 60) == []
    library.put([entry("c", "cherry", later=True)])
    monkeypatch.setattr(Transaction, "tidy", lambda self: None)
    library.delete(["c"])
    assert rows(library, "awaited") == 1
    monkeypatch.undo()
    assert (library.waiting(), library.claim(MODEL, 10, 60)) == (0, [])
    assert rows(library, "awaited") == 0


# What died


def test_what_died_is_removed_later_and_snapshots_of_before_still_see_it(
    library: MilvusLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.put([entry("a", "apple", "apricot"), entry("b", "banana")], {"note": "one"})
    with library.snapshot() as before:
        library.put([entry("a", "avocado")], {"note": "two"})
        library.put([entry("c", "cherry")])
        assert (rows(library, "passages"), rows(library, "vectors_1")) == (5, 5)
        assert len(before.lexical("apple apricot", 10, NO_FILTERS)) == 2
    monkeypatch.setattr(deaths, "SWEPT_SECONDS", 0.0)
    library.put([entry("d", "dates")])
    assert (rows(library, "passages"), rows(library, "vectors_1"), rows(library, "records")) == (4, 4, 9)
    assert sorted(words(library, "apple avocado banana cherry")) == ["a#0", "b#0", "c#0"]
    assert library.notes(["note"]) == {"note": "two"}
    assert rows(library, "ledger", DEAD) == 1  # others may not have seen yet that the rows are gone
    library.delete(["a"])
    library.put([entry("e", "elder")])
    assert (rows(library, "passages"), rows(library, "ledger", DEAD)) == (4, 1)
    assert sorted(words(library, "avocado banana cherry dates elder")) == ["b#0", "c#0", "d#0", "e#0"]


DEAD = 'id >= "dead" and id < "deae"'


def test_old_states_are_deleted(library: MilvusLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.library.milvus.state.KEPT", 3)
    for number in range(7):
        library.put([entry(f"a{number}", "word")])
    assert rows(library, "ledger", 'id >= "state" and id < "statf"') == 2
    assert library.status().articles == 7


def test_many_dead_do_not_wait_for_the_next_write_to_be_removed(
    library: MilvusLibrary, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By whoever may write and looks; one that may only read leaves them out as long as they are there."""
    scattered = [f"a{number}" for number in range(0, 60, 2)]
    library.put([entry(f"a{number}", "word", seed=number) for number in range(60)])
    library.delete(scattered)
    monkeypatch.setattr(deaths, "SWEPT_SECONDS", 0.0)
    monkeypatch.setattr(milvus, "MANY_DEAD", 30)
    reader = open_library(address, read_only=True)
    assert len(dense(library)) == len(words(reader, "word")) == 30
    wait_for(lambda: rows(library, "passages") == 30)
    assert library.status().generation == 2
    assert len(dense(library)) == len(words(library, "word")) == len(words(reader, "word")) == 30
    reader.close()


def test_a_library_that_is_replaced_whole_and_in_part_answers_from_what_lives(library: MilvusLibrary) -> None:
    """Hundreds of dead rows, in runs and scattered, are in nobody's way."""

    def batch(text: str, numbers: range) -> list[Entry]:
        return [entry(f"a{number:04}", f"{text} {number}", seed=number) for number in numbers]

    library.put(batch("first", range(600)))
    library.put(batch("second", range(600)))
    library.put(batch("third", range(0, 600, 3)))
    asked = unit_vectors(1, 5)[0]
    with library.snapshot() as snapshot:
        assert snapshot.counts() == (600, 600)
        assert len(snapshot.dense(asked, 5000, NO_FILTERS)) == 600
        assert len(snapshot.lexical("third", 5000, NO_FILTERS)) == 200
        assert len(snapshot.lexical("second", 5000, NO_FILTERS)) == 400
        assert snapshot.lexical("first", 5000, NO_FILTERS) == []
        assert len(snapshot.dense(asked, 5000, Filters(without=("third",)))) == 400
        assert [one.id for one in snapshot.articles("a0497", 2)] == ["a0498", "a0499"]
        text = snapshot.passages([one.key for one in snapshot.dense(unit_vectors(1, 7)[0], 1, NO_FILTERS)])
        assert text[0].passage.text == "second 7"


def test_readers_see_whole_batches_while_another_process_writes_and_is_killed(
    library: MilvusLibrary, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "TURN_SECONDS", KILLED_TURN)
    seen: list[int] = []
    for kill in range(2):
        script = f"from tests.index.library.test_library_milvus import replacing; replacing({address!r}, {kill})"
        writer = subprocess.Popen([sys.executable, "-W", "ignore", "-c", script], cwd=ROOT)
        generations = looked_on(library)
        seen += generations
        writer.kill()
        writer.wait()
        last = library.status().generation
        assert looked_on(library, until=last)[-1] == last
        library.put([entry(f"a{number}", f"batch {kill} after") for number in range(5)])
        assert looked_on(library, until=last + 1) == [last + 1]
    assert seen == sorted(seen)
    assert rows(library, "ledger", 'id >= "begun" and id < "beguo"') == 0


KILLED_TURN = 2.0


def replacing(address: str, seed: int) -> None:
    """Replace a library's five articles, again and again."""
    turns.TURN_SECONDS = KILLED_TURN
    library = opened(address)
    for batch in count():
        library.put([entry(f"a{number}", f"batch {seed} {batch}", seed=batch) for number in range(5)])


def looked_on(library: MilvusLibrary, until: int | None = None) -> list[int]:
    """The generations seen, all whole, until one is seen or six were."""
    seen: list[int] = []
    while len(set(seen)) < 6 and (until is None or not seen or seen[-1] < until):
        with library.snapshot() as snapshot:
            if snapshot.generation == 0:
                continue
            texts = [one.passage.text for one in snapshot.passages(range(1, 1000))]
            assert len(texts) == 5
            assert len(set(texts)) == 1
            for found in (
                snapshot.dense(unit_vectors(1, 0)[0], 100, NO_FILTERS),
                snapshot.lexical("batch", 100, NO_FILTERS),
            ):
                assert sorted(one.passage.text for one in snapshot.passages([one.key for one in found])) == texts
            seen.append(snapshot.generation)
    return seen


# Kinds of servers


def test_the_core_says_not_by_looking_up_first(library: MilvusLibrary) -> None:
    """Milvus' own core refuses `not`, which its servers know; both ways must mean the same."""
    library.put([entry("a", "word one", source="A"), entry("b", "word two", source="B")])
    assert library._engine.embedded
    say_not = library._engine.negation("Strong")
    assert say_not('array_contains_any(labels, ["source:a"])') == "key not in [1]"
    assert say_not('array_contains_any(labels, ["source:x"])') == "born >= 0"


def test_a_server_before_bm25_says_what_it_cannot_do(library: MilvusLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    library.put([entry("a", "word")])
    monkeypatch.setattr(library._engine, "bm25", False)
    with library.snapshot() as snapshot, pytest.raises(LibraryError, match=r"from 2\.5 on.*mode dense"):
        snapshot.lexical("word", 10, NO_FILTERS)


def test_facets_of_very_many_articles_are_refused(library: MilvusLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    library.put([entry("a", "word", source="A"), entry("b", "word")])
    monkeypatch.setattr("index.library.milvus.snapshot.MOST_COUNTED", 1)
    with library.snapshot() as snapshot, pytest.raises(LibraryError, match="Facets of more than 1 articles"):
        snapshot.facets("source", NO_FILTERS, 10)


# What a reader sees of others


def test_a_bounded_reader_sees_its_own_writes_at_once_and_those_of_others_soon(library: MilvusLibrary) -> None:
    name = Address.parsed(lite().address("x")).uri
    bounded = opened(lite().address(library._address.name, consistency="Bounded"))
    assert name == bounded._address.uri
    bounded.put([entry("a", "apple")])
    assert bounded.status().articles == 1
    library.put([entry("b", "banana")])
    deadline = time.monotonic() + 30
    while bounded.status().articles != 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert words(bounded, "apple banana") == ["a#0", "b#0"]
    bounded.close()


def test_vectors_of_another_model_are_refused_once_it_is_stated(library: MilvusLibrary, address: str) -> None:
    library.adopt(MODEL)
    with pytest.raises(FingerprintMismatch, match=r"milvus://127.*small.*large.*pincite reembed"):
        opened(address).adopt({"model": {"name": "large"}})


def test_deep_results_are_as_right_as_shallow_ones(library: MilvusLibrary) -> None:
    entries = random_entries(400, seed=3)
    library.put(entries)
    vectors = {p.id: v for one in entries for p, v in zip(one.passages, one.vectors, strict=True)}  # type: ignore[arg-type]
    asked = unit_vectors(1, 9)[0]
    expected = sorted(vectors, key=lambda name: -float(vectors[name] @ asked))
    with library.snapshot() as snapshot:
        for limit in (1, 100, len(vectors), 10_000):
            found = snapshot.dense(asked, limit, NO_FILTERS)
            assert ids(snapshot, found) == expected[:limit]
            np.testing.assert_allclose(
                [one.score for one in found[:5]], [vectors[n] @ asked for n in expected[: min(5, limit)]], atol=1e-6
            )


def test_an_entry_is_stored_as_one_row_a_passage_whatever_came_before(library: MilvusLibrary) -> None:
    again = Entry(entry("a", "x", "y").article, entry("a", "x", "y").passages, None, [digest("x"), digest("y")])
    library.put([again])
    library.put([again])
    with library.snapshot() as snapshot:
        assert snapshot.counts() == (1, 2)
        assert snapshot.passages_without_vectors() == 2
