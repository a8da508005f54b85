"""`pincite delete`: articles go out of the library."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.output import AsJson, print_json, print_lines
from api.service import Service
from index.errors import ArticleNotFound


def delete(
    context: typer.Context,
    article_ids: Annotated[list[str], typer.Argument(help="Ids of articles.")],
    as_json: AsJson = False,
) -> None:
    """Delete articles with their passages."""
    with Service.open(context.obj) as service:
        receipt = service.delete(article_ids)
    if not receipt.deleted:
        raise ArticleNotFound(f"There is no article {', '.join(map(repr, article_ids))} in this library.")
    if as_json:
        print_json({"deleted": receipt.deleted, "generation": receipt.generation})
    else:
        print_lines([f"deleted {receipt.deleted} of {len(article_ids)}"])
