"""`pincite verify`: what became of a citation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.opening import opened
from api.cli.output import AsJson, print_json, print_lines
from api.cli.printing import check_lines


def verify(
    context: typer.Context,
    citation_id: Annotated[str, typer.Argument(help="A citation's id.")],
    as_json: AsJson = False,
) -> None:
    """Tell whether a cited quote still stands: unchanged, moved, changed or gone."""
    with opened(context.obj) as library:
        check = library.verify(citation_id)
    if as_json:
        print_json(asdict(check))
    else:
        print_lines(check_lines(check))
