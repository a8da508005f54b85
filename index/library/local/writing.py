"""Everything that is written to the truth, inside one transaction that raises the generation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from index.articles.article import Article
from index.errors import VectorsMissing
from index.library.contract import Entry, Filled
from index.library.fingerprints import mismatch, unpacked
from index.library.labels import instant_of, labels_of
from index.library.local import rows
from index.library.local.checksums import PASSAGE_COLUMNS, passages_sum
from index.library.local.connection import Connection, Row
from index.library.local.pipelines import Pipeline, Shelf, kept, pipelines
from index.library.local.reading import Reading


class Writing:
    """One batch on its way into the truth. Its connection must be inside a transaction already."""

    def __init__(self, truth: Connection) -> None:
        self._truth = truth
        self._before = Reading(truth).card
        self._pipelines = pipelines(truth)
        self.generation = self._before.generation + 1
        """The generation that this batch makes."""

    def put(self, entries: Sequence[Entry], fingerprint: str | None = None) -> tuple[int, int]:
        """Store these checked entries; the numbers of articles added and of those replaced.

        Raises:
            FingerprintMismatch: `fingerprint` is given and not that of the pipeline in use.
            ValueError: the dimensions are not the library's.
        """
        if fingerprint is not None and fingerprint != self._before.fingerprint:
            raise mismatch(self._truth.path.parent, unpacked(self._before.fingerprint), unpacked(fingerprint) or {})
        self._settle_dimensions(entries)
        shelves = [self._shelf(pipeline) for pipeline in self._pipelines]
        supplies = [(shelf, self._supply(shelf, entries)) for shelf in shelves]
        updated = self._remove([entry.article.id for entry in entries])
        for entry in entries:
            self._add(entry, supplies)
        self._count(articles=len(entries), passages=sum(len(entry.passages) for entry in entries))
        return len(entries) - updated, updated

    def fill(self, fingerprint: str, vectors: Sequence[Filled]) -> int:
        """Store the vectors of those of the passages that still wait for them; their number.

        Raises:
            FingerprintMismatch: no pipeline with this fingerprint is kept.
            ValueError: the dimensions are not those of the pipeline's other vectors.
        """
        pipeline = kept(self._truth, fingerprint)
        shelf = self._shelf(pipeline)
        given = {one.key: one for one in vectors}
        sql = "SELECT key, digest FROM passages WHERE key IN (?)"
        held: dict[int, bytes] = dict(self._truth.among(sql, shelf.awaited(list(given))))
        wanted = [one for key, one in given.items() if held.get(key) == one.digest]
        for one in wanted:
            self._settle(pipeline, len(one.vector), f"passage {one.key}: its vector has")
            pipeline = replace(pipeline, dimensions=len(one.vector))
        if wanted:
            shelf.fill([(one.key, rows.vector_blob(one.vector)) for one in wanted])
            self._count(articles=0, passages=0)
        return len(wanted)

    def switch(self, fingerprint: str) -> None:
        """Take the vectors of this pipeline into use.

        Raises:
            FingerprintMismatch: no pipeline with this fingerprint is kept.
            VectorsMissing: some passages have no vector of it.
        """
        pipeline = kept(self._truth, fingerprint)
        if pipeline.awaited:
            raise VectorsMissing(
                f"{pipeline.awaited:,} passages have no vector of the new model yet. Nothing was changed; let "
                "`pincite reembed` go on.",
                passages_without_vectors=pipeline.awaited,
            )
        self._truth.run("UPDATE library SET pipeline = ?", [pipeline.number])
        self._count(articles=0, passages=0)

    def _shelf(self, pipeline: Pipeline) -> Shelf:
        return Shelf(self._truth, pipeline.number, self.generation)

    def _supply(self, shelf: Shelf, entries: Sequence[Entry]) -> dict[bytes, bytes]:
        """Vectors, as they are stored, that passages with these digests may take over, by digest."""
        in_use = shelf.number == self._before.pipeline
        waiting = [entry for entry in entries if entry.vectors is None or not in_use]
        return shelf.held(digest for entry in waiting for digest in entry.digests)

    def note(self, notes: Mapping[str, str]) -> None:
        """Keep these notes, each in place of the one of the same name."""
        self._truth.many("INSERT OR REPLACE INTO notes VALUES (?, ?)", list(notes.items()))

    def delete(self, article_ids: Sequence[str]) -> int:
        """Remove these articles; the number of those that were held."""
        return self._remove(article_ids)

    def reading(self) -> Reading:
        """The truth as it will be once this batch is committed."""
        return Reading(self._truth)

    def commit(self) -> None:
        """Make the batch last; on the disk when this returns."""
        self._truth.run("COMMIT")

    def prune(self, generation: int) -> None:
        """Forget the tombstones and arrivals up to `generation`, which every derived part is past."""
        if generation > self._before.pruned:
            self._truth.run("DELETE FROM tombstones WHERE generation <= ?", [generation])
            for pipeline in self._pipelines:
                log = (pipeline.number, generation)
                self._truth.run("DELETE FROM arrivals WHERE pipeline = ? AND generation <= ?", log)
            self._truth.run("UPDATE library SET pruned = ?", [generation])

    def _settle_dimensions(self, entries: Sequence[Entry]) -> None:
        """The first vectors decide; all later ones must agree."""
        in_use = next(one for one in self._pipelines if one.number == self._before.pipeline)
        for entry in entries:
            if entry.vectors is not None and len(entry.passages):
                self._settle(in_use, entry.vectors.shape[1], f"article {entry.article.id!r}: vectors have")
                in_use = replace(in_use, dimensions=entry.vectors.shape[1])

    def _settle(self, pipeline: Pipeline, given: int, whose: str) -> None:
        if pipeline.dimensions is None:
            self._shelf(pipeline).settle(given)
        elif given != pipeline.dimensions:
            raise ValueError(f"{whose} {given} dimensions, the library's have {pipeline.dimensions}")

    def _remove(self, article_ids: Sequence[str]) -> int:
        ids = list(dict.fromkeys(article_ids))
        keys = [key for (key,) in self._truth.among("SELECT key FROM articles WHERE id IN (?)", ids)]
        gone = sum(self._bury(key) for key in keys)
        self._count(articles=-len(keys), passages=-gone)
        return len(keys)

    def _bury(self, key: int) -> int:
        """Delete one article, leaving a tombstone; the number of its passages."""
        gone = self._passages_of(key)
        self._sum_up(-passages_sum(gone))
        passages = [row[0] for row in gone]
        for pipeline in self._pipelines:
            self._shelf(pipeline).bury(passages)
        self._truth.run("DELETE FROM passages WHERE article = ?", [key])
        self._truth.run("DELETE FROM labels WHERE article = ?", [key])
        self._truth.run("DELETE FROM articles WHERE key = ?", [key])
        self._truth.run("INSERT INTO tombstones VALUES (?, ?, ?)", (key, self.generation, len(passages)))
        return len(passages)

    def _add(self, entry: Entry, supplies: Sequence[tuple[Shelf, Mapping[bytes, bytes]]]) -> None:
        article = self._add_article(entry.article)
        sql = "INSERT INTO passages (article, ordinal, start, stop, digest) VALUES (?, ?, ?, ?, ?)"
        keys = [
            self._truth.run(sql, (article, passage.ordinal, passage.start, passage.end, digest))
            for passage, digest in zip(entry.passages, entry.digests, strict=True)
        ]
        self._sum_up(passages_sum(self._passages_of(article)))
        for shelf, supply in supplies:
            if entry.vectors is not None and shelf.number == self._before.pipeline:
                shelf.add([(key, rows.vector_blob(row)) for key, row in zip(keys, entry.vectors, strict=True)])
                continue
            digests = dict(zip(keys, entry.digests, strict=True))
            shelf.add([(key, supply[digest]) for key, digest in digests.items() if digest in supply])
            shelf.expect([key for key, digest in digests.items() if digest not in supply])

    def _passages_of(self, article: int) -> list[Row]:
        sql = f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE article = ? ORDER BY ordinal"  # noqa: S608 - our own columns
        return self._truth.all(sql, [article])

    def _sum_up(self, more: int) -> None:
        self._truth.run("UPDATE library SET checksum = checksum + ?", [more])

    def _add_article(self, article: Article) -> int:
        names = f"generation, digest, instant, {rows.ARTICLE_COLUMNS}, text"
        values = (self.generation, article.digest, instant_of(article))
        values = (*values, *rows.article_row(article), article.text)
        marks = ", ".join("?" * len(values))
        key = self._truth.run(f"INSERT INTO articles ({names}) VALUES ({marks})", values)  # noqa: S608 - our own columns
        labels = sorted(labels_of(article))
        self._truth.many("INSERT INTO labels VALUES (?, ?, ?)", [(*label, key) for label in labels])
        return key

    def _count(self, *, articles: int, passages: int) -> None:
        sql = "UPDATE library SET generation = ?, articles = articles + ?, passages = passages + ?"
        self._truth.run(sql, (self.generation, articles, passages))
