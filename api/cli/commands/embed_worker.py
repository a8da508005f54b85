"""`pincite embed-worker`: one of many processes that embed what waits in a library."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from api.cli.output import AsJson, messages, output, print_json
from api.cli.periods import seconds
from api.cli.progress import embedding_progress
from api.models import Models
from api.settings import Settings
from index.errors import InvalidInput
from index.library.opening import open_library
from index.working import work


def embed_worker(
    context: typer.Context,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with what comes later, until Ctrl+C or SIGTERM.")
    ] = False,
    lease: Annotated[
        str, typer.Option(help="After how long others take over what a killed worker had begun: 30s, 2m.")
    ] = "2m",
    as_json: AsJson = False,
) -> None:
    """Embed passages that wait for their vectors, together with any number of other workers.

    Start as many as there are machines, each with the same --library. They share the work through the library: no
    passage is embedded twice, and what a killed worker had begun is taken over.

    \b
    Examples:
      pincite --library milvus://milvus.example:19530/news embed-worker
      pincite --library milvus://milvus.example:19530/news embed-worker --follow
    """  # noqa: D301 (\b tells click to keep the lines)
    done = _worked(context.obj, seconds(lease, "lease"), follow=follow)
    if as_json:
        print_json({"embedded": done})
    else:
        output.print(f"{done:,} passages have their vectors from this worker.")


def _worked(settings: Settings, lease: float, *, follow: bool) -> int:
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    library = open_library(settings.library)
    try:
        if library.fingerprint is None:
            raise InvalidInput("Nothing was stored in this library yet. Run `pincite index` first.", field="library")
        embedder = Models(settings).embedder_for(library)
        with embedding_progress(messages, library.waiting()) as on_embedded:
            return work(library, embedder, stopping, on_embedded, lease=lease, follow=follow)
    finally:
        library.close()
