"""`pincite delete`: articles go out of the library."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.opening import opened
from api.cli.output import AsJson, print_json, print_lines


def delete(
    context: typer.Context,
    article_ids: Annotated[list[str], typer.Argument(help="Ids of articles.")],
    as_json: AsJson = False,
) -> None:
    """Delete articles with their passages."""
    with opened(context.obj) as library:
        receipt = library.delete(*article_ids)
    if as_json:
        print_json(asdict(receipt))
    else:
        print_lines([f"deleted {receipt.deleted} of {len(article_ids)}"])
