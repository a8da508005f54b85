"""Several processes on one library, and processes that are killed while they write."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.errors import LibraryBusy
from index.library.contract import Filters, Snapshot
from index.library.local.library import LocalLibrary
from index.library.local.lock import FileLock
from index.library.opening import open_library
from tests.index.library import writer_process
from tests.index.library.samples import entry, unit_vectors
from tests.index.library.writer_process import PASSAGES, batch_of, gone_with

ROOT = Path(__file__).resolve().parents[4]
KILLS = int(os.environ.get("PINCITE_TEST_KILLS", "15"))


@contextmanager
def writer(folder: Path, name: str, batches: int) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, writer_process.__file__, str(folder), name, str(batches)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def assert_one_generation(snapshot: Snapshot, name: str) -> None:
    """The three parts hold the same passages, and every article is whole: all its passages are of one batch."""
    keys = snapshot.stored_keys()  # type: ignore[attr-defined]
    assert snapshot.dense_keys() == keys  # type: ignore[attr-defined]
    assert snapshot.lexical_keys() == keys  # type: ignore[attr-defined]
    assert {one.key for one in snapshot.dense(unit_vectors(1, 0)[0], 10_000, Filters())} == set(keys)
    stored = snapshot.passages(keys)
    assert len(stored) == len(keys)
    by_article: dict[str, list[str]] = {}
    for one in stored:
        by_article.setdefault(one.article.id, []).append(one.passage.text)
    for article_id, texts in by_article.items():
        number = texts[0].split()[1]
        assert texts == [f"batch {number} sentence {at}" for at in range(PASSAGES)]
        found = snapshot.lexical(f"batch {number}", 10_000, Filters(article_ids=(article_id,)))
        assert len(found) == PASSAGES
    if f"{name}-0" in by_article:
        assert by_article[f"{name}-0"] == by_article[f"{name}-1"]


def expected_texts(name: str, last: int) -> dict[str, str]:
    """The text of each article once batch `last` is acknowledged."""
    texts: dict[str, str] = {}
    for number in range(last + 1):
        texts |= {one.article.id: one.article.text for one in batch_of(name, number)}
        for article_id in gone_with(name, number):
            del texts[article_id]
    return texts


def texts_of(snapshot: Snapshot) -> dict[str, str]:
    articles = [snapshot.article(article.id) for article in snapshot.articles(None, 10_000)]
    return {article.id: article.text for article in articles if article is not None}


def test_one_process_reads_while_another_writes(tmp_path: Path) -> None:
    open_library(tmp_path, create=True).close()
    reader = LocalLibrary(tmp_path, tail_rows=50)
    generations = []
    with writer(tmp_path, "w", 25) as process:
        assert process.stdout is not None
        for line in process.stdout:
            number, generation = map(int, line.split())
            with reader.snapshot() as snapshot:
                assert snapshot.generation >= generation, "an acknowledged write is seen by the next snapshot"
                assert_one_generation(snapshot, "w")
                generations.append(snapshot.generation)
                with reader.snapshot() as later:
                    assert_one_generation(later, "w")
        assert process.wait() == 0
    assert number == 24
    assert generations == sorted(generations)
    with reader.snapshot() as snapshot:
        assert texts_of(snapshot) == expected_texts("w", 24)
    reader.close()


def test_an_old_snapshot_stays_while_another_process_writes(tmp_path: Path) -> None:
    library = open_library(tmp_path, create=True)
    library.put(batch_of("w", 0))
    with library.snapshot() as before:
        with writer(tmp_path, "w", 8) as process:
            process.communicate()
            assert process.returncode == 0
        assert_one_generation(before, "w")
        assert texts_of(before) == expected_texts("w", 0)
        with library.snapshot() as after:
            assert_one_generation(after, "w")
            assert texts_of(after) == expected_texts("w", 7)
    library.close()


def test_two_processes_write_in_turns(tmp_path: Path) -> None:
    with writer(tmp_path, "x", 10) as one, writer(tmp_path, "y", 10) as other:
        outputs = [process.communicate() for process in (one, other)]
    assert [error for _, error in outputs] == ["", ""]
    lines = [line.split() for output, _ in outputs for line in output.splitlines()]
    generations = [int(generation) for _, generation in lines]
    assert len(set(generations)) == 20
    library = open_library(tmp_path)
    with library.snapshot() as snapshot:
        assert texts_of(snapshot) == expected_texts("x", 9) | expected_texts("y", 9)
        assert snapshot.generation == max(generations)
        assert snapshot.dense_keys() == snapshot.lexical_keys() == snapshot.stored_keys()  # type: ignore[attr-defined]
    library.close()


def test_a_writer_waits_only_so_long(tmp_path: Path) -> None:
    library = open_library(tmp_path, create=True, wait=0.05)
    with (
        FileLock(tmp_path / "write.lock").held(0),
        pytest.raises(LibraryBusy, match=r"being written by another.*0\.05"),
    ):
        library.put([entry("a", "x")])
    assert library.put([entry("a", "x")]).generation == 1
    library.close()


def test_a_reader_does_not_wait_for_the_write_lock(tmp_path: Path) -> None:
    library = open_library(tmp_path, create=True, wait=0.05)
    library.put([entry("a", "x")])
    with FileLock(tmp_path / "write.lock").held(0), library.snapshot() as snapshot:
        assert snapshot.counts() == (1, 1)
    library.close()


def test_a_reader_says_when_the_words_cannot_be_caught_up(tmp_path: Path) -> None:
    library = open_library(tmp_path, create=True, wait=0.05)
    with FileLock(tmp_path / "write.lock").held(0), pytest.raises(LibraryBusy, match=r"words in .* are behind"):
        library.snapshot()
    library.close()


def killed_writer(folder: Path, name: str, lines: int, delay: float) -> int:
    """Start a writer, kill it `delay` seconds after so many acknowledged batches; the last batch acknowledged."""
    with writer(folder, name, 10_000) as process:
        assert process.stdout is not None
        first = "".join(process.stdout.readline() for _ in range(lines))
        time.sleep(delay)
        process.kill()
        rest, errors = process.communicate()
    assert errors == ""
    return len((first + rest).splitlines()) - 1


def possible_texts(name: str, last: int) -> list[dict[str, str]]:
    """What may be stored when batch `last` was acknowledged and the next one, then its deletions, were on their way."""
    before, after = expected_texts(name, last), expected_texts(name, last + 1)
    between = before | {one.article.id: one.article.text for one in batch_of(name, last + 1)}
    return [before, between, after]


def test_nothing_acknowledged_is_lost_however_often_the_writer_is_killed(tmp_path: Path) -> None:
    """Kill -9 at random moments: the library opens every time, holds what was acknowledged and nothing by halves."""
    chance = random.Random(20250113)
    stored: dict[str, str] = {}
    for kill in range(KILLS):
        name = f"w{kill}"
        last = killed_writer(tmp_path, name, lines=chance.randrange(4), delay=chance.uniform(0, 0.3))
        library = open_library(tmp_path, create=True, read_only=kill % 3 == 2)
        with library.snapshot() as snapshot:
            assert_one_generation(snapshot, name)
            texts = texts_of(snapshot)
        library.close()
        assert {key: text for key, text in texts.items() if key in stored} == stored
        assert {key: text for key, text in texts.items() if key not in stored} in possible_texts(name, last)
        stored = texts


def test_a_library_may_be_killed_while_it_is_made(tmp_path: Path) -> None:
    for kill, delay in enumerate((0.25, 0.3, 0.35, 0.4, 0.45)):
        folder = tmp_path / str(kill)
        last = killed_writer(folder, "w", lines=0, delay=delay)
        library = open_library(folder, create=True)
        with library.snapshot() as snapshot:
            assert_one_generation(snapshot, "w")
            assert texts_of(snapshot) in possible_texts("w", last)
        library.close()
