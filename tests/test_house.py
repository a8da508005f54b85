"""The size of things, and that everything is used: functions and modules that can be read in one go, no dead code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest
from vulture import Vulture

ROOT = Path(__file__).resolve().parents[1]
MODULES = [path for room in ("index", "search", "api") for path in sorted((ROOT / room).rglob("*.py"))]

LARGE = {
    "index/library/contract.py": "the contract in one place, mostly docstrings",
    "index/library/local/library.py": "every method of the contract, each a few lines that hand on",
}
"""The modules that may have more than 350 lines, and why."""

CALLED_BY_OTHERS = {
    "PinciteRetriever": "users of LangChain and LlamaIndex",
    "_get_relevant_documents": "LangChain",
    "_aget_relevant_documents": "LangChain",
    "_retrieve": "LlamaIndex",
    "_aretrieve": "LlamaIndex",
    "describe": "Prometheus' client",
    "send_400_response": "uvicorn, of its protocol",
    "_should_upgrade": "uvicorn, of its protocol",
    "INC_RECORD": "warcio, which is told so not to print",
    "readinto": "io.BufferedReader",
    "seekable": "io.BufferedReader",
    "MOST_ATTRIBUTES": "a limit of OpenAI's that a test holds",
    "EXIT_DONE": "given in one line with the other exit codes",
    "serve": "the table of commands, by name",
    "copy": "the same",
    "embed_worker": "the same",
}
"""What nothing in the house calls, and who does."""


def functions() -> Iterator[tuple[str, int]]:
    """Every function with its number of lines."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_functions_are_short() -> None:
    lines = dict(functions())
    assert len(lines) > 1_000
    assert median(lines.values()) <= 9
    assert quantiles(lines.values(), n=10)[-1] <= 30
    assert [name for name, count in lines.items() if count > 60] == []


def test_modules_can_be_read_in_one_sitting() -> None:
    large = {str(path.relative_to(ROOT)) for path in MODULES if len(path.read_text().splitlines()) > 350}
    assert large <= set(LARGE)


def test_every_module_says_what_it_holds() -> None:
    bare = [path for path in MODULES if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text()))]
    assert bare == []


@pytest.fixture(scope="module")
def unused() -> set[str]:
    """The names that nothing uses, but for the fields of classes and what decorators hand on to frameworks."""
    found = Vulture(ignore_decorators=["@*"])
    found.scavenge([str(ROOT / room) for room in ("index", "search", "api", "benchmarks")])
    kinds = {"function", "class", "method", "property", "import"}
    dead = [item for item in found.get_unused_code() if item.typ in kinds or item.name.isupper()]
    return {item.name for item in dead if "benchmarks" not in item.filename.parts}


def test_there_is_no_dead_code(unused: set[str]) -> None:
    assert unused - set(CALLED_BY_OTHERS) == set()


def test_what_others_call_is_still_there(unused: set[str]) -> None:
    assert set(CALLED_BY_OTHERS) <= unused
