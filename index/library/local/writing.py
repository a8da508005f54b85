"""Everything that is written to the truth, inside one transaction that raises the generation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from index.articles.article import Article
from index.library.contract import Entry
from index.library.labels import labels_of
from index.library.local import rows
from index.library.local.connection import Connection
from index.library.local.reading import Reading

UNIT_TOLERANCE = 1e-3


class Writing:
    """One batch on its way into the truth. Its connection must be inside a transaction already."""

    def __init__(self, truth: Connection) -> None:
        self._truth = truth
        self._before = Reading(truth).card
        self.generation = self._before.generation + 1
        """The generation that this batch makes."""

    def put(self, entries: Sequence[Entry]) -> tuple[int, int]:
        """Store these checked entries; the numbers of articles added and of those replaced."""
        self._settle_dimensions(entries)
        updated = self._remove([entry.article.id for entry in entries])
        for entry in entries:
            self._add(entry)
        self._count(articles=len(entries), passages=sum(len(entry.passages) for entry in entries))
        return len(entries) - updated, updated

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
        """Forget the tombstones up to `generation`, which every derived part is past."""
        if generation > self._before.pruned:
            self._truth.run("DELETE FROM tombstones WHERE generation <= ?", [generation])
            self._truth.run("UPDATE library SET pruned = ?", [generation])

    def _settle_dimensions(self, entries: Sequence[Entry]) -> None:
        """The first vectors decide; all later ones must agree."""
        known = self._before.dimensions
        for entry in entries:
            given = entry.vectors.shape[1] if len(entry.passages) else known
            if known is not None and given != known:
                message = f"article {entry.article.id!r}: vectors have {given} dimensions, the library's have {known}"
                raise ValueError(message)
            known = given
        self._truth.run("UPDATE library SET dimensions = ?", [known])

    def _remove(self, article_ids: Sequence[str]) -> int:
        ids = list(dict.fromkeys(article_ids))
        keys = [key for (key,) in self._truth.among("SELECT key FROM articles WHERE id IN (?)", ids)]
        gone = sum(self._bury(key) for key in keys)
        self._count(articles=-len(keys), passages=-gone)
        return len(keys)

    def _bury(self, key: int) -> int:
        """Delete one article, leaving a tombstone; the number of its passages."""
        passages = self._truth.all("SELECT key FROM passages WHERE article = ?", [key])
        self._truth.many("DELETE FROM vectors WHERE key = ?", passages)
        self._truth.run("DELETE FROM passages WHERE article = ?", [key])
        self._truth.run("DELETE FROM labels WHERE article = ?", [key])
        self._truth.run("DELETE FROM articles WHERE key = ?", [key])
        self._truth.run("INSERT INTO tombstones VALUES (?, ?, ?)", (key, self.generation, len(passages)))
        return len(passages)

    def _add(self, entry: Entry) -> None:
        key = self._add_article(entry.article)
        sql = "INSERT INTO passages (article, ordinal, start, stop, digest) VALUES (?, ?, ?, ?, ?)"
        for passage, vector, digest in zip(entry.passages, entry.vectors, entry.digests, strict=True):
            passage_key = self._truth.run(sql, (key, passage.ordinal, passage.start, passage.end, digest))
            self._truth.run("INSERT INTO vectors VALUES (?, ?)", (passage_key, rows.vector_blob(vector)))

    def _add_article(self, article: Article) -> int:
        names = f"generation, digest, instant, {rows.ARTICLE_COLUMNS}, text"
        values = (self.generation, article.digest, rows.article_instant(article))
        values = (*values, *rows.article_row(article), article.text)
        marks = ", ".join("?" * len(values))
        key = self._truth.run(f"INSERT INTO articles ({names}) VALUES ({marks})", values)  # noqa: S608 - our own columns
        labels = sorted(labels_of(article))
        self._truth.many("INSERT INTO labels VALUES (?, ?, ?)", [(*label, key) for label in labels])
        return key

    def _count(self, *, articles: int, passages: int) -> None:
        sql = "UPDATE library SET generation = ?, articles = articles + ?, passages = passages + ?"
        self._truth.run(sql, (self.generation, articles, passages))


def checked(entries: Sequence[Entry]) -> None:
    """Refuse entries that contradict themselves or each other, before anything is written.

    Raises:
        ValueError: naming the article and what is wrong with it.
    """
    seen: set[str] = set()
    for entry in entries:
        article = entry.article
        wrong = "is given twice in one batch" if article.id in seen else _fault(entry)
        if wrong:
            raise ValueError(f"article {article.id!r} {wrong}")
        rows.article_instant(article)
        seen.add(article.id)


def _fault(entry: Entry) -> str | None:
    """What is wrong with an entry, or None."""
    vectors, count = entry.vectors, len(entry.passages)
    if vectors.dtype != np.float32 or vectors.ndim != 2 or len(vectors) != count or len(entry.digests) != count:
        shape = f"{vectors.dtype} of shape {vectors.shape}"
        return f"has {count} passages, but vectors that are {shape} and {len(entry.digests)} digests"
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.all(np.abs(lengths - 1) < UNIT_TOLERANCE):  # so that NaN is refused too
        return "has a vector that is not of unit length"
    return _passage_fault(entry) or _text_fault(entry.article)


def _passage_fault(entry: Entry) -> str | None:
    article = entry.article
    for ordinal, passage in enumerate(entry.passages):
        if passage.article_id != article.id or passage.ordinal != ordinal:
            return f"has {passage.id!r} where its passage {ordinal} should stand"
        if not 0 <= passage.start <= passage.end or article.text[passage.start : passage.end] != passage.text:
            return f"does not say the text of passage {ordinal} at {passage.start}..{passage.end}"
    return None


def _text_fault(article: Article) -> str | None:
    """NUL and lone surrogates cannot be stored and found again exactly."""
    written = "".join(value for value in (*rows.article_row(article), *article.tags, article.text) if value)
    if "\0" in written:
        return "holds a NUL character, which is not text"
    try:
        written.encode()
    except UnicodeEncodeError:
        return "holds half a surrogate pair, which is not text"
    return None
