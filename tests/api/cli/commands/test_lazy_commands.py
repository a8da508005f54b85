"""The commands are listed without being imported, and each imports what it needs alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from api.cli import commands
from api.cli.commands import SUMMARIES, command

FOLDER = Path(commands.__file__).parent
HEAVY = ("torch", "transformers", "openvino", "faiss", "tantivy", "numpy", "pydantic", "fastapi", "uvicorn", "httpx")


def imported_by(*arguments: str) -> set[str]:
    """Which of the heavy packages, and which commands, are imported once `pincite` has ended."""
    program = (
        "import sys, atexit\n"
        "from api.cli import main\n"
        f"names = {HEAVY}\n"
        "told = lambda: print(*(n for n in sys.modules if n in names or n.startswith('api.cli.commands.')), "
        "file=sys.stderr)\n"
        "atexit.register(told)\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    return set(done.stderr.splitlines()[-1].split()) if done.stderr.strip() else set()


@pytest.mark.parametrize("arguments", [["--help"], []])
def test_help_imports_no_command_and_nothing_heavy(arguments: list[str]) -> None:
    assert imported_by(*arguments) == set()


def test_values_are_parsed_with_pydantic_and_nothing_else() -> None:
    assert imported_by("--version") == {"pydantic"}


def test_a_command_imports_itself_alone_and_no_machine_learning() -> None:
    imported = imported_by("show", "nothing", "--help")
    assert {name for name in imported if name.startswith("api.")} == {"api.cli.commands.show"}
    assert imported.isdisjoint({"torch", "transformers", "openvino", "faiss", "fastapi", "uvicorn"})


def test_every_module_is_a_command_and_every_command_a_module() -> None:
    modules = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert modules == {name.replace("-", "_") for name in SUMMARIES}


@pytest.mark.parametrize("name", SUMMARIES)
def test_the_list_says_what_the_commands_own_help_begins_with(name: str) -> None:
    assert command(name).help.splitlines()[0] == SUMMARIES[name]
