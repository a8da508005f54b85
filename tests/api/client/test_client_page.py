"""The page about the client tells the truth: its code runs, its methods, commands and settings exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.cli.commands import WITH_A_SERVER
from api.client import Pincite
from api.settings import Settings
from index import errors
from index.embedding.catalogue import SMALL_EMBEDDER
from tests.api.command import Run
from tests.api.conftest import BRIDGE
from tests.api.serving import serving

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "client.md").read_text()
SYNCHRONOUS, ASYNCHRONOUS, IN_PROCESS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def address(client: TestClient) -> Iterator[str]:
    with serving(client.app) as address:  # type: ignore[arg-type]
        yield address


def run(code: str, address: str) -> None:
    exec(compile(code.replace("http://127.0.0.1:8000", address), "docs/client.md", "exec"), {})


def test_the_code_runs(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(SYNCHRONOUS, address)
    printed = capsys.readouterr().out
    assert "The harbour bridge will close for nine weeks from March. None\nunchanged\n" in printed
    run(ASYNCHRONOUS, address)
    assert capsys.readouterr().out.splitlines() == [
        "When does the bridge close? The harbour bridge will close for nine weeks from March.",
        "What will close in March? The harbour bridge will close for nine weeks from March.",
    ]


@pytest.mark.model
def test_the_code_for_a_library_in_this_process_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bridge.txt").write_text(BRIDGE["text"])
    assert Run(tmp_path / "library", capsys, monkeypatch)("index", tmp_path / "bridge.txt") == 0
    monkeypatch.setenv("PINCITE_MODEL", SMALL_EMBEDDER)
    monkeypatch.chdir(tmp_path)
    run(IN_PROCESS, "")
    assert BRIDGE["text"][:40] in capsys.readouterr().out


def test_every_method_is_in_the_table_and_what_is_there_exists() -> None:
    named = set(re.findall(r"`(\w+)\(", PAGE.partition("| method")[2].partition("Arguments")[0]))
    methods = {name for name in vars(Pincite) if not name.startswith("_")}
    assert named == methods - {"close", "article_page"}


def test_commands_settings_and_errors_exist() -> None:
    assert all(f"`{command}`" in PAGE for command in WITH_A_SERVER)
    known = {f"PINCITE_{field.name.upper()}" for field in fields(Settings)}
    assert set(re.findall(r"PINCITE_[A-Z_]+", PAGE)) <= known
    assert all(hasattr(errors, name) for name in ("ArticleNotFound", "InvalidInput", "Unreachable", "ServerError"))
