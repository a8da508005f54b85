"""The tables of the truth, as numbered steps. Each step is committed together with the record that it was taken.

To change the format, append a step; never edit one. A library whose last step is unknown here was written by a newer
Pincite and is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from index.errors import LibraryDamaged, LibraryError, LibraryNewer
from index.library.local.checksums import PASSAGE_COLUMNS, passages_sum, vectors_sum
from index.library.local.connection import PAGE_BYTES, Connection
from index.library.local.files import synced

TRUTH = "truth.sqlite"
"""The file's name; a folder that has one is a library."""

APPLICATION_ID = 0x50494E43  # "PINC", by which the file tool and we know the file


def _first_tables(truth: Connection) -> None:
    """Articles with passages and vectors, labels to filter by, tombstones, and the one row about the library.

    Keys count up and are never used again. `text` stands last, so that reading the rest of a row never touches it.
    """
    for statement in _FIRST_TABLES.split(";"):
        truth.run(statement)


_FIRST_TABLES = """
CREATE TABLE library (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    generation INTEGER NOT NULL,
    articles INTEGER NOT NULL,
    passages INTEGER NOT NULL,
    pruned INTEGER NOT NULL,
    dimensions INTEGER,
    fingerprint TEXT
);
INSERT INTO library VALUES (1, 0, 0, 0, 0, NULL, NULL);
CREATE TABLE articles (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    generation INTEGER NOT NULL,
    digest TEXT NOT NULL,
    instant INTEGER,
    title TEXT,
    source TEXT,
    author TEXT,
    published TEXT,
    url TEXT,
    language TEXT,
    tags TEXT NOT NULL,
    metadata TEXT NOT NULL,
    breaks TEXT NOT NULL,
    removed TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX articles_by_generation ON articles (generation);
CREATE INDEX articles_by_instant ON articles (instant);
CREATE INDEX articles_by_language ON articles (language);
CREATE TABLE labels (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    article INTEGER NOT NULL,
    PRIMARY KEY (kind, value, article)
) WITHOUT ROWID;
CREATE INDEX labels_by_article ON labels (article);
CREATE TABLE passages (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    article INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL,
    digest BLOB NOT NULL
);
CREATE UNIQUE INDEX passages_by_article ON passages (article, ordinal);
CREATE INDEX passages_by_digest ON passages (digest);
CREATE TABLE vectors (key INTEGER PRIMARY KEY, vector BLOB NOT NULL);
CREATE TABLE tombstones (
    article INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    passages INTEGER NOT NULL
);
CREATE INDEX tombstones_by_generation ON tombstones (generation)
"""


def _notes(truth: Connection) -> None:
    """Short texts by name, left by whoever writes for the next write."""
    truth.run("CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")


def _vectors_apart(truth: Connection) -> None:
    """Vectors may come after their passages, and those of several pipelines may be kept; `pipelines` tells how."""
    for statement in _VECTORS_APART.split(";"):
        truth.run(statement)


_VECTORS_APART = """
CREATE TABLE pipelines (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    fingerprint TEXT,
    dimensions INTEGER,
    arrived INTEGER NOT NULL,
    awaited INTEGER NOT NULL
);
INSERT INTO pipelines
    SELECT 1, fingerprint, dimensions, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'passages'), 0), 0
    FROM library;
ALTER TABLE library DROP COLUMN fingerprint;
ALTER TABLE library DROP COLUMN dimensions;
ALTER TABLE library ADD COLUMN pipeline INTEGER NOT NULL DEFAULT 1;
ALTER TABLE vectors RENAME TO vectors_1;
CREATE TABLE arrivals (
    pipeline INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    key INTEGER NOT NULL,
    PRIMARY KEY (pipeline, generation, key)
) WITHOUT ROWID;
INSERT INTO arrivals
    SELECT 1, a.generation, p.key FROM passages p JOIN articles a ON a.key = p.article
    WHERE a.generation > (SELECT pruned FROM library);
CREATE TABLE awaited (
    pipeline INTEGER NOT NULL,
    key INTEGER NOT NULL,
    owner TEXT,
    until REAL,
    PRIMARY KEY (pipeline, key)
) WITHOUT ROWID;
CREATE INDEX awaited_by_owner ON awaited (owner) WHERE owner IS NOT NULL
"""


def _checksums(truth: Connection) -> None:
    """Checksums of passages and vectors, by which damage inside their rows shows."""
    truth.run("ALTER TABLE library ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0")
    truth.run("ALTER TABLE pipelines ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0")
    passages = truth.each(f"SELECT {PASSAGE_COLUMNS} FROM passages")  # noqa: S608 - our own columns
    truth.run("UPDATE library SET checksum = ?", [passages_sum(passages)])
    for (number,) in truth.all("SELECT number FROM pipelines"):
        vectors = truth.each(f"SELECT key, vector FROM vectors_{number}")  # noqa: S608 - our own table
        truth.run("UPDATE pipelines SET checksum = ? WHERE number = ?", (vectors_sum(vectors), number))


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_first_tables, _notes, _vectors_apart, _checksums)


def create(path: Path) -> None:
    """Make an empty truth at `path`, where there is none: written beside, then renamed, so it is there whole or not.

    The log comes into use last: until then every step is in the file itself, or failed.
    """
    beside = path.with_name(path.name + ".new")
    for leftover in path.parent.glob(beside.name + "*"):
        leftover.unlink()
    truth = Connection(beside, "rwc")
    try:
        truth.run(f"PRAGMA page_size = {PAGE_BYTES}")
        truth.run(f"PRAGMA application_id = {APPLICATION_ID}")
        truth.run("CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, taken TEXT NOT NULL)")
        migrate(truth)
        write_ahead(truth)
    finally:
        truth.close()
    synced(beside).rename(path)
    synced(path.parent)


def write_ahead(truth: Connection) -> None:
    """Let the truth be read while it is written.

    Raises:
        LibraryError: its disk cannot do that.
    """
    if truth.first("PRAGMA journal_mode = WAL") != ("wal",):
        message = f"{truth.path} cannot be read while it is written on this disk. Choose a folder on a local disk."
        raise LibraryError(message, path=str(truth.path))


def migrate(truth: Connection) -> None:
    """Take the steps that this library has not taken yet."""
    for number in range(version(truth) + 1, len(MIGRATIONS) + 1):
        step = MIGRATIONS[number - 1]
        with truth.transaction():
            step(truth)
            record = "INSERT INTO migrations VALUES (?, ?, datetime('now'))"
            truth.run(record, (number, step.__name__.strip("_")))


def version(truth: Connection) -> int:
    """The number of the last step taken."""
    row = truth.first("SELECT max(number) FROM migrations")
    return (row and row[0]) or 0


def check(truth: Connection, path: Path) -> bool:
    """Whether all known steps were taken.

    Raises:
        LibraryNewer: steps were taken that are not known here.
        LibraryDamaged: the file is empty, so its contents were lost.
        LibraryError: the file is SQLite, but not a library's.
    """
    if path.stat().st_size == 0:
        raise LibraryDamaged(f"{path} is empty. Nothing was changed; restore the library from a copy.", path=str(path))
    if truth.first("PRAGMA application_id") != (APPLICATION_ID,):
        raise LibraryError(f"{path} is not a Pincite library. Choose another folder.", path=str(path))
    taken = version(truth)
    if taken > len(MIGRATIONS):
        known = len(MIGRATIONS)
        message = f"{path} was written by a newer Pincite (format {taken}; this one knows {known}). Upgrade Pincite."
        raise LibraryNewer(message, path=str(path), format=taken, known=known)
    return taken == len(MIGRATIONS)
