"""The pages about LangChain and LlamaIndex tell the truth, and without the frameworks one is told what to install."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from index.embedding.catalogue import SMALL_EMBEDDER
from tests.api.command import Run
from tests.api.conftest import BRIDGE

PAGES = Path(__file__).resolve().parents[3] / "docs" / "chat"
PROJECT = (PAGES.parents[1] / "pyproject.toml").read_text()
FRAMEWORKS = {"langchain": "langchain_core", "llama-index": "llama_index"}


def code_of(name: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (PAGES / f"{name}.md").read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.model
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_the_code_runs(
    name: str,
    server: str,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip(FRAMEWORKS[name], reason="install the extra dev")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "bridge.txt").write_text(BRIDGE["text"])
    monkeypatch.setenv("PINCITE_LIBRARY", str(tmp_path / "here" / "library"))
    here = Run(tmp_path / "here" / "library", capsys, monkeypatch)
    assert here("index", tmp_path / "here" / "bridge.txt") == 0
    monkeypatch.setenv("PINCITE_MODEL", SMALL_EMBEDDER)
    monkeypatch.chdir(tmp_path / "here")
    first, recent, in_process = code_of(name)
    names: dict[str, object] = {}
    exec(compile(first.replace("http://127.0.0.1:8000", server), f"{name}.md", "exec"), names)
    assert "https://gazette.example/bridge#:~:text=" in capsys.readouterr().out
    constructed = "PinciteRetriever(server=SERVER, " if name == "langchain" else "PinciteRetriever(SERVER, "
    names["SERVER"] = server
    exec(compile(recent.replace("PinciteRetriever(", constructed), f"{name}.md", "exec"), names)
    exec(compile(in_process, f"{name}.md", "exec"), names)
    assert len(names.get("documents") or names["nodes"]) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_where_it_is_not_installed_the_extra_is_named(name: str) -> None:
    module = f"api.retrievers.{name.replace('-', '_')}"
    program = f"import sys; sys.modules['{FRAMEWORKS[name]}'] = None\nimport {module}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert f"Install it with: pip install 'pincite[{name}]'" in done.stderr.splitlines()[-1]
    assert re.search(rf"^{name} = \[", PROJECT, re.MULTILINE)
    assert f"pip install 'pincite[{name}]'" in (PAGES / f"{name}.md").read_text()
