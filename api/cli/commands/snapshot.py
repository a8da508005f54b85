"""`pincite snapshot`: a whole library in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.output import AsJson, messages, output, print_json
from index.library.local import copying
from index.library.opening import local_folder, open_library


def snapshot(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The new file; it must not be there yet.")],
    as_json: AsJson = False,
) -> None:
    """Write the whole library to one file, also while it is served and written.

    The file holds the library as it was at one moment. `pincite restore` makes a library of it.

    Example: pincite snapshot backup/2025-01-13.pincite
    """
    folder = local_folder(context.obj.library, "Copy it into one first: `pincite copy FROM TO`.")
    open_library(folder).close()
    made = copying.snapshot(folder, file, lambda line: messages.print(f"{line} …", markup=False))
    size = file.stat().st_size
    if as_json:
        sizes = {"articles": made.articles, "passages": made.passages, "generation": made.generation}
        print_json({"file": str(file), "bytes": size, **sizes, "taken": made.taken})
        return
    held = f"{made.articles:,} articles, {made.passages:,} passages, generation {made.generation:,}"
    output.print(f"{file}: {held}, {size / 1e6:,.1f} MB", markup=False)
