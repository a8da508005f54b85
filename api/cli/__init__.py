"""The command line: global options, and errors as one line and an exit code. The commands are in `commands`.

Results go to standard output, the rest to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but some
inputs were rejected.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.commands import Commands, loaded
from api.cli.output import messages, output, print_json
from api.failures import exit_code_of, shape_of
from api.settings import Settings
from index.errors import PinciteError

app = typer.Typer(
    cls=Commands,
    help="Semantic search over articles, with citations that can be checked to the character.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; errors that we raised become one line and an exit code, never a traceback."""
    try:
        app()
    except PinciteError as error:
        if "--json" in sys.argv:
            print_json(shape_of(error))
        messages.print(f"pincite: {error.message}", style="red", markup=False)
        sys.exit(exit_code_of(error))


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    library: Annotated[
        str | None,
        typer.Option(
            help="The library's folder, or milvus://host:19530/name.",
            envvar="PINCITE_LIBRARY",
            show_default="./library",
        ),
    ] = None,
    server: Annotated[
        str | None,
        typer.Option(
            help="Ask a running `pincite serve` at this address instead, such as http://127.0.0.1:8000.",
            envvar="PINCITE_SERVER",
            show_default="none",
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Embedding model: a name from `pincite models list`, a folder or a hub name.")
    ] = None,
    collection: Annotated[
        str | None,
        typer.Option(
            help="A collection's name, from `pincite collections list`, in place of --library.",
            envvar="PINCITE_COLLECTION",
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="A TOML file of settings: docs/settings.md.", envvar="PINCITE_CONFIG")
    ] = None,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Semantic search over articles, with citations that can be checked to the character."""
    if show_version:
        output.print(f"pincite {loaded('importlib.metadata').version('pincite')}")
        raise typer.Exit
    settings = Settings.from_environment(config=config).with_values(
        library=library, model=model, server=server, collection=collection
    )
    here = settings.collection and not settings.server
    context.obj = loaded("api.shelf").chosen(settings, settings.collection) if here else settings
