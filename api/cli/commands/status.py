"""`pincite status`: what the library holds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.commands import loaded
from api.cli.opening import opened
from api.cli.output import AsJson, print_json, print_lines
from api.cli.printing import status_lines
from api.settings import Settings
from index.errors import InvalidInput


def status(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Read everything and hold it against its checksums; change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print how much the library holds and in what state it is.

    With --check every article, passage and vector is looked at, and a damaged library is an error that says what is.
    """
    if check:
        _check(context.obj)
    with opened(context.obj) as library:
        state = library.status()
    if as_json:
        print_json(asdict(state))
    else:
        print_lines(status_lines(state))


def _check(settings: Settings) -> None:
    if settings.server:
        raise InvalidInput("--check goes with a library in a folder, not with a server.", field="check")
    folder = loaded("index.library.opening").local_folder(settings.library, "--check looks into files.")
    loaded("index.library.local.inspecting").check(folder)
