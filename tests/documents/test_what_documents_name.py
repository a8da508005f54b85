"""What any document tells people to type, set or ask exists: commands with their options, settings, routes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.exceptions import TyperException

from api.cli import app
from api.cli.commands import command
from api.settings import kinds, variable
from tests.documents.blocks import Block, blocks, commands, exchanges

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text()
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
}
ELSEWHERE = {"PINCITE_MODELS", "PINCITE_CONFIG", "PINCITE_KILLS", "PINCITE_FUZZ"}
"""Variables that are no settings: where models and the settings' file are, and how much a test tries."""


MAIN: Any = typer.main.get_command(app)


def typed(block: Block) -> list[str]:
    """The commands in a shell's or a console's block; in one that names no language, lines that begin as ours do."""
    if block.language == "console":
        return [line for line, _ in exchanges(block.text)]
    if block.language == "bash":
        return commands(block.text)
    return re.findall(r"^pincite .*", block.text, re.MULTILINE) if not block.language else []


def arguments(line: str) -> list[str] | None:
    """What a line passes to `pincite`; None where it runs something else."""
    words = shlex.split(line, comments=True)
    while words and re.match(r"\w+=", words[0]):
        words = words[1:]
    return words[1:] if words and Path(words[0]).name == "pincite" else None


def parse(words: list[str]) -> None:
    """Read arguments as the command line does, and run nothing."""
    context = MAIN.make_context("pincite", list(words))
    name, *rest = [*context._protected_args, *context.args]
    made = command(name)
    while subcommands := getattr(made, "commands", None):
        inner = made.make_context(name, rest, parent=context)
        name, *rest = [*inner._protected_args, *inner.args]
        made = subcommands[name]
    made.make_context(name, rest, parent=context)


LINES = [
    (name, words)
    for name, document in DOCUMENTS.items()
    for block in blocks(document)
    for line in typed(block)
    if (words := arguments(line))
]


def test_many_commands_are_found() -> None:
    assert len(LINES) > 60
    assert {name for name, _ in LINES} >= {"README.md", "docs/tutorial.md", "docs/web.md", "docs/chat/chatgpt.md"}


@pytest.mark.parametrize(("name", "words"), LINES, ids=[f"{name}: {' '.join(words)}"[:80] for name, words in LINES])
def test_a_command_in_a_document_is_one_that_the_program_takes(name: str, words: list[str]) -> None:
    parse(words)


@pytest.mark.parametrize("line", ["pincite search x --colour red", "pincite keys make x", "pincite --fast status"])
def test_a_command_that_the_program_does_not_take_is_noticed(line: str) -> None:
    with pytest.raises((TyperException, KeyError)):
        parse(arguments(line) or [])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_settings_in_a_document_exist(name: str) -> None:
    known = {variable(setting) for setting in kinds()} | ELSEWHERE
    assert set(re.findall(r"PINCITE_[A-Z_]*[A-Z]", DOCUMENTS[name])) <= known


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "docs/http.md"])
def test_routes_in_a_document_exist(name: str) -> None:
    routes = re.findall(r"^### (\w+) (\S+)$", DOCUMENTS["docs/http.md"], re.MULTILINE)
    named = re.findall(r"(?<![\w/])(GET|POST|PUT|DELETE) (/[\w/{}]+)", DOCUMENTS[name])
    known = {(method, re.sub(r"{\w+}", "{}", path)) for method, path in routes}
    assert {(method, re.sub(r"{\w+}", "{}", path)) for method, path in named} <= known
