"""Looking a library over: is its truth what was written, and do the derived parts hold the same? Changes nothing.

SQLite's own check goes over pages and indexes; articles are held against their digests, passages and vectors against
the checksums that were kept while they were written, counters against what they count.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from index.errors import LibraryDamaged
from index.library.local import rows, schema
from index.library.local.checksums import PASSAGE_COLUMNS, passages_sum, vectors_sum
from index.library.local.connection import Connection, Row
from index.library.local.library import LocalLibrary
from index.library.local.pipelines import Pipeline, pipelines
from index.library.local.reading import card
from index.library.local.schema import TRUTH
from index.library.opening import holds_library, open_library

MOST_NAMED = 10
"""Of many problems of one kind, so many are named."""


def problems(folder: Path) -> list[str]:
    """Whatever is wrong with the library in this folder, each in a sentence; none where all is well.

    Raises:
        LibraryDamaged: its truth cannot be opened at all.
        LibraryNewer, LibraryError: as for opening it.
    """
    found = truth_problems(folder / TRUTH)
    return found or (derived_problems(folder) if _is_newest(folder / TRUTH) else [])


def check(folder: Path) -> None:
    """Go on only if nothing is wrong with the library in this folder.

    Raises:
        LibraryDamaged: something is; the message says what, and `problems` in the detail lists it.
        LibraryMissing, LibraryNewer, LibraryError: as for opening it.
    """
    if not holds_library(folder):
        open_library(folder)  # which raises, saying so
    found = problems(folder)
    if found:
        message = f"{folder} is damaged: {'; '.join(found)}. Nothing was changed; restore the library from a snapshot."
        raise LibraryDamaged(message, path=str(folder), problems=found)


def truth_problems(path: Path) -> list[str]:
    """Whatever is wrong with a truth, which is only read; of an older format, SQLite's own check is all there is."""
    truth = Connection(path, "ro")
    try:
        newest = schema.check(truth, path)
        truth.run("BEGIN")
        return list(_problems(truth) if newest else _pages(truth))
    except LibraryDamaged as error:
        return [error.message]
    finally:
        truth.close()


def derived_problems(folder: Path) -> list[str]:
    """Whatever the vectors and the words in a library's folder lack or hold in vain, once they were caught up."""
    library = LocalLibrary(folder, read_only=True)
    try:
        library.prepare()
        with library.snapshot() as snapshot:
            stored, waiting = snapshot.stored_keys(), snapshot.passages_without_vectors()
            words, vectors = snapshot.lexical_keys(), snapshot.dense_keys()
    finally:
        library.close()
    found = []
    if words != stored:
        found.append(f"words/ holds {len(words):,} passages and not the {len(stored):,} of the truth; delete words/")
    if len(vectors) != len(stored) - waiting or not set(vectors) <= set(stored):
        expected = len(stored) - waiting
        found.append(f"vectors/ holds {len(vectors):,} vectors and not the {expected:,} of the truth; delete vectors/")
    return found


def _is_newest(path: Path) -> bool:
    truth = Connection(path, "ro")
    try:
        return schema.check(truth, path)
    finally:
        truth.close()


def _pages(truth: Connection) -> Iterator[str]:
    checked = [line for (line,) in truth.all(f"PRAGMA integrity_check({MOST_NAMED})")]
    if checked != ["ok"]:
        yield from (f"SQLite finds: {line}" for line in checked)


def _problems(truth: Connection) -> Iterator[str]:
    pages = list(_pages(truth))
    if pages:
        yield from pages
        return
    yield from _articles(truth)
    yield from _passages(truth)
    for pipeline in pipelines(truth):
        yield from _vectors(truth, pipeline)


def _articles(truth: Connection) -> Iterator[str]:
    counted = damaged = 0
    sql = f"SELECT key, digest, text, {rows.ARTICLE_COLUMNS} FROM articles"  # noqa: S608 - our own columns
    for key, digest, text, *columns in truth.each(sql):
        counted += 1
        if not _is_whole(tuple(columns), text, digest):
            damaged += 1
            if damaged <= MOST_NAMED:
                yield f"article {columns[0]!r} (key {key}) is not what was stored"
    expected = card(truth).articles
    if counted != expected:
        yield f"there are {counted:,} articles and not {expected:,}"


def _is_whole(columns: Row, text: object, digest: object) -> bool:
    try:
        return isinstance(text, str) and rows.article(columns, text=text).digest == digest
    except (TypeError, ValueError, KeyError):
        return False


def _passages(truth: Connection) -> Iterator[str]:
    sql = f"SELECT {PASSAGE_COLUMNS} FROM passages"  # noqa: S608 - our own columns
    count = 0

    def counted() -> Iterator[Row]:
        nonlocal count
        for row in truth.each(sql):
            count += 1
            yield row

    found = passages_sum(counted())
    ((expected, checksum),) = truth.all("SELECT passages, checksum FROM library")
    if count != expected:
        yield f"there are {count:,} passages and not {expected:,}"
    elif found != checksum:
        yield "passages are not what was stored: their checksum is another one"


def _vectors(truth: Connection, pipeline: Pipeline) -> Iterator[str]:
    table = f"vectors_{pipeline.number}"
    found = vectors_sum(truth.each(f"SELECT key, vector FROM {table}"))  # noqa: S608 - our own table
    if found != pipeline.checksum:
        yield f"the vectors of pipeline {pipeline.number} are not what was stored: their checksum is another one"
    sql = f"""
        SELECT count(*) FROM passages p
        WHERE (EXISTS (SELECT 1 FROM {table} v WHERE v.key = p.key))
            + (EXISTS (SELECT 1 FROM awaited a WHERE a.pipeline = {pipeline.number} AND a.key = p.key)) <> 1"""  # noqa: S608 - our own table
    ((torn,),) = truth.all(sql)
    if torn:
        yield f"{torn:,} passages neither have a vector of pipeline {pipeline.number} nor wait for one, or do both"
