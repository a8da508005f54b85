"""`pincite snapshot`, `restore`, `reembed` and `status --check` as a user sees them."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from index.articles.article import Draft
from index.embedding.catalogue import SMALL_EMBEDDER
from index.embedding.hashing import HashingEmbedder
from index.ingest import ingest
from index.library.contract import Library
from index.library.opening import open_library
from index.reembed import reembed
from tests.api.command import Run


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    library = open_library(tmp_path / "library", create=True)
    list(ingest([Draft("a", "The harbour bridge closes.", id="bridge")], library, HashingEmbedder()))
    library.close()
    return tmp_path / "library"


def test_a_snapshot_is_restored_elsewhere(run: Run, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "copy.pincite"
    assert run("snapshot", str(file)) == 0
    assert run.out.startswith(f"{file}: 1 articles, 1 passages, generation 1, 0.0 MB")
    assert run("snapshot", str(file)) == 1
    assert "is there already" in run.err
    assert run("restore", str(file)) == 1
    assert "--replace" in run.err
    assert run("--library", str(tmp_path / "other"), "restore", str(file), "--json") == 0
    assert json.loads(run.out)["articles"] == 1
    assert run("--library", str(tmp_path / "other"), "show", "bridge") == 0
    assert "The harbour bridge closes." in run.out


def test_a_snapshot_takes_the_place_of_a_library_when_told_so(run: Run, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "copy.pincite"
    assert run("snapshot", str(file), "--json") == 0
    assert json.loads(run.out)["bytes"] == file.stat().st_size
    assert run("delete", "bridge") == 0
    assert run("restore", str(file), "--replace") == 0
    assert run("show", "bridge") == 0


def test_what_is_no_snapshot_is_an_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"no snapshot")
    assert run("restore", str(tmp_path / "photo.jpg")) == 1
    assert "is no snapshot of a library, or damaged" in run.err
    assert run("restore", str(tmp_path / "nowhere")) == 1
    assert "nowhere" in run.err
    assert run("snapshot", str(tmp_path / "copy")) == 1
    assert "There is no library at" in run.err


def test_a_library_is_checked(run: Run, folder: Path) -> None:
    assert run("status", "--check") == 0
    assert "articles:" in run.out
    with sqlite3.connect(folder / "truth.sqlite") as truth:
        truth.execute("UPDATE articles SET text = 'The harbour bridge opens. '")
    truth.close()
    assert run("status", "--check", "--json") == 1
    error = json.loads(run.out)["error"]
    assert error["code"] == "library_damaged"
    assert error["detail"]["problems"] == ["article 'bridge' (key 1) is not what was stored"]


def test_status_tells_of_passages_without_vectors_and_of_vectors_beside(run: Run, folder: Path) -> None:
    library: Library = open_library(folder)
    reembed(library, HashingEmbedder(8, name="smaller"))
    drafts = [Draft(f"{number}", f"Report {number}.") for number in range(3)]
    list(ingest(drafts * 30, library, HashingEmbedder(8, name="smaller"), on_waiting=lambda: None))
    library.close()
    assert run("status", "--json") == 0
    state = json.loads(run.out)
    assert state["passages_without_vectors"] == 3
    assert state["beside"] == {"model": "hashing", "passages_without_vectors": 3}
    assert run("status") == 0
    assert "passages without vectors: 3" in run.out
    assert "beside:                   hashing, 3 passages without vectors" in run.out


def test_reembed_is_told_one_thing(run: Run, folder: Path) -> None:
    assert run("reembed") == 2
    assert "Give one of --model, --back and --forget." in run.err
    assert run("reembed", "--back", "--forget") == 2
    assert run("reembed", "--back") == 2
    assert "No vectors of another model are kept" in run.err
    assert run("reembed", "--forget") == 0
    assert run.out == "No vectors were kept beside.\n"
    assert run("reembed", "--model", "no-such-model") == 1
    assert "no-such-model" in run.err


@pytest.mark.model
def test_a_library_is_reembedded_with_a_real_model(run: Run, folder: Path) -> None:
    assert run("reembed", "--model", SMALL_EMBEDDER) == 0
    assert run.out == f"The library uses {SMALL_EMBEDDER} from generation 3 on.\n"
    assert run("search", "When does the bridge close?", "--mode", "dense", "--json") == 0
    answer = json.loads(run.out)
    assert answer["library"]["model"] == SMALL_EMBEDDER
    assert answer["hits"][0]["citation"]["article_id"] == "bridge"
    assert run("reembed", "--model", SMALL_EMBEDDER) == 2
    assert "There is nothing to do" in run.err
    assert run("reembed", "--forget", "--json") == 0
    assert json.loads(run.out) == {"forgotten": True}
