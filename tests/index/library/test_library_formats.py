"""Libraries written by every format so far open, are brought up to date, and answer as they did.

`tests/data/libraries` holds one of each, written by the code of its time with the deterministic embedder: three
articles, one of them stored twice; from format 3 on also one that waits for its vector, and vectors of a second model.
"""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path

import pytest

from index.articles.article import Draft
from index.embedding.hashing import HashingEmbedder
from index.errors import LibraryNewer
from index.filling import Filler
from index.ingest import ingest, model_name
from index.library.contract import Filters, Library
from index.library.local.inspecting import problems
from index.library.local.schema import MIGRATIONS
from index.library.opening import open_library
from index.reembed import reembed

DATA = Path(__file__).resolve().parents[2] / "data" / "libraries"
FORMATS = range(1, len(MIGRATIONS) + 1)
LATER = 3
"""The first format in which vectors may come later."""

EMBEDDER = HashingEmbedder(32)


@pytest.fixture(params=FORMATS)
def written(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[int, Path]:
    number: int = request.param
    with zipfile.ZipFile(DATA / f"format-{number}.zip") as archive:
        archive.extractall(tmp_path / "library")
    return number, tmp_path / "library"


def best(library: Library, question: str) -> tuple[str, str]:
    """The best passage by meaning and the best by words: their articles."""
    with library.snapshot() as snapshot:
        dense = snapshot.dense(EMBEDDER.embed_question(question), 1, Filters())
        lexical = snapshot.lexical(question, 1, Filters())
        first, second = snapshot.passages([dense[0].key, lexical[0].key])
        return first.passage.article_id, second.passage.article_id


def test_there_is_a_library_of_every_format() -> None:
    assert sorted(path.name for path in DATA.iterdir()) == [f"format-{number}.zip" for number in FORMATS]


def test_an_older_library_is_brought_up_to_date_and_whole(written: tuple[int, Path]) -> None:
    number, folder = written
    library = open_library(folder)
    status = library.status()
    waiting = int(number >= LATER)
    assert (status.articles, status.passages, status.passages_without_vectors) == (3 + waiting, 3 + waiting, waiting)
    assert model_name(library.fingerprint) == "hashing"
    assert best(library, "The harbour bridge will close for nine weeks") == ("bridge", "bridge")
    assert best(library, "Iğdır'da yoğun kar yağışı") == ("tr/kar", "tr/kar")
    with library.snapshot() as snapshot:
        chapel, bridge = snapshot.article("chapel"), snapshot.article("bridge")
        assert chapel is not None
        assert bridge is not None
        assert chapel.text == "The chapel has a new roof of slate. It cost three million."
        assert (bridge.author, bridge.published, bridge.tags) == (
            "Mara Lindqvist; Tom Oyelaran",
            "2025-01-13",
            ("transport",),
        )
    library.close()
    assert problems(folder) == []
    with sqlite3.connect(folder / "truth.sqlite") as truth:
        assert truth.execute("SELECT number FROM migrations").fetchall() == [(one,) for one in FORMATS]
    truth.close()


def test_an_older_library_is_written_filled_and_reembedded(written: tuple[int, Path]) -> None:
    _, folder = written
    library = open_library(folder)
    fates = [one.fate for one in ingest([Draft("d", "The tram is late.", id="tram")], library, EMBEDDER)]
    assert fates == ["added"]
    filler = Filler(library, lambda: EMBEDDER)
    filler.finish()
    filler.stop()
    assert best(library, "The tram is late.") == ("tram", "tram")
    library.delete(["bridge"])
    reembed(library, HashingEmbedder(8, name="smaller"))
    assert model_name(library.fingerprint) == "smaller"
    library.close()
    assert problems(folder) == []


def test_a_library_of_a_newer_format_is_refused_by_name(written: tuple[int, Path]) -> None:
    _, folder = written
    with sqlite3.connect(folder / "truth.sqlite") as truth:
        truth.execute("INSERT INTO migrations VALUES (?, 'to come', '2031-01-01')", [len(MIGRATIONS) + 1])
    truth.close()
    before = (folder / "truth.sqlite").read_bytes()
    with pytest.raises(
        LibraryNewer, match=rf"truth\.sqlite was written by a newer Pincite \(format {len(MIGRATIONS) + 1}"
    ):
        open_library(folder)
    assert (folder / "truth.sqlite").read_bytes() == before
