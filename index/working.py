"""One of many processes that embed what waits in a library, on whatever machines: they share the work through it.

Each claims a share, embeds it and fills the vectors in (`index.filling`). A claim ends by itself after a time, so what
a killed worker had claimed is taken over by whoever looks next; nobody is told who else works.
"""

from __future__ import annotations

import threading

from index.embedding.contract import Embedder
from index.errors import LibraryBusy
from index.filling import Progress, fill_share
from index.library.contract import Library

LEASE_SECONDS = 120.0
"""How long a share is a worker's own: many times what embedding one takes."""

LOOK_SECONDS = 2.0
"""How often one who has nothing to do looks for more."""


def work(
    library: Library,
    embedder: Embedder,
    stopping: threading.Event,
    on_embedded: Progress | None = None,
    *,
    lease: float = LEASE_SECONDS,
    follow: bool = False,
) -> int:
    """Embed shares of what waits until nothing waits any more, not even for others; how many passages there were.

    Args:
        library: whose passages.
        embedder: the model that made the library's vectors.
        stopping: set to stop after the share at hand.
        on_embedded: told how many more passages were embedded.
        lease: seconds after which others may take a share over.
        follow: go on looking for more until told to stop.

    Raises:
        FingerprintMismatch: the library's vectors come from another model.
    """
    done = 0
    while not stopping.is_set():
        try:
            made = fill_share(library, embedder, on_embedded, lease)
        except LibraryBusy:  # many workers write; the share, if one was claimed, is claimed again in time
            made = 0
        done += made
        if made:
            continue
        if not follow and not library.waiting():
            break
        stopping.wait(LOOK_SECONDS)
    return done
