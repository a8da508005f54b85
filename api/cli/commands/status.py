"""`pincite status`: what the library holds."""

from __future__ import annotations

from dataclasses import asdict

import typer

from api.cli.opening import opened
from api.cli.output import AsJson, print_json, print_lines
from api.cli.printing import status_lines


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Print how much the library holds and in what state it is."""
    with opened(context.obj) as library:
        state = library.status()
    if as_json:
        print_json(asdict(state))
    else:
        print_lines(status_lines(state))
