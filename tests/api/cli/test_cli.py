"""The command line in this process: output, exit codes, errors in one line. With a real small model where needed."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from index.embedding.catalogue import SMALL_EMBEDDER
from tests.api.command import Run


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "bridge.txt").write_text(
        "Harbour bridge to close\n\nThe bridge will close for nine weeks from March. Ferries will run instead.\n"
    )
    (folder / "rows.jsonl").write_text('{"id": "r1", "text": "The library opens late on Fridays."}\n{"id": "r2"}\n')
    return folder


@pytest.mark.model
def test_a_folder_is_indexed_searched_shown_verified_and_deleted(run: Run, articles: Path) -> None:
    assert run("index", articles) == 3
    assert run.out.splitlines()[0] == "Articles: 2 added, 1 rejected. Passages embedded or reused: 2."
    assert "articles/rows.jsonl, record 2" in run.out

    (articles / "rows.jsonl").write_text('{"id": "r1", "text": "The library opens late on Fridays."}\n')
    assert run("index", articles, "--json") == 0
    assert run.json() == {
        "counts": {"added": 0, "updated": 0, "unchanged": 2, "superseded": 0, "rejected": 0},
        "passages": 0,
        "rejected": [],
        "deleted": [],
    }

    assert run("search", "When will the bridge be shut?") == 0
    assert "»The bridge will close for nine weeks from March.«" in run.out
    assert "[1] Harbour bridge to close, characters " in run.out

    assert run("search", "When will the bridge be shut?", "--json", "--limit", "1") == 0
    citation = run.json()["hits"][0]["citation"]
    assert citation["article_id"] == "articles/bridge.txt"

    assert run("search", 'why "nine weeks" -fridays lang:en', "--json") == 0
    assert [hit["citation"]["article_id"] for hit in run.json()["hits"]] == ["articles/bridge.txt"]
    assert run("search", 'bridge "weeks nine"', "--json") == 0
    assert run.json()["hits"] == []
    assert run("search", 'bridge "weeks nine"', "--json", "--no-operators") == 0
    assert len(run.json()["hits"]) == 2
    assert run("search", "bridge after:nonsense") == 2
    assert "after:2025-01-31" in run.err

    assert run("show", "articles/bridge.txt", "--json") == 0
    assert run.json()["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert run("show", "articles/bridge.txt") == 0
    assert "title:     Harbour bridge to close" in run.out

    assert run("verify", citation["id"]) == 0
    assert run.out.startswith("unchanged: articles/bridge.txt, characters ")

    (articles / "bridge.txt").write_text(
        "Harbour bridge to close\n\nThe bridge stays open after all, the council said.\n"
    )
    assert run("index", articles) == 0
    assert run.out == "Articles: 1 updated, 1 unchanged. Passages embedded or reused: 1.\n"
    assert run("verify", citation["id"], "--json") == 0
    assert run.json()["status"] == "changed"

    assert run("delete", "articles/bridge.txt", "nothing") == 0
    assert run.out == "deleted 1 of 2\n"
    assert run("verify", citation["id"]) == 0
    assert run.out.startswith("gone: ")
    assert run("status", "--json") == 0
    state = run.json()
    assert (state["articles"], state["passages"], state["model"]) == (1, 1, SMALL_EMBEDDER)
    assert state["derived"] == {"vectors": 0, "words": 0}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["search", "anything"], 1, "pincite index"),
        (["show", "anything"], 1, "pincite index"),
        (["status"], 1, "pincite index"),
        (["search", ""], 2, "query"),
        (["search", "x", "--limit", "1000"], 2, "limit"),
        (["search", "x", "--after", "2025-02-30"], 2, "published_after"),
        (["search", "x", "--mode", "telepathy"], 2, "mode"),
        (["search", "x", "--as-of", "soon"], 2, "as_of"),
        (["index"], 2, "Name files, folders or web addresses"),
        (["fly"], 2, "fly"),
    ],
)
def test_what_cannot_be_done_says_why_in_one_line(run: Run, arguments: list[str], code: int, message: str) -> None:
    assert run(*arguments) == code
    assert message in run.err
    assert "Traceback" not in run.err
    assert run.out == ""


def test_a_port_in_use_is_known_before_anything_else(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run("serve", "--port", str(taken.getsockname()[1])) == 2
    assert "Choose another with --port or PORT." in run.err
    assert run("status") == 1
    assert "no library" in run.err


def test_errors_are_json_where_json_was_asked_for(run: Run) -> None:
    assert run("search", "anything", "--json") == 1
    assert run.json()["error"]["code"] == "library_missing"


def test_help_and_version_name_what_there_is(run: Run) -> None:
    assert run("--help") == 0
    for command in ("index", "search", "show", "delete", "status", "serve", "verify", "models"):
        assert command in run.out
    assert run("--version") == 0
    assert run.out == "pincite 0.1.0\n"


def test_models_are_listed_with_where_they_are(run: Run) -> None:
    assert run("models", "list") == 0
    assert "multilingual-e5-small" in run.out
    assert run("models", "list", "--json") == 0
    assert {"multilingual-e5-small", "all-MiniLM-L6-v2"} <= {one["name"] for one in run.json()}
    assert run("models", "get", "no-such-model") == 1
    assert "no-such-model" in run.err
