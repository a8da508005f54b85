"""A library in a folder: brings the truth, the vectors and the words together.

Writing: under the write lock, one transaction of the truth; its commit is what acknowledges the write. The words are
taken in before that commit and committed right after it; the vectors in memory follow, and a large tail becomes a new
main index in the background. Whatever of this is cut short is made up for by the next write or the next snapshot.

Reading: a snapshot shares the state of its generation, made by pinning the truth and taking the words and the vectors
to the same generation. A state that nobody uses is let go, so that an idle reader never keeps the truth's log from
being shortened. While this process writes, its readers keep the state from before. While another process writes, they
go on with an older state that is in use, or wait for the blink in which its words follow its truth.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from index.errors import LibraryBusy, LibraryError
from index.library.checking import checked, checked_vectors
from index.library.contract import Awaited, Entry, Filled, Receipt, Status, Vectors
from index.library.fingerprints import mismatch, packed, unpacked
from index.library.local.connection import Connection
from index.library.local.lock import FileLock
from index.library.local.owners import Owners
from index.library.local.pipelines import claimed, forget, kept, owners, release, succeed, unclaim
from index.library.local.reading import Reading
from index.library.local.schema import TRUTH
from index.library.local.snapshot import Derived, LocalSnapshot, State
from index.library.local.truth import Pinned, Truth
from index.library.local.upkeep import TAIL_ROWS, VectorUpkeep
from index.library.local.vectors import INVERTED_ROWS
from index.library.local.view import FEW_ROWS
from index.library.local.words import WordIndex
from index.library.local.writing import Writing

POLL_SECONDS = 0.002


class LocalLibrary:
    """The `Library` in a folder. See `index.library.opening.open_library`.

    Args:
        folder: where the library is; its truth must exist.
        read_only: refuse to store or delete articles. Derived parts are still repaired where that is possible.
        wait: how many seconds to wait for another writer.
        tail_rows: from how many rows on the vectors are put into a main index.
        inverted_rows: from how many rows on an inverted index finds them.
        few_rows: up to how many rows that a filter leaves are all looked at.
    """

    def __init__(
        self,
        folder: Path,
        *,
        read_only: bool = False,
        wait: float = 30.0,
        tail_rows: int = TAIL_ROWS,
        inverted_rows: int = INVERTED_ROWS,
        few_rows: int = FEW_ROWS,
    ) -> None:
        self._folder = folder
        self._read_only = read_only
        self._wait = wait
        self._lock = FileLock(folder / "write.lock")
        self._truth = Truth(folder / TRUTH)
        self._words = WordIndex(folder / "words")
        self._vectors = VectorUpkeep(
            folder / "vectors",
            self._truth,
            builds=not read_only,
            tail_rows=tail_rows,
            inverted_rows=inverted_rows,
            few_rows=few_rows,
        )
        self._owners = Owners(folder / "claims")
        self._adopted: str | None = None
        self._gate = threading.RLock()  # guards who uses which state
        self._assembling = threading.Lock()  # lets readings come by ascending generation
        self._state: State | None = None
        self._derived: Derived | None = None
        self._writing = False

    def prepare(self) -> None:
        """Check the format and bring an older one up to date; raises what `schema.check` raises."""
        if self._truth.check():
            return
        self._refuse_when_read_only()
        with self._lock.held(self._wait):
            self._truth.migrate()

    # Writing

    @property
    def fingerprint(self) -> Mapping[str, object] | None:
        """The pipeline that made the vectors; None before it was stated."""
        return unpacked(self._truth.card().fingerprint)

    def adopt(self, fingerprint: Mapping[str, object]) -> None:
        """State the pipeline that the coming writes are made with.

        Raises:
            FingerprintMismatch: the library has another one.
        """
        given = packed(fingerprint)
        stored = self._truth.card().fingerprint
        if stored is None:
            with self._changing() as truth:
                truth.run("UPDATE pipelines SET fingerprint = coalesce(fingerprint, ?)", [given])
            stored = self._truth.card().fingerprint
        if stored != given:
            raise mismatch(self._folder, unpacked(stored), fingerprint)
        self._adopted = given

    def put(self, entries: Sequence[Entry], notes: Mapping[str, str] | None = None) -> Receipt:
        """Store these articles; see `Library.put`."""
        checked(entries)
        with_vectors = any(entry.vectors is not None for entry in entries)

        def change(writing: Writing) -> Receipt:
            added, updated = writing.put(entries, self._adopted if with_vectors else None)
            writing.note(notes or {})
            return Receipt(writing.generation, added=added, updated=updated)

        return self._write(change) if entries else Receipt(self._truth.card().generation)

    def delete(self, article_ids: Sequence[str]) -> Receipt:
        """Remove these articles; see `Library.delete`."""
        if not self.digests(article_ids):
            return Receipt(self._truth.card().generation)
        return self._write(lambda writing: Receipt(writing.generation, deleted=writing.delete(article_ids)))

    # Vectors that come later, and those of other pipelines

    def claim(self, fingerprint: Mapping[str, object], count: int, seconds: float) -> list[Awaited]:
        """See `Library.claim`."""
        with self._changing() as truth:
            pipeline = kept(truth, packed(fingerprint))
            now = time.time()
            unclaim(truth, [owner for owner in owners(truth) if not self._owners.lives(owner)], now)
            keys = claimed(truth, pipeline.number, self._owners.own(), count, now + seconds)
            return Reading(truth).awaited(keys)

    def release(self, fingerprint: Mapping[str, object], claimed: Sequence[Awaited]) -> None:
        """See `Library.release`."""
        with self._changing() as truth:
            release(truth, kept(truth, packed(fingerprint)).number, [one.stored.key for one in claimed])

    def fill(self, fingerprint: Mapping[str, object], vectors: Sequence[Filled]) -> Receipt:
        """See `Library.fill`."""
        checked_vectors(vectors)
        given = packed(fingerprint)

        def change(writing: Writing) -> Receipt:
            filled = writing.fill(given, vectors)
            return Receipt(writing.reading().generation, filled=filled)

        return self._write(change)

    def waiting(self, fingerprint: Mapping[str, object] | None = None) -> int:
        """See `Library.waiting`."""
        if fingerprint is None:
            return self._truth.card().awaited
        with self._truth.reading() as reading:
            return reading.kept(packed(fingerprint)).awaited

    def succeed(self, fingerprint: Mapping[str, object]) -> None:
        """See `Library.succeed`."""
        with self._changing() as truth:
            succeed(truth, packed(fingerprint))

    def switch(self, fingerprint: Mapping[str, object]) -> Receipt:
        """See `Library.switch`."""
        given = packed(fingerprint)

        def change(writing: Writing) -> Receipt:
            writing.switch(given)
            return Receipt(writing.generation)

        return self._write(change)

    def forget(self) -> bool:
        """See `Library.forget`."""
        with self._changing() as truth:
            return forget(truth)

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """Change what no generation shows, and no snapshot."""
        self._refuse_when_read_only()
        with self._lock.held(self._wait), self._truth.changing() as truth:
            yield truth

    def _write(self, change: Callable[[Writing], Receipt]) -> Receipt:
        self._refuse_when_read_only()
        with self._lock.held(self._wait):
            with self._readers_kept():
                receipt = self._stored(change)
            self._truth.shorten_log()
        return receipt

    def _stored(self, change: Callable[[Writing], Receipt]) -> Receipt:
        with self._truth.writing() as writing:
            receipt = change(writing)
            writing.prune(min(self._vectors.main_generation(), self._words.generation()))
            reading = writing.reading()
            renewal_due = self._vectors.renewal_due(reading)
            with self._words.catching_up(reading):
                writing.commit()
        if renewal_due:
            self._vectors.renew()
        return receipt

    @contextmanager
    def _readers_kept(self) -> Iterator[None]:
        """While this process writes, its readers keep the state from before and need not wait for the words, nor for
        the state from after, which is made ready meanwhile. Costs nothing where nobody reads."""
        somebody_reads = self._derived is not None
        with ExitStack() as kept:
            if somebody_reads and (before := self._shared()):
                kept.enter_context(before)
            self._writing = True
            try:
                yield
                after = self._assembled() if somebody_reads else None
            finally:
                self._writing = False
            if after is not None:
                self._used(after).close()

    def _refuse_when_read_only(self) -> None:
        if self._read_only:
            raise LibraryError(f"{self._folder} was opened for reading only.", path=str(self._folder))

    # Reading

    def snapshot(self) -> LocalSnapshot:
        """The newest generation, for reading.

        Raises:
            LibraryBusy: the words are behind, and another process kept them from being caught up.
        """
        deadline = time.monotonic() + self._wait
        while (snapshot := self._shared()) is None:
            if not self._repaired():
                time.sleep(POLL_SECONDS)
            if time.monotonic() >= deadline:
                message = (
                    f"The words in {self._folder} are behind, and were for {self._wait:g} seconds: another process is "
                    "writing, or they cannot be written (the log says why). Try again later."
                )
                raise LibraryBusy(message, path=str(self._folder), waited_seconds=self._wait)
        return snapshot

    def _shared(self) -> LocalSnapshot | None:
        """A snapshot of the best state there is without waiting; None when there is none."""
        with self._gate:
            state = self._state
            if state is None or not self._is_newest(state):
                state = self._assembled() or state
            return None if state is None else self._used(state)

    def _used(self, state: State) -> LocalSnapshot:
        """A snapshot of a state, which is the one to be shared from now on unless there is a newer one."""
        with self._gate:
            if self._state is None or self._state.truth.generation <= state.truth.generation:
                self._state = state
            state.users += 1
            return LocalSnapshot(state, self._release)

    def _release(self, state: State) -> None:
        with self._gate:
            state.users -= 1
            if state.users:
                return
            if state is self._state:
                self._state = None
            state.truth.let_go()

    def _is_newest(self, state: State) -> bool:
        """Whether no newer state can be had; in the middle of our own write none can."""
        if self._writing:
            return True
        same = state.truth.generation == self._truth.card().generation
        return same and self._vectors.is_current(state.derived.view)

    def _assembled(self) -> State | None:
        """The state of the newest generation; None when the words do not show that generation (yet)."""
        with self._assembling, ExitStack() as on_failure:
            pinned = self._truth.pin()
            on_failure.callback(pinned.let_go)
            derived = self._derived_at(pinned)
            if derived is None:
                return None
            self._derived = derived
            on_failure.pop_all()
            return State(pinned, derived)

    def _derived_at(self, pinned: Pinned) -> Derived | None:
        known = self._derived
        if known is not None and known.words.generation == pinned.generation and self._vectors.is_current(known.view):
            return known
        words = self._words.newest()
        if words is None or words.generation != pinned.generation:
            return None
        return Derived(self._vectors.at(pinned), words, pinned.language_codes())

    def _repaired(self) -> bool:
        """Catch the words up, unless another process holds the write lock and so does it itself."""
        with self._lock.tried() as taken:
            if taken:
                with self._truth.reading() as reading, self._words.catching_up(reading):
                    pass
            return taken

    def digests(self, article_ids: Sequence[str]) -> dict[str, str]:
        """The stored `Article.digest` of those of the ids that are held."""
        with self._truth.reading() as reading:
            return reading.digests(article_ids)

    def notes(self, names: Sequence[str]) -> dict[str, str]:
        """Those of the named notes that are held."""
        with self._truth.reading() as reading:
            return reading.notes(names)

    def embedded(
        self, digests: Sequence[bytes], fingerprint: Mapping[str, object] | None = None
    ) -> dict[bytes, Vectors]:
        """See `Library.embedded`."""
        with self._truth.reading() as reading:
            return reading.embedded(digests, packed(fingerprint) if fingerprint else None)

    def status(self) -> Status:
        """Sizes, generation and how far the derived parts are behind."""
        derived = {"vectors": self._vectors.generation(), "words": self._words.generation()}
        with self._truth.reading() as reading:
            card, beside = reading.card, reading.beside()
            languages = reading.languages()
        return Status(
            articles=card.articles,
            passages=card.passages,
            generation=card.generation,
            fingerprint=unpacked(card.fingerprint),
            derived={part: 0 if known is None else max(card.generation - known, 0) for part, known in derived.items()},
            languages=languages,
            passages_without_vectors=card.awaited,
            beside=beside,
        )

    def close(self) -> None:
        """Finish background work and release files and locks; closing twice is fine."""
        self._vectors.close()
        self._truth.close()
        self._owners.close()
