"""A worker that embeds what waits in a library; started by the tests of several workers.

Usage: embedding_process.py ADDRESS LEASE SECONDS_A_PASSAGE. Each passage that it begins to embed is a line on standard
output: what is read of it. It ends when nothing waits any more.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from index.embedding.hashing import HashingEmbedder
from index.library.opening import open_library
from index.working import work


class Slow(HashingEmbedder):
    """Tells what it embeds, and takes its time."""

    seconds = 0.0

    def embed_passages(
        self, texts: Sequence[str], on_done: Callable[[int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        for text in texts:
            sys.stdout.write(json.dumps(text) + "\n")
            sys.stdout.flush()
            time.sleep(self.seconds)
        return super().embed_passages(texts, on_done)


def main(address: str, lease: float, seconds: float) -> None:
    library = open_library(address)
    embedder = Slow(32)
    embedder.seconds = seconds
    work(library, embedder, threading.Event(), lease=lease)
    library.close()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
