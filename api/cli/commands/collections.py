"""`pincite collections`: libraries beside each other under one server."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.output import AsJson, print_json, print_lines
from api.shelf import Shelf

collections = typer.Typer(help="Libraries beside each other under one server.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The collection's name: small letters, digits, - and _.")]


@collections.command("list")
def list_collections(context: typer.Context, as_json: AsJson = False) -> None:
    """List the collections; `default` is the library that --library names."""
    names = Shelf.of(context.obj).names()
    if as_json:
        print_json(names)
    else:
        print_lines(names)


@collections.command("create")
def create_collection(context: typer.Context, name: Name) -> None:
    """Make an empty collection. `pincite --collection NAME index …` fills it."""
    Shelf.of(context.obj).create(name)
    print_lines([f"created {name}"])


@collections.command("delete")
def delete_collection(
    context: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a collection with everything in it. There is no way back but a snapshot."""
    shelf = Shelf.of(context.obj)
    folder = shelf.folder(name)
    if not yes:
        typer.confirm(f"Delete {folder} with everything in it?", abort=True, err=True)
    shelf.delete(name)
    print_lines([f"deleted {name}"])
