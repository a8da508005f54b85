"""`pincite reembed`: the library's vectors by another model."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.output import AsJson, messages, output, print_json
from api.cli.progress import embedding_progress
from api.settings import Settings
from index.embedding.embedder import load_embedder
from index.errors import InvalidInput
from index.ingest import check_model, model_name, pipeline_of
from index.library.contract import Library
from index.library.opening import open_library
from index.reembed import beside
from index.reembed import reembed as switched


def reembed(
    context: typer.Context,
    model: Annotated[
        str | None, typer.Option(help="The new model: a name from `pincite models list`, a folder or a hub name.")
    ] = None,
    back: Annotated[
        bool, typer.Option("--back", help="Go back to the model whose vectors are kept from before.")
    ] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Delete the vectors that are kept beside those in use.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the library's vectors anew with another model, beside those in use, then switch in one step.

    Searching and storing go on meanwhile. Stopped at any time, the same command goes on where it was. The old vectors
    are kept: --back returns to them, --forget deletes them.

    \b
    Examples:
      pincite reembed --model all-MiniLM-L6-v2
      pincite reembed --back
      pincite reembed --forget
    """  # noqa: D301 (\b tells click to keep the lines)
    if sum([model is not None, back, forget]) != 1:
        raise InvalidInput("Give one of --model, --back and --forget.", field="model")
    library = open_library(context.obj.library)
    try:
        done = {"forgotten": library.forget()} if forget else _switched(library, context.obj, model)
    finally:
        library.close()
    if as_json:
        print_json(done)
    elif forget:
        output.print("The vectors beside are deleted." if done["forgotten"] else "No vectors were kept beside.")
    else:
        output.print(f"The library uses {done['model']} from generation {done['generation']} on.", markup=False)


def _switched(library: Library, settings: Settings, model: str | None) -> dict[str, object]:
    """Switch to a model, or back to the one kept beside."""
    kept = None if model else beside(library)
    embedder = load_embedder(model or model_name(kept) or "", **settings.hardware())
    if kept is not None:
        check_model(kept, embedder)
    with embedding_progress(messages, _missing(library, pipeline_of(library, embedder))) as on_embedded:
        receipt = switched(library, embedder, on_embedded)
    return {"model": embedder.name, "generation": receipt.generation, "dimensions": embedder.dimensions}


def _missing(library: Library, target: dict[str, object]) -> int:
    """How many passages have no vector of a pipeline yet."""
    status = library.status()
    if status.beside is not None and status.beside.fingerprint == target:
        return status.beside.passages_without_vectors
    return status.passages
