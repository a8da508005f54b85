"""Embedding the passages that wait for their vectors, in the background of whatever stores them.

Claims a share at a time, embeds what of it no passage has a vector for, and fills the vectors in; several threads, and
several processes, do so at a time without embedding anything twice. Whatever ends it, what was filled in stays, and
whoever fills next goes on there.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from index.embedding.contract import Embedder
from index.errors import PinciteError
from index.ingest import check_model, embedded_text
from index.library.contract import Filled, Library

SHARE = 256
"""How many passages are embedded between two writes: some seconds' worth, which is what a killed process does again.
As many as are sorted by length together; 128 took 1 to 4 % longer (1,175 passages, three rounds side by side)."""

LEASE_SECONDS = 900.0
"""How long a share is kept from others on a machine that does not know who still lives."""

WORKERS = 2
"""While one writes what it embedded, the other embeds."""

LOOK_SECONDS = 5.0
"""How often a server looks for passages that others left waiting."""

log = logging.getLogger(__name__)

Progress = Callable[[int], None]


def fill_share(
    library: Library,
    embedder: Embedder,
    on_embedded: Progress | None = None,
    lease: float = LEASE_SECONDS,
    pipeline: Mapping[str, object] | None = None,
) -> int:
    """Embed one share of the passages that wait for vectors of a pipeline, None standing for the one in use; how many
    there were, 0 when none waits. For `lease` seconds nobody else is given them.

    Raises:
        FingerprintMismatch: the model is not the pipeline's, or the library does not keep such vectors (any longer).
    """
    fingerprint = pipeline or library.fingerprint
    if fingerprint is None:  # nothing was ever stored
        return 0
    check_model(fingerprint, embedder)
    claimed = library.claim(fingerprint, SHARE, lease)
    if not claimed:
        return 0
    held = library.embedded([one.digest for one in claimed], fingerprint)
    missing = {
        one.digest: embedded_text(one.stored.article, one.stored.passage) for one in claimed if one.digest not in held
    }
    if on_embedded is not None:
        on_embedded(0)
    try:
        made = embedder.embed_passages(list(missing.values()), on_embedded)
    except BaseException:
        library.release(fingerprint, claimed)
        raise
    held |= dict(zip(missing, made, strict=True))
    library.fill(fingerprint, [Filled(one.stored.key, one.digest, held[one.digest]) for one in claimed])
    return len(claimed)


class Filler:
    """Threads that embed what waits in a library, from the first call that asks for it until told to stop.

    Args:
        library: where to look.
        embedder: gives the model that the library names, also once it names another one.
        on_embedded: told how many more passages were embedded, from any thread, and 0 when a share is begun. It may be
            replaced at any time.
        pipeline: the fingerprint of the vectors to make; None for those in use.
    """

    def __init__(
        self,
        library: Library,
        embedder: Callable[[], Embedder],
        on_embedded: Progress | None = None,
        pipeline: Mapping[str, object] | None = None,
    ) -> None:
        self._library, self._embedder, self._pipeline = library, embedder, pipeline
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._calls, self._stopping, self._looking = 0, False, False
        self._error: Exception | None = None
        self.on_embedded = on_embedded

    def wake(self) -> None:
        """Begin, or go on: passages were stored whose vectors are to come."""
        with self._changed:
            self._calls += 1
            self._start()

    def look_after(self) -> None:
        """From now on, embed also what others left waiting, once nobody has worked on it for some seconds."""
        with self._changed:
            self._looking = True
            self._start()

    def finish(self) -> None:
        """Wait until no passage waits for its vector; raises what keeps the threads from going on."""
        told = False
        while self._waiting():
            if not told:
                self.wake()  # again, since what another process had claimed may be free by now
            with self._changed:
                if not self._waiting():  # asked inside, so that the last thread's notice is not missed
                    return
                told = self._changed.wait(LOOK_SECONDS)
                if self._error is not None:
                    error, self._error = self._error, None
                    raise error

    def stop(self) -> None:
        """Let every thread finish its share, and wait for that; stopping twice is fine."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _start(self) -> None:
        if not self._threads and not self._stopping:
            self._threads = [threading.Thread(target=self._work, name="pincite-filling") for _ in range(WORKERS)]
            for thread in self._threads:
                thread.start()
        self._changed.notify_all()

    def _work(self) -> None:
        seen: int | None = 0
        while (seen := self._called(seen)) is not None:
            try:
                self._fill()
            except Exception as error:  # a thread has nobody to raise it to but `finish`
                message = error.message if isinstance(error, PinciteError) else repr(error)
                log.warning("passages go on waiting for their vectors: %s", message)
                self._error = error
            with self._changed:
                self._changed.notify_all()

    def _called(self, seen: int | None) -> int | None:
        """Wait until there is something to do; None when it is to stop, else the number of calls so far."""
        left = 0
        with self._changed:
            while self._calls == seen and not self._stopping:
                if not self._changed.wait(LOOK_SECONDS) and self._looking:
                    before, left = left, self._waiting()
                    if left and left == before:
                        break
            return None if self._stopping else self._calls

    def _fill(self) -> None:
        while not self._stopping and self._waiting():
            if not fill_share(self._library, self._embedder(), self.on_embedded, pipeline=self._pipeline):
                return

    def _waiting(self) -> int:
        return self._library.waiting(self._pipeline)
