"""`pincite show`: one article."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.opening import opened
from api.cli.output import AsJson, print_json, print_lines
from api.cli.printing import article_lines


def show(
    context: typer.Context,
    article_id: Annotated[str, typer.Argument(help="The article's id, as hits and lists give it.")],
    removed: Annotated[
        bool, typer.Option("--removed", help="Show what cleaning took out instead of the text.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print one article with its metadata."""
    with opened(context.obj) as library:
        article = library.article(article_id)
    if as_json:
        print_json(asdict(article))
    else:
        print_lines(article_lines(article, removed=removed))
