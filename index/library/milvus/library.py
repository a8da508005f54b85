"""A library on Milvus: see `index.library.contract.Library`. Any number of processes may have one open, and write.

Writes come one after another (`turns`), each committed by one row (`state`). Own writes are seen at once; what others
wrote is seen some seconds later at the latest, or at once where the address says ``consistency=Strong``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from index.errors import LibraryError, LibraryMissing
from index.library.contract import Awaited, Beside, Entry, Filled, Receipt, Status, Vectors
from index.library.local.checking import checked, checked_vectors
from index.library.local.pipelines import packed
from index.library.milvus import records
from index.library.milvus.address import Address
from index.library.milvus.engine import Engine
from index.library.milvus.expressions import alive
from index.library.milvus.matching import Matching
from index.library.milvus.schema import COLLECTIONS
from index.library.milvus.snapshot import MilvusSnapshot
from index.library.milvus.state import Ledger, Pipeline, State, mismatch, model_of
from index.library.milvus.turns import Turns
from index.library.milvus.writing import LIVING, Writing, claim_rows

SETTLED_SECONDS = 10.0
"""What was committed longer ago than this is seen by Bounded reads (Milvus lets them lag 5 seconds behind); what was
committed since is read with Strong ones. Clocks may differ by the rest."""

REMEMBERED_SECONDS = 1.0
"""How long a Bounded reader goes on with the state that it has read."""


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
        self._adopted: Mapping[str, object] | None = None
        self._wrote, self._read, self._known = 0.0, 0.0, State()

    def provide(self, *, create: bool) -> None:
        """See to it that there is such a library; whoever else makes it meanwhile makes the same.

        Raises:
            LibraryMissing: there is none, and `create` is not set.
        """
        if not create and not all(map(self._engine.has, COLLECTIONS)):
            message = f"There is no library at {self._address}. Run `pincite index` to make one."
            raise LibraryMissing(message, path=str(self._address))
        for kind in COLLECTIONS:
            self._engine.make(kind)

    def drop(self) -> None:
        """Delete the whole library."""
        for kind in self._engine.kinds():
            self._engine.drop(kind)

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
            state = self._writing().state
            pipeline, now = state.kept(fingerprint, self._address), time.time()
            asked = f"pipeline == {pipeline.number} and until < {int(now * 1000)}"
            rows = self._engine.rows("awaited", asked, self._engine.fields("awaited"), limit=count)
            self._engine.upsert("awaited", claim_rows(rows, now + seconds))
        return self._awaited(state, [row["key"] for row in rows])

    def _awaited(self, state: State, keys: Sequence[int]) -> list[Awaited]:
        held = self._engine.among("passages", "key", list(keys), LIVING, ("digest",), "Strong")
        digests = {row["key"]: bytes.fromhex(row["digest"]) for row in held}
        with MilvusSnapshot(self._engine, state, "Strong", self._matching) as snapshot:
            return [Awaited(stored, digests[stored.key]) for stored in snapshot.passages(keys) if stored.key in digests]

    def release(self, fingerprint: Mapping[str, object], claimed: Sequence[Awaited]) -> None:
        """See `Library.release`."""
        with self._turns.taken():
            number = self._writing().state.kept(fingerprint, self._address).number
            asked = f"pipeline == {number} and until > 0"
            keys = [one.stored.key for one in claimed]
            rows = self._engine.among("awaited", "key", keys, asked, self._engine.fields("awaited"), "Strong")
            self._engine.upsert("awaited", claim_rows(rows, 0))

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
            if any(packed(one.fingerprint or {}) == packed(fingerprint) for one in writing.state.pipelines):
                return
            if len(writing.state.pipelines) > 1:
                names = " and ".join(model_of(one.fingerprint or {}) for one in writing.state.pipelines)
                message = (
                    f"{self._address} already keeps vectors of {names}. Delete those that are not in use with "
                    "`pincite reembed --forget` first."
                )
                raise LibraryError(message, path=str(self._address))
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
            if not writing.changed:
                writing.tidy()
                return replace(receipt, generation=writing.state.generation)
            return replace(receipt, generation=self._committed(writing).generation)

    def _writing(self) -> Writing:
        if self._read_only:
            raise LibraryError(f"{self._address} was opened for reading only.", path=str(self._address))
        return Writing(self._engine, self._turns.renew)

    def _committed(self, writing: Writing, *, shown: bool = True) -> Receipt:
        receipt = writing.commit(shown=shown)
        self._known, self._read = writing.state, time.monotonic()
        self._wrote = time.time()
        return receipt

    # Reading

    def snapshot(self) -> MilvusSnapshot:
        """The newest generation, for reading."""
        state = self._state()
        settled = time.time() - state.committed > SETTLED_SECONDS
        level = self._address.consistency if settled else "Strong"
        return MilvusSnapshot(self._engine, state, level, self._matching)

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
        asked = f'kind == "head" and {alive(self._state().revision)}'
        rows = self._engine.among("records", "name", sorted(names), asked, ("name", "digest"), "Strong")
        return {names[row["name"]]: row["digest"] for row in rows}

    def notes(self, names: Sequence[str]) -> dict[str, str]:
        """See `Library.notes`."""
        asked, seen = {records.note_name(name): name for name in names}, alive(self._state().revision)
        rows = self._engine.among("records", "name", sorted(asked), seen, ("name", "part", "value"), "Strong")
        rows.sort(key=lambda row: str(row["name"]))
        return {asked[name]: records.joined(parts) for name, parts in groupby(rows, lambda row: row["name"])}

    def embedded(
        self, digests: Sequence[bytes], fingerprint: Mapping[str, object] | None = None
    ) -> dict[bytes, Vectors]:
        """See `Library.embedded`."""
        state = self._state()
        pipeline = state.used if fingerprint is None else state.kept(fingerprint, self._address)
        if pipeline.dimensions is None:
            return {}
        asked = list(dict.fromkeys(digest.hex() for digest in digests))
        rows = self._engine.among(pipeline.kind, "digest", asked, alive(state.revision), ("digest", "vector"), "Strong")
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
        """Let go of the connection; closing twice is fine."""
        self._engine.close()
