"""`pincite copy`: a whole library into another place, be it a folder or Milvus."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.output import AsJson, messages, output, print_json
from api.cli.progress import counting_progress
from index.library.opening import open_library
from index.moving import Moved, move


def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="A folder, or milvus://host:19530/name.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The same; it is made where there is none.")],
    as_json: AsJson = False,
) -> None:
    """Copy a library into a folder or to Milvus, without embedding anything again.

    The copy is compared: all counts, and every article of a sample to the letter. Stopped at any time, the same command
    goes on where it was. Vectors that `pincite reembed` kept beside are left out.

    \b
    Examples:
      pincite copy ./library milvus://milvus.example:19530/news
      pincite copy milvus://milvus.example:19530/news ./library
    """  # noqa: D301 (\b tells click to keep the lines)
    made = _copied(source, target)
    if as_json:
        print_json(asdict(made))
        return
    held = f"{made.articles:,} articles, {made.passages:,} passages"
    waiting = f", {made.passages_without_vectors:,} still without vectors" if made.passages_without_vectors else ""
    output.print(f"{target}: {held}{waiting}; {made.copied:,} copied now, {made.compared:,} compared", markup=False)


def _copied(source: str, target: str) -> Moved:
    original = open_library(source, read_only=True)
    try:
        made = open_library(target, create=True)
        try:
            with counting_progress(messages, "copying", original.status().articles) as on_articles:
                return move(original, made, on_articles)
        finally:
            made.close()
    finally:
        original.close()
