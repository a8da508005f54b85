"""The lexical side: a tantivy index of all passages, derived from the truth. The only module that imports tantivy.

Our own analysis makes the terms, tantivy only splits them at spaces and scores them. The index carries its stamp, the
generation that it reflects, as one more document, so that the stamp and the passages are committed in one step and a
searcher always knows what it shows. Filters are clauses of the query with a constant score of 0: they decide what may
be found and change no score.
"""

from __future__ import annotations

import json
import logging
import shutil
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Occur, Query

from index.errors import LibraryError
from index.library import analysis
from index.library.contract import Filters, Scored
from index.library.labels import Label, instant_of, labels_of, wanted_instants, wanted_labels
from index.library.local.files import synced
from index.library.local.reading import FreshArticle, Reading

FORMAT = 1
"""Raised whenever the fields below change, so that indexes are built anew."""

FIELDS = {"body": 1.0, "title": 0.4}
"""Where words are looked for, and what they count there: the passage, and its article's title and source."""

COMMON_SHARE = 0.2
COMMON_FROM = 1_000
"""In libraries of more passages than this, question words that stand in more than that share of them are left out
while rarer ones remain: they cost most of the time and hardly change the order."""

LONGEST_LABEL = 200
HEAP_BYTES = 64 * 2**20
STAMP = f"stamp {FORMAT}.{analysis.VERSION}"
FOOTER_MAGIC = 1337

log = logging.getLogger(__name__)


def _schema() -> tantivy.Schema:
    fields = tantivy.SchemaBuilder()
    fields.add_text_field("body", tokenizer_name="whitespace", index_option="freq")
    fields.add_text_field("title", tokenizer_name="whitespace", index_option="freq")
    fields.add_text_field("label", tokenizer_name="raw", index_option="basic")
    fields.add_integer_field("article", indexed=True)  # deleting by an unsigned one finds nothing
    fields.add_unsigned_field("key", fast=True)
    fields.add_integer_field("instant", fast=True)
    fields.add_unsigned_field("stamp", fast=True)
    return fields.build()


SCHEMA = _schema()


@dataclass(frozen=True, slots=True)
class Words:
    """The lexical index at one generation, for searching."""

    generation: int
    searcher: tantivy.Searcher

    def best(self, text: str, languages: Sequence[str], limit: int, filters: Filters) -> list[Scored]:
        """The `limit` passages that match the words of `text` best (BM25), best first, ties by key.

        `languages` are those that the library's articles are in, each read with its own stemmer.
        """
        clauses = self._clauses(text, languages)
        if not clauses:
            return []
        query = Query.boolean_query(clauses)
        narrow = _narrowing(filters)
        if narrow:
            query = Query.boolean_query([(Occur.Must, query), *((Occur.Must, clause) for clause in narrow)])
        return self._settled(query, limit)

    def keys(self) -> list[int]:
        """The keys of all passages, ascending."""
        found = self.searcher.search(_constant(Query.exists_query("key")), self.searcher.num_docs, count=False).hits
        return sorted(self._values("key", found))

    def _clauses(self, text: str, languages: Sequence[str]) -> list[tuple[Occur, Query]]:
        """What each word of the question adds to a score: its best variant in the passage, and in the title."""
        asked = {tuple(analysis.variants(word, languages)): None for word in analysis.words(text)}
        weighed = [(self._frequency(variants), variants) for variants in asked]
        known = [(frequency, variants) for frequency, variants in weighed if frequency]
        passages = self.searcher.num_docs
        rare = [pair for pair in known if pair[0] <= COMMON_SHARE * passages]
        chosen = rare if rare and passages > COMMON_FROM else known
        return [(Occur.Should, clause) for _, variants in chosen for clause in self._word(variants)]

    def _frequency(self, variants: Sequence[str]) -> int:
        """In how many passages a word stands, in the passage or the title."""
        return max(self.searcher.doc_freq(field, term) for term in variants for field in FIELDS)

    def _word(self, variants: Sequence[str]) -> Iterator[Query]:
        for field, weight in FIELDS.items():
            present = [term for term in variants if self.searcher.doc_freq(field, term)]
            terms = [Query.boost_query(Query.term_query(SCHEMA, field, term, "freq"), weight) for term in present]
            if terms:
                yield terms[0] if len(terms) == 1 else Query.disjunction_max_query(terms)

    def _settled(self, query: Query, limit: int) -> list[Scored]:
        """The best `limit`, where equal scores at the end are decided by key and not by where tantivy keeps them."""
        count = limit + 16
        while True:
            found = self.searcher.search(query, count, count=False).hits
            if len(found) < count or found[-1][0] < found[limit - 1][0] or count > 10_000 + limit:
                keys = self._values("key", found)
                scored = [Scored(key, score) for key, (score, _) in zip(keys, found, strict=True)]
                return sorted(scored, key=lambda one: (-one.score, one.key))[:limit]
            count *= 4

    def _values(self, field: str, found: Sequence[tuple[float, Any]]) -> list[int]:
        values = self.searcher.fast_field_values(field, [address for _, address in found])
        return [int(value) for value in values if value is not None]

    @property
    def stamp(self) -> int | None:
        """The generation that the index says it reflects; None when it was never stamped in this format."""
        found = self.searcher.search(_constant(Query.term_query(SCHEMA, "label", STAMP, "basic")), 2, count=False).hits
        values = self._values("stamp", found)
        return values[0] if len(values) == 1 else None


