"""`pincite restore`: a library out of a snapshot file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.output import AsJson, messages, output, print_json
from index.library.local import copying
from index.library.opening import local_folder


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="What `pincite snapshot` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of the library that is there; stop its server first.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a library of a snapshot, checked through and through before it is put in its place.

    Example: pincite --library ./restored restore backup/2025-01-13.pincite
    """
    folder = local_folder(context.obj.library, "Restore into one, and `pincite copy` it there.")
    made = copying.restore(file, folder, replace=replace, report=lambda line: messages.print(f"{line} …", markup=False))
    if as_json:
        sizes = {"articles": made.articles, "passages": made.passages, "generation": made.generation}
        print_json({"library": str(folder), **sizes, "taken": made.taken})
    else:
        held = f"{made.articles:,} articles, {made.passages:,} passages, as of {made.taken}"
        output.print(f"{folder}: {held}", markup=False)
