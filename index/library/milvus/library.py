"""A library on Milvus: see `index.library.contract.Library`. Any number of processes may have one open, and write.

Writes come one after another (`turns`), each committed by one row (`state`). Own writes are seen at once; what others
wrote is seen some seconds later at the latest, or at once where the address says ``consistency=Strong``.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby

import numpy as np

from index.errors import LibraryError, LibraryMissing, PinciteError
from index.library.checking import checked, checked_vectors
from index.library.contract import Awaited, Beside, Entry, Filled, Receipt, Status, Vectors
from index.library.fingerprints import crowded, mismatch, packed
from index.library.milvus import records
from index.library.milvus.address import Address
from index.library.milvus.deaths import Deaths
from index.library.milvus.engine import Engine
from index.library.milvus.matching import Matching
from index.library.milvus.schema import COLLECTIONS
from index.library.milvus.snapshot import MilvusSnapshot
from index.library.milvus.state import Ledger, Pipeline, State
from index.library.milvus.transaction import Transaction
from index.library.milvus.turns import Turns
from index.library.milvus.view import View
from index.library.milvus.writing import Writing

log = logging.getLogger(__name__)

SETTLED_SECONDS = 10.0
"""What was committed longer ago than this is seen by Bounded reads (Milvus lets them lag 5 seconds behind); what was
committed since is read with Strong ones. Clocks may differ by the rest."""

REMEMBERED_SECONDS = 1.0
"""How long a Bounded reader goes on with the state that it has read."""

MANY_DEAD = 1_000
"""So many dead articles make searches slower; their rows do not wait for the next write to be removed. 10,000 of them,
scattered among 20,000, took about 15 ms of a search by meaning and 45 ms of one by words on Milvus' own core."""


