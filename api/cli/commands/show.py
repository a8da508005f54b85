"""`pincite show`: one article."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.output import AsJson, print_json, print_lines
from api.cli.printing import article_lines
from api.service import Service
from api.wire.articles import ArticleOut


def show(
    context: typer.Context,
    article_id: Annotated[str, typer.Argument(help="The article's id, as hits and lists give it.")],
    removed: Annotated[
        bool, typer.Option("--removed", help="Show what cleaning took out instead of the text.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print one article with its metadata."""
    with Service.open(context.obj) as service:
        article = service.article(article_id)
    if as_json:
        print_json(ArticleOut.of(article).model_dump(mode="json"))
    else:
        print_lines(article_lines(article, removed=removed))