class WordIndex:
    """The lexical index on disk. Reading needs no lock; `catch_up` needs the write lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index: tantivy.Index | None = None

    def newest(self) -> Words | None:
        """The index as it stands on disk; None when there is none or it cannot be read."""
        try:
            if self._index is None:
                self._index = _opened(self._folder)
            self._index.reload()
            words = Words(0, self._index.searcher())
            stamp = words.stamp
        except (OSError, ValueError, RuntimeError) as error:
            self._index = None
            if self._folder.exists():
                log.warning("the lexical index in %s cannot be read (%s)", self._folder, error)
            return None
        return None if stamp is None else Words(stamp, words.searcher)

    def generation(self) -> int:
        """The generation that the index on disk shows; 0 when there is none."""
        words = self.newest()
        return words.generation if words is not None else 0

    @contextmanager
    def catching_up(self, reading: Reading) -> Iterator[None]:
        """Take in what `reading` has and the index lacks, to be shown once the block is left without an error.

        An index that cannot be caught up is built anew beside and put in the place of the old one. When showing it
        fails, that is logged and left to the next time: what the block did stays done.

        Raises:
            LibraryError: the index cannot be written.
        """
        words = self.newest()
        if words is not None and reading.card.pruned <= words.generation <= reading.generation:
            folder, index, since = self._folder, self._index, words.generation
        else:
            folder, index, since = self._folder.with_name(self._folder.name + ".new"), None, 0
        if index is not None and since == reading.generation:
            yield
            return
        try:
            writer = (index or _created(folder)).writer(HEAP_BYTES, 1)
            _take_in(writer, reading, since)
        except (OSError, ValueError, RuntimeError) as error:
            raise LibraryError(f"{folder} cannot be written ({error}). Check the disk.", path=str(folder)) from error
        yield
        try:
            writer.commit()
            writer.wait_merging_threads()
            if folder != self._folder:
                self._put_in_place(folder)
        except (OSError, ValueError, RuntimeError):
            log.exception("the lexical index in %s is behind; it catches up with the next write", self._folder)

    def _put_in_place(self, folder: Path) -> None:
        log.info("the lexical index in %s was built anew from the truth", self._folder)
        self._index = None
        shutil.rmtree(self._folder, ignore_errors=True)
        folder.rename(self._folder)
        synced(self._folder.parent)


def _created(folder: Path) -> tantivy.Index:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return tantivy.Index(SCHEMA, str(folder))


def _opened(folder: Path) -> tantivy.Index:
    for path in folder.glob("*.*"):
        _check(path)
    index = tantivy.Index.open(str(folder))
    index.config_reader("manual")
    return index


def _check(path: Path) -> None:
    """Compare a file with the checksum in its footer, which tantivy writes but does not look at.

    Raises:
        ValueError: they differ.
    """
    content = path.read_bytes()
    if len(content) < 8:
        return
    size, magic = struct.unpack("<II", content[-8:])
    if magic == FOOTER_MAGIC and size <= len(content) - 8:
        body = memoryview(content)[: -8 - size]
        if json.loads(content[-8 - size : -8])["crc"] != zlib.crc32(body):
            raise ValueError(f"{path.name} is damaged")


def _take_in(writer: tantivy.IndexWriter, reading: Reading, since: int) -> None:
    """Delete what died, add what is new, and stamp; doing so twice gives the same index as doing so once."""
    for key in reading.tombstones(since):
        writer.delete_documents_by_term("article", int(key))
    for fresh in reading.fresh_articles(since):
        writer.delete_documents_by_term("article", fresh.key)
        for document in _documents(fresh):
            writer.add_document(document)
    writer.delete_documents_by_term("label", STAMP)
    stamp = tantivy.Document()
    stamp.add_text("label", STAMP)
    stamp.add_unsigned("stamp", reading.generation)
    writer.add_document(stamp)


def _documents(fresh: FreshArticle) -> Iterator[tantivy.Document]:
    """One document for each passage of an article."""
    article = fresh.article
    title = " ".join(analysis.terms(f"{article.title or ''} {article.source or ''}", article.language))
    labels = [_written(label) for label in sorted(labels_of(article))]
    instant = instant_of(article)
    for key, text in fresh.passages:
        document = tantivy.Document()
        document.add_text("body", " ".join(analysis.terms(text, article.language)))
        document.add_text("title", title)
        for label in labels:
            document.add_text("label", label)
        document.add_integer("article", fresh.key)
        document.add_unsigned("key", key)
        if instant is not None:
            document.add_integer("instant", instant)
        yield document


def _narrowing(filters: Filters) -> list[Query]:
    """The clauses that a passage must meet besides matching words."""
    clauses = [
        Query.term_set_query(SCHEMA, "label", [_written(label) for label in alternatives])
        for alternatives in wanted_labels(filters)
    ]
    after, before = wanted_instants(filters)
    if after is not None or before is not None:
        kind = tantivy.FieldType.Integer
        clauses.append(Query.range_query(SCHEMA, "instant", kind, after, before, include_upper=False))
    return [_constant(clause) for clause in clauses]


def _constant(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)


def _written(label: Label) -> str:
    """A label as one term; long values by their hash, since tantivy leaves very long terms out."""
    value = label.value
    if len(value) > LONGEST_LABEL:
        value = sha256(value.encode()).hexdigest()
    return f"{label.kind}:{value}"