class MilvusLibrary:
    """The `Library` on a Milvus server. See `index.library.opening.open_library`.

    Args:
        address: where it is; its collections must be there.
        read_only: refuse to write.
        wait: how many seconds a write waits for others.
    """

    def __init__(self, address: Address, *, read_only: bool = False, wait: float = 30.0) -> None:
        self._address, self._read_only = address, read_only
        self._engine = Engine(address)
        self._ledger = Ledger(self._engine)
        self._turns = Turns(self._engine, wait)
        self._matching = Matching(self._engine)
        self._deaths = Deaths(self._engine)
        self._sweeping = threading.Thread()
        self._adopted: Mapping[str, object] | None = None
        self._wrote, self._read, self._known = 0.0, 0.0, State()

    def provide(self, *, create: bool) -> None:
        """See to it that there is such a library; whoever else makes it meanwhile makes the same.

        Raises:
            LibraryMissing: there is none, and `create` is not set.
        """
        if not create and not self._engine.has("ledger"):
            message = f"There is no library at {self._address}. Run `pincite index` to make one."
            raise LibraryMissing(message, path=str(self._address))
        with ThreadPoolExecutor(len(COLLECTIONS)) as at_once:  # a server takes some seconds for each
            list(at_once.map(self._engine.make, COLLECTIONS))

    # Writing

    @property
    def fingerprint(self) -> Mapping[str, object] | None:
        """The pipeline that made the vectors; None before it was stated."""
        return self._state().used.fingerprint

    def adopt(self, fingerprint: Mapping[str, object]) -> None:
        """See `Library.adopt`."""
        stored = self._state().used.fingerprint
        if stored is None:
            with self._turns.taken():
                writing = self._writing()
                if writing.state.used.fingerprint is None:
                    writing.adopt(fingerprint)
                    self._committed(writing, shown=False)
                stored = writing.state.used.fingerprint
        if stored is None or packed(stored) != packed(fingerprint):
            raise mismatch(self._address, stored, fingerprint)
        self._adopted = fingerprint

    def put(self, entries: Sequence[Entry], notes: Mapping[str, str] | None = None) -> Receipt:
        """Store these articles; see `Library.put`."""
        checked(entries)
        records.check(entries)
        with_vectors = any(entry.vectors is not None for entry in entries)

        def change(writing: Writing) -> Receipt:
            self._check_adopted(writing.state.used, with_vectors=with_vectors)
            added, updated = writing.put(entries, notes or {})
            return Receipt(0, added=added, updated=updated)

        return self._write(change) if entries else Receipt(self._state().generation)

    def delete(self, article_ids: Sequence[str]) -> Receipt:
        """Remove these articles; see `Library.delete`."""
        if not self.digests(article_ids):
            return Receipt(self._state().generation)
        return self._write(lambda writing: Receipt(0, deleted=writing.delete(article_ids)))

    def _check_adopted(self, used: Pipeline, *, with_vectors: bool) -> None:
        """Refuse vectors once another pipeline is in use than the one that was stated."""
        given = self._adopted
        if with_vectors and given is not None and packed(given) != packed(used.fingerprint or {}):
            raise mismatch(self._address, used.fingerprint, given)

    # Vectors that come later, and those of other pipelines

    def claim(self, fingerprint: Mapping[str, object], count: int, seconds: float) -> list[Awaited]:
        """See `Library.claim`."""
        with self._turns.taken():
            writing = self._writing()
            pipeline = writing.state.kept(fingerprint, self._address)
            digests = writing.claim(pipeline, count, seconds)
            found = MilvusSnapshot(writing.view, self._matching).passages(list(digests))
            writing.need_not_claim(pipeline, sorted(digests.keys() - {stored.key for stored in found}))
            writing.transaction.tidy()
        return [Awaited(stored, digests[stored.key]) for stored in found]

    def release(self, fingerprint: Mapping[str, object], claimed: Sequence[Awaited]) -> None:
        """See `Library.release`."""
        with self._turns.taken():
            writing = self._writing()
            pipeline = writing.state.kept(fingerprint, self._address)
            writing.release(pipeline, [one.stored.key for one in claimed])

    def fill(self, fingerprint: Mapping[str, object], vectors: Sequence[Filled]) -> Receipt:
        """See `Library.fill`."""
        checked_vectors(vectors)

        def change(writing: Writing) -> Receipt:
            return Receipt(0, filled=writing.fill(writing.state.kept(fingerprint, self._address), vectors))

        return self._write(change)

    def waiting(self, fingerprint: Mapping[str, object] | None = None) -> int:
        """See `Library.waiting`."""
        state = self._state()
        return (state.used if fingerprint is None else state.kept(fingerprint, self._address)).awaited

    def succeed(self, fingerprint: Mapping[str, object]) -> None:
        """See `Library.succeed`."""
        with self._turns.taken():
            writing = self._writing()
            if writing.state.found(fingerprint):
                return
            if len(writing.state.pipelines) > 1:
                raise crowded(self._address, [one.fingerprint for one in writing.state.pipelines])
            writing.succeed(fingerprint)
            self._committed(writing, shown=False)

    def switch(self, fingerprint: Mapping[str, object]) -> Receipt:
        """See `Library.switch`."""

        def change(writing: Writing) -> Receipt:
            writing.switch(writing.state.kept(fingerprint, self._address))
            return Receipt(0)

        return self._write(change)

    def forget(self) -> bool:
        """See `Library.forget`."""
        with self._turns.taken():
            writing = self._writing()
            gone = writing.forget()
            if gone:
                self._committed(writing, shown=False)
            for kind in gone:
                self._engine.drop(kind)
        return bool(gone)

    def _write(self, change: Callable[[Writing], Receipt]) -> Receipt:
        with self._turns.taken():
            writing = self._writing()
            receipt = change(writing)
            if writing.changed:
                self._committed(writing)
            else:
                writing.transaction.tidy()
            return replace(receipt, generation=writing.state.generation)

    def _writing(self) -> Writing:
        if self._read_only:
            raise LibraryError(f"{self._address} was opened for reading only.", path=str(self._address))
        return Writing(self._engine, Transaction(self._engine, self._deaths, self._turns.renew))

    def _committed(self, writing: Writing, *, shown: bool = True) -> None:
        writing.commit(shown=shown)
        self._known, self._read = writing.state, time.monotonic()
        self._wrote = time.time()

    # Reading

    def snapshot(self) -> MilvusSnapshot:
        """The newest generation, for reading."""
        view = self._view()
        if len(view.dead.records) >= MANY_DEAD and self._deaths.due(view.state):
            self._sweep_meanwhile()
        return MilvusSnapshot(view, self._matching)

    def _view(self) -> View:
        state = self._state()
        settled = time.time() - state.committed > SETTLED_SECONDS
        level = self._address.consistency if settled else "Strong"
        return View(self._engine, state, self._deaths.until(state), level)

    def _sweep_meanwhile(self) -> None:
        if not self._read_only and not self._sweeping.is_alive():
            self._sweeping = threading.Thread(target=self._sweep, name="pincite-sweep", daemon=True)
            self._sweeping.start()

    def _sweep(self) -> None:
        """Remove the rows of who died long ago, unless somebody else did meanwhile."""
        try:
            with self._turns.taken():
                writing = self._writing()
                if writing.transaction.sweep_is_due():
                    self._committed(writing, shown=False)
        except PinciteError as error:
            log.warning("articles that died are still in the way of searches in %s: %s", self._address, error)

    def _state(self) -> State:
        """What is committed: always all of our own writes, and those of others as the address says."""
        bounded = self._address.consistency == "Bounded"
        if bounded and time.monotonic() - self._read < REMEMBERED_SECONDS:
            return self._known
        level = "Bounded" if bounded and time.time() - self._wrote > SETTLED_SECONDS else "Strong"
        found = self._ledger.newest(level) or State()
        if found.revision >= self._known.revision:
            self._known = found
        self._read = time.monotonic()
        return self._known

    def digests(self, article_ids: Sequence[str]) -> dict[str, str]:
        """See `Library.digests`."""
        names = {records.name_of(article_id): article_id for article_id in article_ids}
        rows = self._view().among("records", "name", sorted(names), ("name", "digest"), 'kind == "head"')
        return {names[row["name"]]: row["digest"] for row in rows}

    def notes(self, names: Sequence[str]) -> dict[str, str]:
        """See `Library.notes`."""
        asked = {records.note_name(name): name for name in names}
        rows = self._view().among("records", "name", sorted(asked), ("name", *records.PART_FIELDS))
        rows.sort(key=lambda row: str(row["name"]))
        return {asked[name]: records.joined(parts) for name, parts in groupby(rows, lambda row: row["name"])}

    def embedded(
        self, digests: Sequence[bytes], fingerprint: Mapping[str, object] | None = None
    ) -> dict[bytes, Vectors]:
        """See `Library.embedded`."""
        view = self._view()
        pipeline = view.state.used if fingerprint is None else view.state.kept(fingerprint, self._address)
        if pipeline.dimensions is None:
            return {}
        rows = view.among(pipeline.kind, "digest", [digest.hex() for digest in digests], ("digest", "vector"))
        return {bytes.fromhex(row["digest"]): np.array(row["vector"], np.float32) for row in rows}

    def status(self) -> Status:
        """Sizes and generation; Milvus derives nothing that could be behind."""
        state = self._state()
        beside = state.pipelines[1] if len(state.pipelines) > 1 else None
        return Status(
            articles=state.articles,
            passages=state.passages,
            generation=state.generation,
            fingerprint=state.used.fingerprint,
            derived={"vectors": 0, "words": 0},
            languages=state.languages,
            passages_without_vectors=state.used.awaited,
            beside=Beside(beside.fingerprint or {}, beside.awaited) if beside else None,
        )

    def close(self) -> None:
        """Finish background work and let go of the connection; closing twice is fine."""
        if self._sweeping.is_alive():
            self._sweeping.join()
        self._engine.close()
