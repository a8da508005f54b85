"""Vectors of another model for a library that goes on being used: made beside, and taken into use in one step.

Brings a model and a library together, as `ingest` does. Passages stay as they are cut: the offsets of citations do not
change, and what the new model cannot read of a long passage is left out of its vector.
"""

from __future__ import annotations

from collections.abc import Mapping

from index.embedding.contract import Embedder
from index.errors import InvalidInput, VectorsMissing
from index.filling import Filler, Progress
from index.ingest import pipeline_of
from index.library.contract import Library, Receipt


def reembed(library: Library, embedder: Embedder, on_embedded: Progress | None = None) -> Receipt:
    """Make the vectors of this model, where they are not there yet, and take them into use.

    It may be stopped at any time, and goes on where it was when called again. Articles that come meanwhile get vectors
    of both models. The vectors that were in use are kept beside, so that going back costs little; see `Library.forget`.

    Args:
        library: whose vectors; it must have been written.
        embedder: the model.
        on_embedded: told how many more passages were embedded, from any thread.

    Raises:
        InvalidInput: the library has no vectors yet, or they are of this model already.
        LibraryError: vectors of a third model are kept beside.
    """
    target = pipeline_of(library, embedder)
    if library.fingerprint is None or target == library.fingerprint:
        raise InvalidInput(f"There is nothing to do: the library uses {embedder.name}.", field="model")
    library.succeed(target)
    filler = Filler(library, lambda: embedder, on_embedded, target)
    try:
        while True:
            filler.finish()
            try:
                return library.switch(target)
            except VectorsMissing:  # an article came just now
                continue
    finally:
        filler.stop()


def beside(library: Library) -> Mapping[str, object]:
    """The fingerprint of the vectors that are kept beside.

    Raises:
        InvalidInput: there are none.
    """
    kept = library.status().beside
    if kept is None:
        raise InvalidInput("No vectors of another model are kept in this library.", field="back")
    return kept.fingerprint
