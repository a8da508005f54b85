"""`pincite copy` and `pincite embed-worker` as a user sees them, and what a library without a folder refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.articles.article import Draft
from index.embedding.catalogue import SMALL_EMBEDDER
from index.embedding.embedder import load_embedder
from index.embedding.hashing import HashingEmbedder
from index.ingest import ingest
from index.library.opening import open_library
from tests.api.command import Run
from tests.index.library.openers import forget, lite

DRAFTS = [Draft(f"a{number}", f"The harbour bridge number {number} closes.", id=f"a{number}") for number in range(3)]


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    library = open_library(tmp_path / "library", create=True)
    list(ingest(DRAFTS, library, HashingEmbedder()))
    library.close()
    return tmp_path / "library"


@pytest.fixture
def address() -> Iterator[str]:
    address = lite().address("commands")
    yield address
    forget(open_library(address, create=True))


def test_a_library_is_copied_to_milvus_and_back(run: Run, folder: Path, tmp_path: Path, address: str) -> None:
    assert run("copy", str(folder), address) == 0
    assert run.out == f"{address}: 3 articles, 3 passages; 3 copied now, 3 compared\n"
    assert run("copy", address, str(tmp_path / "back"), "--json") == 0
    assert run.json() == {
        "copied": 3,
        "there_already": 0,
        "articles": 3,
        "passages": 3,
        "passages_without_vectors": 0,
        "compared": 3,
    }
    assert run("--library", str(tmp_path / "back"), "show", "a1") == 0
    assert "The harbour bridge number 1 closes." in run.out
    assert run("--library", address, "show", "a2") == 0
    assert run("--library", address, "delete", "a2") == 0
    assert run("--library", address, "status", "--json") == 0
    assert run.json()["articles"] == 2


def test_a_copy_of_nothing_is_an_error(run: Run, tmp_path: Path) -> None:
    assert run("copy", str(tmp_path / "nowhere"), str(tmp_path / "made")) == 1
    assert "There is no library at" in run.err
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("command", [["snapshot", "file"], ["restore", "file"], ["status", "--check"]])
def test_what_works_on_files_names_the_way_out(run: Run, command: list[str], address: str) -> None:
    assert run("--library", address, *command) == 2
    assert "is not in a folder" in run.err


def test_mirroring_needs_a_folder_to_remember_in(run: Run, tmp_path: Path, address: str) -> None:
    assert run("--library", address, "index", "--mirror", str(tmp_path)) == 2
    assert "--mirror needs a library in a folder" in run.err


@pytest.mark.model
def test_a_worker_embeds_what_waits(run: Run, tmp_path: Path, address: str) -> None:
    library = open_library(address, create=True)
    embedder = load_embedder(SMALL_EMBEDDER)
    drafts = [Draft(f"b{number}", f"Ferry number {number} runs late.") for number in range(70)]
    list(ingest(drafts, library, embedder, on_waiting=lambda: None))
    assert library.waiting() == 70
    library.close()
    assert run("--library", address, "embed-worker", "--json") == 0
    assert run.json() == {"embedded": 70}
    assert run("--library", address, "embed-worker") == 0
    assert run.out == "0 passages have their vectors from this worker.\n"
    assert run("--library", address, "search", "Which ferry is late?", "--json") == 0
    assert run.json()["hits"][0]["passage"]["text"].startswith("Ferry number")


def test_a_worker_of_an_empty_library_says_what_to_do(run: Run, tmp_path: Path) -> None:
    open_library(tmp_path / "library", create=True).close()
    assert run("embed-worker") == 2
    assert "Run `pincite index` first" in run.err
    assert run("embed-worker", "--lease", "soon") == 2
    assert "--lease is 'soon'" in run.err
