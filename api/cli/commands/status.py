"""`pincite status`: what the library holds."""

from __future__ import annotations

import typer

from api.cli.output import AsJson, print_json, print_lines
from api.cli.printing import status_lines
from api.service import Service
from api.wire.articles import StatusOut


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Print how much the library holds and in what state it is."""
    with Service.open(context.obj) as service:
        state = StatusOut.of(service.status(), service.model).model_dump(mode="json")
    if as_json:
        print_json(state)
    else:
        print_lines(status_lines(state))
