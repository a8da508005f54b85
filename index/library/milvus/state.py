"""What is committed: one row of the ledger says all that a library is at a revision, and the newest row is the truth.

A write is prepared in rows of the next revision, which nobody sees, and committed by its row in the ledger. One that
was cut short has left its intent there, and is undone by whoever writes next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from index.errors import LibraryDamaged, LibraryNewer
from index.library.fingerprints import Fingerprint, mismatch, packed
from index.library.milvus.address import Address
from index.library.milvus.engine import Engine
from index.library.milvus.expressions import quoted

FORMAT = 2
LAST = 10**18
"""Revisions are counted down from here in the ledger, so that its first row is the newest."""

KEPT = 100
"""Each time so many were made, older states than the newest are deleted."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Vectors of one kind: the number of their collection, and how many passages still lack one."""

    number: int
    fingerprint: Fingerprint | None = None
    dimensions: int | None = None
    awaited: int = 0

    @property
    def kind(self) -> str:
        """The name of their collection."""
        return f"vectors_{self.number}"


@dataclass(frozen=True, slots=True)
class State:
    """A library at a revision. `generation` counts the revisions that changed what snapshots show.

    The first of the `pipelines` is in use, a second one kept beside. `died` is the newest revision in which something
    died; the rows of what had died by the revision `swept` were removed. `committed` is in seconds since 1970.
    """

    revision: int = 0
    generation: int = 0
    articles: int = 0
    passages: int = 0
    next_record: int = 1
    next_passage: int = 1
    next_pipeline: int = 2
    languages: Mapping[str, int] = field(default_factory=dict)
    pipelines: tuple[Pipeline, ...] = (Pipeline(1),)
    died: int = 0
    swept: int = 0
    committed: float = 0.0
    format: int = FORMAT

    @property
    def used(self) -> Pipeline:
        """The pipeline in use."""
        return self.pipelines[0]

    def found(self, fingerprint: Fingerprint) -> Pipeline | None:
        """The pipeline with this fingerprint, if it is kept."""
        stated = [one for one in self.pipelines if one.fingerprint is not None]
        return next((one for one in stated if packed(one.fingerprint or {}) == packed(fingerprint)), None)

    def kept(self, fingerprint: Fingerprint, address: Address) -> Pipeline:
        """The same; raises FingerprintMismatch where it is not kept."""
        pipeline = self.found(fingerprint)
        if pipeline is None:
            raise mismatch(address, self.used.fingerprint, fingerprint)
        return pipeline

    def with_pipeline(self, changed: Pipeline) -> State:
        """The same with this pipeline in the place of the one of its number."""
        return replace(
            self, pipelines=tuple(changed if one.number == changed.number else one for one in self.pipelines)
        )

    @classmethod
    def loaded(cls, text: str, address: Address) -> Self:
        """A state out of the ledger.

        Raises:
            LibraryNewer: a newer Pincite wrote it.
            LibraryDamaged: it is none.
        """
        try:
            held: dict[str, Any] = json.loads(text)
            if held["format"] > FORMAT:
                raise LibraryNewer(f"{address} was written by a newer Pincite. Upgrade this one.", path=str(address))
            return cls(**{**held, "pipelines": tuple(Pipeline(**one) for one in held["pipelines"])})
        except (ValueError, KeyError, TypeError) as error:
            raise LibraryDamaged(f"The ledger of {address} cannot be read ({error}).", path=str(address)) from error

    def dumped(self) -> str:
        """The state as the ledger keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)


class Ledger:
    """What is committed, and what was only begun."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest(self, level: str = "Strong") -> State | None:
        """The state of the newest revision; None before the first."""
        found = self._engine.rows("ledger", 'id >= "state" and id < "statf"', ["value"], level, limit=1)
        return State.loaded(found[0]["value"], self._engine.address) if found else None

    def begun(self) -> list[int]:
        """The revisions whose writing was begun and not ended, be it now or by somebody who is gone."""
        found = self._engine.rows("ledger", 'id >= "begun" and id < "beguo"', ["value"])
        return [int(row["value"]) for row in found]

    def begin(self, revision: int) -> None:
        """Leave word that rows of this revision are going to be written."""
        self._put(f"begun {revision}", str(revision))

    def commit(self, state: State) -> None:
        """Let this be the newest state."""
        self._put(f"state {LAST - state.revision}", state.dumped())
        if state.revision % KEPT == 0:
            self._engine.delete("ledger", f'id > {quoted(f"state {LAST - state.revision}")} and id < "statf"')

    def end(self, revision: int) -> None:
        """Forget that a revision was begun."""
        self._engine.delete("ledger", f"id in [{quoted(f'begun {revision}')}]")

    def _put(self, name: str, value: str) -> None:
        self._engine.insert("ledger", [{"id": name, "value": value}])
