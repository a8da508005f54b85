"""What a write changes of a library on Milvus: articles, notes, vectors, pipelines, and the state that counts them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from index.errors import VectorsMissing
from index.library.contract import Entry, Filled
from index.library.fingerprints import Fingerprint
from index.library.milvus.engine import Engine, Rows
from index.library.milvus.expressions import among
from index.library.milvus.records import article_rows, name_of, note_name, note_rows, passage_rows
from index.library.milvus.schema import FIELDS, SHARED
from index.library.milvus.state import Pipeline
from index.library.milvus.transaction import Transaction


class Writing:
    """One write.

    Attributes:
        transaction: what it is prepared in.
        view: the rows of before.
        state: what is going to be committed; afterwards, what was.
    """

    def __init__(self, engine: Engine, transaction: Transaction) -> None:
        self._engine, self.transaction, self.view = engine, transaction, transaction.view
        self.state, self._revision = transaction.before, transaction.revision

    @property
    def changed(self) -> bool:
        """Whether there is anything to commit."""
        return self.state != self.transaction.before

    def commit(self, *, shown: bool = True) -> None:
        """Let everybody see it; `shown` where it changes what snapshots show."""
        self.state = self.transaction.commit(self.state, shown=shown)

    # Articles

    def put(self, entries: Sequence[Entry], notes: Mapping[str, str]) -> tuple[int, int]:
        """Store these checked entries and notes; the numbers of articles added and of those replaced."""
        supplies = {one.number: self._supply(one, entries) for one in self.state.pipelines}
        updated = self.delete([entry.article.id for entry in entries])
        self._settle_dimensions(entries)
        for entry in entries:
            self._add(entry, supplies)
        before = self.view.among("records", "name", list(map(note_name, notes)), (), 'kind == "note"')
        self.transaction.die([row["record"] for row in before])
        for name, value in notes.items():
            self.transaction.insert("records", note_rows(name, value, self._next_record(), self._revision))
        return len(entries) - updated, updated

    def delete(self, article_ids: Sequence[str]) -> int:
        """Remove these articles; the number of those that were held."""
        heads = self.view.among("records", "name", list(map(name_of, article_ids)), ("language",), 'kind == "head"')
        records = [row["record"] for row in heads]
        gone = [row["key"] for row in self.view.among("passages", "record", records, ())]
        for pipeline in self.state.pipelines:
            self._no_longer_await(pipeline, gone)
        self.transaction.die(records)
        languages = Counter(self.state.languages)
        languages.subtract(row["language"] for row in heads)
        self._count(-len(records), -len(gone), languages)
        return len(records)

    def _add(self, entry: Entry, supplies: Mapping[int, Mapping[str, Any]]) -> None:
        record, first = self._next_record(), self.state.next_passage
        made = passage_rows(entry, record, first, self._revision)
        self.transaction.insert("records", article_rows(entry, record, self._revision))
        self.transaction.insert("passages", made)
        self.state = replace(self.state, next_passage=first + len(made))
        self._count(1, len(made), Counter(self.state.languages) + Counter([entry.article.language or ""]))
        for pipeline in self.state.pipelines:
            supply = supplies[pipeline.number]
            if pipeline.number == self.state.used.number and entry.vectors is not None:
                held = dict(zip((row["key"] for row in made), entry.vectors.tolist(), strict=True))
            else:
                held = {row["key"]: supply[row["digest"]] for row in made if row["digest"] in supply}
            self._shelve(pipeline, [(row, held[row["key"]]) for row in made if row["key"] in held])
            self._await(pipeline, [row for row in made if row["key"] not in held])

    def _next_record(self) -> int:
        record = self.state.next_record
        self.state = replace(self.state, next_record=record + 1)
        return record

    def _count(self, articles: int, passages: int, languages: Counter[str]) -> None:
        state = self.state
        counted = {code: count for code, count in sorted(languages.items()) if count > 0}
        self.state = replace(
            state, articles=state.articles + articles, passages=state.passages + passages, languages=counted
        )

    # Vectors

    def claim(self, pipeline: Pipeline, count: int, seconds: float) -> dict[int, bytes]:
        """The keys and digests of some passages that wait, nobody else's for so many seconds."""
        now = time.time()
        asked = f"pipeline == {pipeline.number} and until < {int(now * 1000)}"
        rows = self._engine.rows("awaited", asked, CLAIMED, limit=count)
        self._engine.upsert("awaited", [{**row, "until": int((now + seconds) * 1000)} for row in rows])
        return {row["key"]: bytes.fromhex(row["digest"]) for row in rows}

    def release(self, pipeline: Pipeline, keys: Sequence[int]) -> None:
        """Let others claim these passages, if they still wait."""
        rows = self._engine.among("awaited", "id", _claims(pipeline, keys), CLAIMED, "Strong")
        self._engine.upsert("awaited", [{**row, "until": 0} for row in rows])

    def fill(self, pipeline: Pipeline, vectors: Sequence[Filled]) -> int:
        """Store the vectors of those of the passages that still wait for them; their number."""
        given = {one.key: one for one in vectors}
        self.need_not_claim(pipeline, list(given))
        have = self._having(pipeline, list(given))
        rows = self.view.among("passages", "key", sorted(given.keys() - have), tuple(SHARED))
        wanted = [row for row in rows if given[row["key"]].digest.hex() == row["digest"]]
        for row in wanted:
            vector = given[row["key"]].vector
            pipeline = self._settle(pipeline, len(vector), f"passage {row['key']}: its vector has")
        self._shelve(pipeline, [(row, given[row["key"]].vector.tolist()) for row in wanted])
        self._expect(pipeline, -len(wanted))
        return len(wanted)

    def _having(self, pipeline: Pipeline, keys: Sequence[int]) -> set[int]:
        """Those of the passages that have their vector."""
        return (
            set()
            if pipeline.dimensions is None
            else {row["key"] for row in self.view.among(pipeline.kind, "key", keys, ())}
        )

    def _shelve(self, pipeline: Pipeline, made: Sequence[tuple[Mapping[str, Any], Any]]) -> None:
        """Store vectors beside what their passages' rows say."""
        if made:
            self._engine.make(pipeline.kind, len(made[0][1]))
            rows = [{**{name: row[name] for name in ("key", *SHARED)}, "vector": vector} for row, vector in made]
            self.transaction.insert(pipeline.kind, [{**row, "born": self._revision} for row in rows])

    def _await(self, pipeline: Pipeline, rows: Rows) -> None:
        """Let the passages of these rows wait for a vector."""
        shared = {"pipeline": pipeline.number, "until": 0, "born": self._revision}
        names = _claims(pipeline, [row["key"] for row in rows])
        made = [
            {"id": name, "key": row["key"], "digest": row["digest"], **shared}
            for name, row in zip(names, rows, strict=True)
        ]
        self.transaction.insert("awaited", made)
        self._expect(pipeline, len(rows))

    def _expect(self, pipeline: Pipeline, more: int) -> None:
        current = next(one for one in self.state.pipelines if one.number == pipeline.number)
        self.state = self.state.with_pipeline(replace(current, awaited=current.awaited + more))

    def _no_longer_await(self, pipeline: Pipeline, keys: Sequence[int]) -> None:
        if pipeline.awaited:
            waiting = sorted(set(keys) - self._having(pipeline, keys))
            self.need_not_claim(pipeline, waiting)
            self._expect(pipeline, -len(waiting))

    def need_not_claim(self, pipeline: Pipeline, keys: Sequence[int]) -> None:
        """Let nobody be given these passages any more, once this is committed or tidied up."""
        if keys:
            self.transaction.delete_afterwards("awaited", among("id", _claims(pipeline, keys)))

    def _supply(self, pipeline: Pipeline, entries: Sequence[Entry]) -> dict[str, Any]:
        """Vectors that passages with these digests may take over, by digest."""
        waiting = [entry for entry in entries if entry.vectors is None or pipeline.number != self.state.used.number]
        digests = [digest.hex() for entry in waiting for digest in entry.digests]
        if pipeline.dimensions is None:
            return {}
        rows = self.view.among(pipeline.kind, "digest", digests, ("digest", "vector"))
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

    def adopt(self, fingerprint: Fingerprint) -> None:
        """Let the pipeline in use, which is none yet, be this one."""
        self.state = self.state.with_pipeline(replace(self.state.used, fingerprint=fingerprint))

    def succeed(self, fingerprint: Fingerprint) -> None:
        """Keep vectors of this pipeline beside, for which all passages wait."""
        pipeline = Pipeline(self.state.next_pipeline, fingerprint)
        state = self.state
        self.state = replace(state, pipelines=(*state.pipelines, pipeline), next_pipeline=pipeline.number + 1)
        for page in self.view.pages("passages", ("digest",)):
            self._await(pipeline, page)

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
        for one in gone:
            self.transaction.delete_afterwards("awaited", f"pipeline == {one.number}")
        self.state = replace(self.state, pipelines=self.state.pipelines[:1])
        return [one.kind for one in gone]


CLAIMED = tuple(FIELDS["awaited"])
"""What stands in a row of a passage that waits."""


def _claims(pipeline: Pipeline, keys: Sequence[int]) -> list[str]:
    """The rows of passages that wait."""
    return [f"{pipeline.number} {key:019}" for key in keys]
