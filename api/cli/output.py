"""Where the commands print, and as what. What text for people says is `printing`'s."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import Console

output = Console(highlight=False, soft_wrap=True)
messages = Console(stderr=True, highlight=False, soft_wrap=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, the same as over HTTP.")]


def print_json(value: object) -> None:
    """One JSON document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def print_lines(lines: Iterable[str]) -> None:
    """Lines as they are."""
    for line in lines:
        output.print(line, markup=False)


def print_marked(lines: Iterable[str]) -> None:
    """Lines in rich's markup."""
    for line in lines:
        output.print(line)
