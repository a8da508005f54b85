"""docs/commands.md, made from the command line's own help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer

from api.cli import app
from api.cli.commands import SUMMARIES, command
from api.reference.markdown import table

INTRODUCTION = """# Commands

Made from the program by `make docs`; `pincite --help` and `pincite COMMAND --help` say the same. Results go to standard
output, everything else to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but some inputs were
rejected.

## Options of every command

They stand before the command: `pincite --library FOLDER search "…"`.
"""


def page() -> Iterator[str]:
    """The lines of the page."""
    yield from INTRODUCTION.splitlines()
    yield ""
    yield from _options(typer.main.get_command(app), "pincite")
    for name in SUMMARIES:
        yield from _section(command(name), f"pincite {name}", "##")


def _section(made: Any, path: str, heading: str) -> Iterator[str]:
    """A command, or a group with the commands in it."""
    yield from (f"{heading} {path}", "", *_text(made.help), "")
    subcommands = getattr(made, "commands", {})
    if not subcommands:
        usage = made.get_usage(typer.Context(made, info_name=path)).removeprefix("Usage: ")
        yield from ("```text", *(line.strip() for line in usage.splitlines()), "```", "")
        yield from _options(made, path)
    for name, subcommand in subcommands.items():
        yield from _section(subcommand, f"{path} {name}", heading + "#")


def _text(text: str) -> Iterator[str]:
    """A help text, its examples as code."""
    prose, _, examples = text.partition("Examples:\n")
    for line in prose.strip().splitlines():
        yield re.sub(r"^(Example: )(.*)", r"\1`\2`", line.strip())
    if examples:
        yield from ("", "Examples:", "", "```bash", *(line.strip() for line in examples.strip().splitlines()), "```")


def _options(made: Any, path: str) -> Iterator[str]:
    context = typer.Context(made, info_name=path)
    shown = (option.get_help_record(context) for option in made.params)
    return table(("option", "is"), ((f"`{_choices(name)}`", _prose(about)) for name, about in filter(None, shown)))


def _choices(name: str) -> str:
    """An option with commas between its values: Markdown's readers do not agree on `|` within code in a table."""
    return name.replace("|", ", ")


def _prose(about: str) -> str:
    """What an option is, with angle brackets kept as text."""
    return about.replace("<", r"\<").replace("*", r"\*")
