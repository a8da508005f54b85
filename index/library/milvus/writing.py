"""One write on its way into a library on Milvus: rows of the next revision, then the ledger's row that commits them.

A row that dies is written again with the revision it died in, so that snapshots of before still see it; those are
removed some minutes later. Whatever is cut short before the commit is undone by the next write.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from index.errors import VectorsMissing
from index.library.contract import Entry, Filled, Receipt
from index.library.milvus.engine import PAGE, WRITTEN, Engine, Rows
from index.library.milvus.expressions import NEVER, among
from index.library.milvus.records import article_rows, name_of, note_name, note_rows, passage_rows
from index.library.milvus.state import Ledger, Pipeline, State

LIVING = f"died == {NEVER}"
SWEPT_SECONDS = 120.0
"""How long, at least, rows that died are still there for the snapshots of before."""


class Writing:
    """One write, by whoever has the turn.

    Args:
        engine: where to.
        renew: keeps the turn; raises when it has ended.
    """

    def __init__(self, engine: Engine, renew: Callable[[], None]) -> None:
        self._engine, self._renew, self._ledger = engine, renew, Ledger(engine)
        self.state = self._ledger.newest() or State()
        self.revision = self.state.revision + 1
        self._before, self._begun = self.state, False
        self._new: defaultdict[str, Rows] = defaultdict(list)  # rows that are to be written together
        self._done: list[tuple[str, str]] = []  # rows of no snapshot, to be deleted once this is committed
        self._undo()

    @property
    def changed(self) -> bool:
        """Whether there is anything to commit."""
        return self.state != self._before

    # The end and the beginning

    def commit(self, *, shown: bool = True) -> Receipt:
        """Let everybody see it; `shown` where it changes what snapshots show."""
        self._flush()
        generation = self.state.generation + shown
        self.state = replace(self.state, revision=self.revision, generation=generation, committed=time.time())
        sweep = self._due()
        self._renew()
        self._ledger.commit(self.state)
        self.tidy()
        if self._begun:
            self._ledger.end(self.revision)
        if sweep:
            self._sweep(sweep)
        return Receipt(generation)

    def tidy(self) -> None:
        """Delete what no snapshot shows and nobody needs any longer."""
        for kind, expression in self._done:
            self._engine.delete(kind, expression)

    def _undo(self) -> None:
        """Take back what was begun and never committed."""
        for revision in self._ledger.begun():
            if revision > self.state.revision:
                for kind in self._seen():
                    self._engine.delete(kind, f"born == {revision}")
                    if kind != "awaited":
                        self._mark(kind, f"died == {revision}", NEVER)
            self._ledger.end(revision)

    def _due(self) -> int:
        """The revision before which what died is to be removed now; 0 when it is not time."""
        state = self.state
        if state.committed - state.swept < SWEPT_SECONDS:
            return 0
        self.state = replace(state, swept=state.committed, sweep=self.revision)
        return state.sweep

    def _sweep(self, before: int) -> None:
        for kind in self._seen():
            if kind != "awaited":
                self._engine.delete(kind, f"died <= {before}")
        self._ledger.forget(before)

    def _seen(self) -> list[str]:
        return ["records", "passages", "awaited", *self._shelves()]

    def _shelves(self) -> list[str]:
        return [one.kind for one in self.state.pipelines if one.dimensions and self._engine.has(one.kind)]

    def _insert(self, kind: str, rows: Rows) -> None:
        """Add rows; they are written when there are many, and with the commit."""
        self._new[kind] += rows
        if len(self._new[kind]) >= PAGE:
            self._flush()

    def _flush(self) -> None:
        for kind, rows in self._new.items():
            for at in range(0, len(rows), WRITTEN):
                self._begin()
                self._engine.insert(kind, rows[at : at + WRITTEN])
        self._new.clear()

    def _begin(self) -> None:
        """Leave word before the first row, and keep the turn before each later one."""
        self._renew()
        if not self._begun:
            self._ledger.begin(self.revision)
            self._begun = True

    def _die(self, kind: str, expression: str) -> None:
        """Let these rows die in this revision."""
        self._begin()
        self._mark(kind, expression, self.revision)

    def _mark(self, kind: str, expression: str, revision: int) -> None:
        """State the revision that rows die in."""
        for page in self._engine.pages(kind, expression, self._engine.fields(kind)):
            self._renew()
            self._engine.upsert(kind, [{**row, "died": revision} for row in page])

    # Articles

    def put(self, entries: Sequence[Entry], notes: Mapping[str, str]) -> tuple[int, int]:
        """Store these checked entries and notes; the numbers of articles added and of those replaced."""
        self._settle_dimensions(entries)
        supplies = {one.number: self._supply(one, entries) for one in self.state.pipelines}
        updated = self.delete([entry.article.id for entry in entries])
        for entry in entries:
            self._add(entry, supplies)
        for name, value in notes.items():
            self._die("records", f"{among('name', [note_name(name)])} and {LIVING}")
            self._insert("records", note_rows(name, value, self.revision))
        return len(entries) - updated, updated

    def delete(self, article_ids: Sequence[str]) -> int:
        """Remove these articles; the number of those that were held."""
        names = sorted(set(map(name_of, article_ids)))
        heads = self._engine.among(
            "records", "name", names, f'kind == "head" and {LIVING}', ("article", "passages", "language"), "Strong"
        )
        keys = [row["article"] for row in heads]
        if not keys:
            return 0
        dead = f"{among('article', keys)} and {LIVING}"
        gone = [row["key"] for row in self._engine.rows("passages", dead, [])]
        for pipeline in self.state.pipelines:
            self._no_longer_await(pipeline, gone)
        for kind in ("records", "passages", *self._shelves()):
            self._die(kind, dead)
        languages = Counter(self.state.languages)
        languages.subtract(row["language"] for row in heads)
        self._count(-len(keys), -len(gone), languages)
        return len(keys)

    def _add(self, entry: Entry, supplies: Mapping[int, Mapping[str, Any]]) -> None:
        state = self.state
        made = passage_rows(entry, state.next_article, state.next_passage, self.revision, bm25=self._engine.bm25)
        self._insert("records", article_rows(entry, state.next_article, self.revision))
        self._insert("passages", made)
        languages = Counter(state.languages)
        languages.update([entry.article.language or ""])
        self._count(1, len(made), languages)
        self.state = replace(
            self.state, next_article=state.next_article + 1, next_passage=state.next_passage + len(made)
        )
        for pipeline in self.state.pipelines:
            supply = supplies[pipeline.number]
            if pipeline.number == self.state.used.number and entry.vectors is not None:
                held = dict(zip((row["key"] for row in made), entry.vectors.tolist(), strict=True))
            else:
                held = {row["key"]: supply[row["digest"]] for row in made if row["digest"] in supply}
            self._shelve(pipeline, [(row, held[row["key"]]) for row in made if row["key"] in held])
            self._await(pipeline, [row["key"] for row in made if row["key"] not in held])

    def _count(self, articles: int, passages: int, languages: Counter[str]) -> None:
        state = self.state
        counted = {code: count for code, count in sorted(languages.items()) if count > 0}
        self.state = replace(
            state, articles=state.articles + articles, passages=state.passages + passages, languages=counted
        )

    # Vectors

    def fill(self, pipeline: Pipeline, vectors: Sequence[Filled]) -> int:
        """Store the vectors of those of the passages that still wait for them; their number."""
        given = {one.key: one for one in vectors}
        fields = [name for name in self._engine.fields(pipeline.kind) if name != "vector"]
        rows = self._engine.among("passages", "key", sorted(given), LIVING, fields, "Strong")
        wanted = [row for row in rows if given[row["key"]].digest.hex() == row["digest"]]
        have = self._having(pipeline, [row["key"] for row in wanted])
        if given:
            self._done.append(("awaited", among("id", (_claim_id(pipeline, key) for key in given))))
        wanted = [row for row in wanted if row["key"] not in have]
        for row in wanted:
            vector = given[row["key"]].vector
            pipeline = self._settle(pipeline, len(vector), f"passage {row['key']}: its vector has")
        self._shelve(pipeline, [(row, given[row["key"]].vector.tolist()) for row in wanted])
        self._expect(pipeline, -len(wanted))
        return len(wanted)

    def _having(self, pipeline: Pipeline, keys: Sequence[int]) -> set[int]:
        if pipeline.kind not in self._shelves():
            return set()
        return {row["key"] for row in self._engine.among(pipeline.kind, "key", list(keys), LIVING, [], "Strong")}

    def _shelve(self, pipeline: Pipeline, made: Sequence[tuple[Mapping[str, Any], Any]]) -> None:
        if not made:
            return
        self._engine.make(pipeline.kind, len(made[0][1]))
        names = [name for name in self._engine.fields(pipeline.kind) if name != "vector"]
        rows = [{**{name: row[name] for name in names}, "vector": vector} for row, vector in made]
        self._insert(pipeline.kind, [{**row, "born": self.revision, "died": NEVER} for row in rows])

    def _await(self, pipeline: Pipeline, keys: Sequence[int]) -> None:
        """Let these passages wait for a vector."""
        number = pipeline.number
        rows = [
            {
                "id": _claim_id(pipeline, key),
                "pipeline": number,
                "key": key,
                "until": 0,
                "born": self.revision,
                "nothing": [0.0, 0.0],
            }
            for key in keys
        ]
        self._insert("awaited", rows)
        self._expect(pipeline, len(keys))

    def _expect(self, pipeline: Pipeline, more: int) -> None:
        current = next(one for one in self.state.pipelines if one.number == pipeline.number)
        self.state = self.state.with_pipeline(replace(current, awaited=current.awaited + more))

    def _no_longer_await(self, pipeline: Pipeline, keys: Sequence[int]) -> None:
        waiting = set(keys) - self._having(pipeline, keys)
        if waiting:
            self._done.append(("awaited", among("id", (_claim_id(pipeline, key) for key in sorted(waiting)))))
        self._expect(pipeline, -len(waiting))

    def _supply(self, pipeline: Pipeline, entries: Sequence[Entry]) -> dict[str, Any]:
        """Vectors that passages with these digests may take over, by digest."""
        waiting = [entry for entry in entries if entry.vectors is None or pipeline.number != self.state.used.number]
        digests = list({digest.hex() for entry in waiting for digest in entry.digests})
        if pipeline.kind not in self._shelves():
            return {}
        rows = self._engine.among(pipeline.kind, "digest", digests, LIVING, ("digest", "vector"), "Strong")
        return {row["digest"]: row["vector"] for row in rows}

    def _settle_dimensions(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.vectors is not None and len(entry.passages):
                whose = f"article {entry.article.id!r}: vectors have"
                self._settle(self.state.used, entry.vectors.shape[1], whose)

    def _settle(self, pipeline: Pipeline, given: int, whose: str) -> Pipeline:
        """The first vectors decide on the dimensions; all later ones must agree."""
        if pipeline.dimensions is None:
            pipeline = replace(pipeline, dimensions=given)
            self.state = self.state.with_pipeline(pipeline)
        elif given != pipeline.dimensions:
            raise ValueError(f"{whose} {given} dimensions, the library's have {pipeline.dimensions}")
        return pipeline

    # Pipelines

    def adopt(self, fingerprint: Mapping[str, object]) -> None:
        """Let the pipeline in use, which is none yet, be this one."""
        self.state = self.state.with_pipeline(replace(self.state.used, fingerprint=fingerprint))

    def succeed(self, fingerprint: Mapping[str, object]) -> None:
        """Keep vectors of this pipeline beside, for which all passages wait."""
        pipeline = Pipeline(self.state.next_pipeline, fingerprint)
        state = self.state
        self.state = replace(state, pipelines=(*state.pipelines, pipeline), next_pipeline=pipeline.number + 1)
        for page in self._engine.pages("passages", LIVING, []):
            self._await(pipeline, [row["key"] for row in page])

    def switch(self, pipeline: Pipeline) -> None:
        """Take the vectors of this pipeline into use; raises VectorsMissing."""
        if pipeline.awaited:
            raise VectorsMissing(
                f"{pipeline.awaited:,} passages have no vector of the new model yet. Nothing was changed; let "
                "`pincite reembed` go on.",
                passages_without_vectors=pipeline.awaited,
            )
        others = tuple(one for one in self.state.pipelines if one.number != pipeline.number)
        self.state = replace(self.state, pipelines=(pipeline, *others))

    def forget(self) -> list[str]:
        """Let go of the vectors kept beside; the collections that are to be dropped."""
        gone = self.state.pipelines[1:]
        self._done += [("awaited", f"pipeline == {one.number}") for one in gone]
        self.state = replace(self.state, pipelines=self.state.pipelines[:1])
        return [one.kind for one in gone]


def _claim_id(pipeline: Pipeline, key: int) -> str:
    return f"{pipeline.number} {key:019}"


def claim_rows(rows: Rows, until: float) -> Rows:
    """Rows of passages that wait, claimed until a time (seconds since 1970)."""
    return [{**row, "until": int(until * 1000)} for row in rows]
