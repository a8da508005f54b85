"""The commands with a server: the same lines as from a library in this process, and no model in this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.service import Service
from api.settings import Settings
from index.embedding.catalogue import SMALL_EMBEDDER
from tests.api.command import Run
from tests.api.conftest import BRIDGE
from tests.api.serving import serving
from tests.index.web.website import Site

QUESTION = "When will the harbour bridge close?"


@pytest.fixture
def server(full: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server over the three articles, named in the environment."""
    with serving(full.app) as address:  # type: ignore[arg-type]
        monkeypatch.setenv("PINCITE_SERVER", address)
        yield address


@pytest.mark.model
def test_a_server_prints_what_the_library_prints(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bridge.jsonl").write_text(json.dumps(BRIDGE))
    assert run("index", tmp_path / "bridge.jsonl") == 0
    assert run("search", QUESTION, "--json") == 0
    citation = run.json()["hits"][0]["citation"]["id"]
    calls = [
        ["search", QUESTION, "--explain", "--limit", "2"],
        ["search", "xylophone", "--source", "nobody"],
        ["show", BRIDGE["id"]],
        ["show", BRIDGE["id"], "--json"],
        ["verify", citation],
        ["verify", citation, "--json"],
        ["status"],
        ["status", "--json"],
        ["show", "nothing"],
        ["search", "bridge after:nonsense"],
        ["search", "x", "--limit", "1000"],
        ["verify", "nonsense", "--json"],
    ]

    def printed() -> list[tuple[int, str, str]]:
        said = [(run(*call), run.out, run.err) for call in calls]
        return [(code, out.rpartition("articles, ")[0] or out, err) for code, out, err in said]  # without the seconds

    alone = printed()
    assert [code for code, _, _ in alone] == [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 2]
    settings = Settings(library=str(tmp_path / "library"), model=SMALL_EMBEDDER)
    with serving(create_app(Service.open(settings), settings)) as address:
        monkeypatch.setenv("PINCITE_SERVER", address)
        assert printed() == alone


@pytest.mark.usefixtures("server")
def test_json_is_the_servers_own(run: Run, full: TestClient) -> None:
    assert run("search", QUESTION, "--limit", "2", "--json") == 0
    told, own = run.json(), full.post("/v1/search", json={"query": QUESTION, "limit": 2}).json()
    assert told | {"timings_ms": {}} == own | {"timings_ms": {}}
    assert list(told) == list(own)


@pytest.mark.usefixtures("server")
def test_articles_are_deleted(run: Run) -> None:
    assert run("delete", "reprint", "nothing") == 0
    assert run.out == "deleted 1 of 2\n"
    assert run("delete", "reprint") == 1
    assert "There is no article 'reprint'" in run.err


@pytest.mark.usefixtures("server")
def test_files_and_folders_are_sent_and_what_cannot_be_read_is_named(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "owl.md").write_text("# Owl\n\nThe owl in the tower has three chicks.\n")
    (folder / "rows.jsonl").write_text('{"id": "r1", "text": "The library opens late."}\n{"id": "r2"}\n')
    assert run("index", folder, tmp_path / "gone.txt") == 3
    lines = run.out.splitlines()
    assert lines[0] == "Articles: 2 added, 2 rejected. Passages embedded or reused: 2."
    assert any(line.startswith("rejected: news/rows.jsonl, record 2: ") for line in lines)
    assert any(line.startswith("rejected: gone.txt: ") for line in lines)
    assert run("show", "news/owl.md") == 0
    assert "title:     Owl" in run.out
    assert run("index", folder / "owl.md", "--json") == 0
    assert run.json()["counts"]["added"] == 1  # named by itself, its id is its name


@pytest.mark.usefixtures("server")
def test_many_files_go_in_several_requests(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.cli.uploading.BATCH_FILES", 2)
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text(f"Owl number {number} has chicks.")
    assert run("index", *(tmp_path / f"{number}.txt" for number in range(5))) == 0
    assert run.out.startswith("Articles: 5 added.")
    assert run("status", "--json") == 0
    assert (run.json()["articles"], run.json()["generation"]) == (8, 4)


@pytest.mark.usefixtures("server")
def test_urls_are_read_here_and_sent(run: Run, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINCITE_PRIVATE_HOSTS", "127.0.0.1")
    monkeypatch.setenv("PINCITE_SECONDS_PER_REQUEST", "0")
    text = "The owl in the old tower has three chicks, and the council has closed the stairs until they fly. " * 5
    site.put("/owl", f"<html><head><title>Owl</title></head><body><article><p>{text}</p></article></body></html>")
    url, gone = site.url("/owl", "127.0.0.1"), site.url("/gone", "127.0.0.1")
    assert run("index", url, gone) == 3
    assert run.out.startswith("Articles: 1 added, 1 rejected.")
    assert f"rejected: {gone}" in run.out
    assert run("show", url, "--json") == 0
    assert run.json()["url"] == url
    assert "three chicks" in run.json()["text"]


@pytest.mark.parametrize("command", [["evaluate", "folder"], ["serve"], ["keys", "list"]])
def test_what_works_here_alone_says_so(run: Run, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    monkeypatch.setenv("PINCITE_SERVER", "http://pincite.example")
    assert run(*command) == 2
    assert f"`pincite {command[0]}` works on this machine, not on http://pincite.example." in run.err
    assert run(command[0], "--help") == 0


@pytest.mark.parametrize("option", ["--watch", "--mirror"])
def test_watching_takes_the_library_itself(run: Run, monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    monkeypatch.setenv("PINCITE_SERVER", "http://pincite.example")
    assert run("index", option, ".") == 2
    assert "--watch and --mirror go with a library in a folder, not with a server." in run.err


def test_a_server_that_is_not_there_is_named(run: Run) -> None:
    assert run("--server", "http://127.0.0.1:9", "status") == 1
    assert "http://127.0.0.1:9 cannot be reached" in run.err
    assert run("--server", "nonsense", "search", "x") == 2
    assert "The server is 'nonsense'" in run.err


def test_asking_a_server_imports_no_model_and_no_library(server: str) -> None:
    program = (
        "import sys\n"
        "from api.cli import main\n"
        "try: main()\n"
        "finally: print([n for n in 'torch numpy faiss tantivy openvino lxml fastapi'.split() if n in sys.modules], "
        "file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "search", QUESTION, "--limit", "1"],
        env=os.environ | {"PINCITE_SERVER": server},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stderr == "[]\n"
    assert "[1] Harbour Gazette, Harbour bridge to close" in done.stdout
