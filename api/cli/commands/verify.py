"""`pincite verify`: what became of a citation."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.output import AsJson, print_json, print_lines
from api.cli.printing import check_lines
from api.service import Service
from api.wire.answers import CheckOut


def verify(
    context: typer.Context,
    citation_id: Annotated[str, typer.Argument(help="A citation's id.")],
    as_json: AsJson = False,
) -> None:
    """Tell whether a cited quote still stands: unchanged, moved, changed or gone."""
    with Service.open(context.obj) as service:
        check = service.check(citation_id)
    if as_json:
        print_json(CheckOut.of(check).model_dump(mode="json"))
    else:
        print_lines(check_lines(check))
