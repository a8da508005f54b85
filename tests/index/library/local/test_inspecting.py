"""Looking a library over finds every kind of damage to its truth, and changes nothing."""

from __future__ import annotations

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from index.errors import LibraryDamaged, LibraryMissing
from index.library.contract import Filled
from index.library.local.inspecting import check, problems, truth_problems
from index.library.local.library import LocalLibrary
from index.library.opening import open_library
from tests.index.library.samples import entry, random_entries, unit_vectors

MODEL, OTHER = {"model": {"name": "small"}}, {"model": {"name": "large"}}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library after all kinds of writes: with a main index, passages that wait, and vectors of two models."""
    folder = tmp_path_factory.mktemp("made") / "library"
    open_library(folder, create=True).close()
    library = LocalLibrary(folder, tail_rows=40)
    library.adopt(MODEL)
    library.put(random_entries(60, seed=1))
    library.put(random_entries(10, seed=2))
    library.delete(["a11", "a12"])
    library.succeed(OTHER)
    library.fill(
        OTHER,
        [Filled(one.stored.key, one.digest, unit_vectors(1, 3, 8)[0]) for one in library.claim(OTHER, 30, 60)],
    )
    library.put([entry("later", "apple", "banana", later=True)])
    library.put([entry("a5", "cherry")])
    library.close()
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "library")
    return tmp_path / "library"


def change(folder: Path, statement: str) -> None:
    """Change rows behind the library's back."""
    with sqlite3.connect(folder / "truth.sqlite") as truth:
        assert truth.execute(statement).rowcount > 0
    truth.close()


def key_of(folder: Path, article_id: str) -> int:
    with sqlite3.connect(folder / "truth.sqlite") as truth:
        ((key,),) = truth.execute("SELECT key FROM articles WHERE id = ?", [article_id])
    truth.close()
    return int(key)


def test_nothing_is_wrong_with_a_library_that_was_only_written(folder: Path) -> None:
    assert problems(folder) == []
    check(folder)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE articles SET text = text || '.' WHERE id = 'a7'", "article 'a7' ({key}) is not what was stored"),
        ("UPDATE articles SET title = 'Another' WHERE id = 'a7'", "article 'a7' ({key}) is not what was stored"),
        ("UPDATE articles SET tags = 'none' WHERE id = 'a7'", "article 'a7' ({key}) is not what was stored"),
        (
            "UPDATE passages SET stop = stop - 1 WHERE key = {first}",
            "passages are not what was stored",
        ),
        (
            "UPDATE passages SET digest = zeroblob(32) WHERE key = {first}",
            "passages are not what was stored",
        ),
        ("DELETE FROM passages WHERE key = {first}", "passages and not"),
        ("DELETE FROM articles WHERE id = 'a7'", "there are 58 articles and not 59"),
        (
            "UPDATE vectors_1 SET vector = zeroblob(64) WHERE key = {first}",
            "the vectors of pipeline 1 are not what was stored",
        ),
        (
            "DELETE FROM vectors_2 WHERE key = (SELECT min(key) FROM vectors_2)",
            "the vectors of pipeline 2 are not what",
        ),
        ("DELETE FROM awaited WHERE pipeline = 1", "2 passages neither have a vector of pipeline 1 nor wait for one"),
    ],
)
def test_what_is_not_as_it_was_stored_is_named(folder: Path, statement: str, said: str) -> None:
    said = said.format(key=f"key {key_of(folder, 'a7')}")
    change(folder, statement.format(first="(SELECT min(key) FROM passages)"))
    found = truth_problems(folder / "truth.sqlite")
    assert any(said in one for one in found), found
    before = (folder / "truth.sqlite").read_bytes()
    with pytest.raises(LibraryDamaged, match="Nothing was changed; restore the library from a snapshot"):
        check(folder)
    assert (folder / "truth.sqlite").read_bytes() == before


def test_flipped_bits_are_found_or_of_no_consequence(folder: Path, tmp_path: Path) -> None:
    """One bit in the middle of the file's bytes in use, many times over: found, or nothing that is told has changed."""
    path = folder / "truth.sqlite"
    whole, chance = path.read_bytes(), random.Random(7)
    expected, silent = told(path), []
    for _ in range(60):
        at = chance.randrange(len(whole))
        damaged = bytearray(whole)
        damaged[at] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        try:
            found = truth_problems(path)
        except LibraryDamaged:
            continue
        except Exception:
            silent.append(f"{at}: another error")
            raise
        if not found and told(path) != expected:
            silent.append(f"{at}: nothing found")
    assert silent == []


def told(path: Path) -> list[object]:
    """Every article, passage and vector."""
    with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as truth:
        tables = ("articles", "passages", "vectors_1", "vectors_2", "labels")
        columns = {"articles": "key, id, text, title, source, author, published, url, language, tags, metadata, breaks"}
        rows = [truth.execute(f"SELECT {columns.get(one, '*')} FROM {one} ORDER BY 1, 2").fetchall() for one in tables]
    truth.close()
    return rows


def test_a_library_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryMissing):
        check(tmp_path)
