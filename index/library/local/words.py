"""The lexical side: a tantivy index of all passages, derived from the truth. The only module that imports tantivy.

Our own analysis makes the terms, tantivy only splits them at spaces and scores them. The index carries its stamp, the
generation that it reflects, as one more document, so that the stamp and the passages are committed in one step and a
searcher always knows what it shows. Filters are clauses of the query with a constant score of 0: they decide what may
be found and change no score.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import tantivy
from tantivy import Occur, Query

from index.errors import LibraryError
from index.library import analysis
from index.library.contract import Filters, Scored
from index.library.labels import wanted_instants, wanted_labels
from index.library.local import footers
from index.library.local.documents import documents, label_term
from index.library.local.files import removed, synced
from index.library.local.reading import Reading

FORMAT = 1
"""Raised whenever the fields below change, so that indexes are built anew."""

FIELDS = {"body": 1.0, "title": 0.5}
"""Where words are looked for, and what they count there: the passage, and its article's title and source. Mean
nDCG@10 of SciFact, Cranfield, NQ and a news quiz by the title's weight: 0 .652, 0.3 .689, 0.5 .698, 1 .685."""

COMMON_SHARE = 0.3
COMMON_FROM = 1_000
"""In libraries of more passages than this, question words that stand in more than that share of them are left out
while rarer ones find something: they cost most of the time and hardly change the order (nDCG@10 as above .701, with all
words .703, with a share of 0.1 .688)."""

HEAP_BYTES = 64 * 2**20
STAMP = f"stamp {FORMAT}.{analysis.VERSION}"
SPARE = 16
MOST_TIES = 10_000
"""How many equal scores at the end of the results are put in the order of their keys, at most."""

Word = tuple[str, ...]
"""A word of a question, as the terms that it may stand as."""

ERRORS = (OSError, ValueError, RuntimeError)
"""What tantivy raises."""

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

    @classmethod
    def of(cls, searcher: tantivy.Searcher) -> Self | None:
        """The index that a searcher shows; None when it was never stamped in this format."""
        stamped = _constant(Query.term_query(SCHEMA, "label", STAMP, "basic"))
        found = searcher.search(stamped, 2, count=False).hits
        generations = _values(searcher, "stamp", found)
        return cls(generations[0], searcher) if len(generations) == 1 else None

    def best(self, text: str, languages: Sequence[str], limit: int, filters: Filters) -> list[Scored]:
        """The `limit` passages that match the words of `text` best (BM25), best first, ties by key.

        `languages` are those that the library's articles are in, each read with its own stemmer.
        """
        known = self._known(text, languages)
        passages = self.searcher.num_docs
        rare = [word for word in known if self._frequency(word) <= COMMON_SHARE * passages]
        found = self._matching(rare, limit, filters) if passages > COMMON_FROM else []
        return found or self._matching(known, limit, filters)

    def keys(self) -> list[int]:
        """The keys of all passages, ascending."""
        found = self.searcher.search(_constant(Query.exists_query("key")), self.searcher.num_docs, count=False).hits
        return sorted(_values(self.searcher, "key", found))

    def _known(self, text: str, languages: Sequence[str]) -> list[Word]:
        """The words of the question that stand anywhere, each once, as their variants."""
        asked = dict.fromkeys(tuple(analysis.variants(word, languages)) for word in analysis.words(text))
        return [word for word in asked if self._frequency(word)]

    def _frequency(self, word: Word) -> int:
        """In how many passages, or passages' titles, the most frequent variant of a word stands."""
        return max(self.searcher.doc_freq(field, term) for term in word for field in FIELDS)

    def _matching(self, words: Sequence[Word], limit: int, filters: Filters) -> list[Scored]:
        """The passages with any of these words: a score is a sum over the words."""
        clauses = [(Occur.Should, clause) for word in words for clause in self._clauses(word)]
        if not clauses:
            return []
        query = Query.boolean_query(clauses)
        narrow = _narrowing(filters)
        if narrow:
            query = Query.boolean_query([(Occur.Must, query), *((Occur.Must, clause) for clause in narrow)])
        return self._settled(query, limit)

    def _clauses(self, word: Word) -> Iterator[Query]:
        """What a word adds to a score: its best variant in the passage, and its best variant in the title."""
        for field, weight in FIELDS.items():
            present = [term for term in word if self.searcher.doc_freq(field, term)]
            terms = [Query.boost_query(Query.term_query(SCHEMA, field, term, "freq"), weight) for term in present]
            if terms:
                yield terms[0] if len(terms) == 1 else Query.disjunction_max_query(terms)

    def _settled(self, query: Query, limit: int) -> list[Scored]:
        """The best `limit`, where equal scores at the end are decided by key and not by where tantivy keeps them."""
        count = limit + SPARE
        while True:
            count = min(count, self.searcher.num_docs)
            found = self.searcher.search(query, count, count=False).hits
            all_found = len(found) < count or count == self.searcher.num_docs
            if all_found or found[-1][0] < found[limit - 1][0] or count > MOST_TIES + limit:
                keys = _values(self.searcher, "key", found)
                scored = [Scored(key, score) for key, (score, _) in zip(keys, found, strict=True)]
                return sorted(scored, key=lambda one: (-one.score, one.key))[:limit]
            count *= 4


def _values(searcher: tantivy.Searcher, field: str, found: Sequence[tuple[float, Any]]) -> list[int]:
    """The values of a field in what was found, in its order."""
    values = searcher.fast_field_values(field, [address for _, address in found])
    return [int(value) for value in values if value is not None]


class WordIndex:
    """The lexical index on disk; several threads may use it. Reading needs no lock, `catching_up` the write lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turn = threading.Lock()
        self._index: tantivy.Index | None = None
        self._spoilt = False

    def newest(self) -> Words | None:
        """The index as it stands on disk; None when there is none or it cannot be read."""
        with self._turn:
            try:
                if self._index is None:
                    self._index = _opened(self._folder)
                self._index.reload()
                return Words.of(self._index.searcher())
            except ERRORS as error:
                self._index = None
                if self._folder.exists():
                    log.warning("the lexical index in %s cannot be read (%s)", self._folder, error)
                return None

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
        if words is not None and words.generation == reading.generation:
            yield
        elif words is not None and not self._spoilt and reading.card.pruned <= words.generation < reading.generation:
            with self._taken_in(lambda: tantivy.Index.open(str(self._folder)), reading, words.generation):
                yield
        else:
            beside = self._folder.with_name(self._folder.name + ".new")
            with self._taken_in(lambda: _created(beside), reading, 0):
                yield
            self._put_in_place(beside)

    @contextmanager
    def _taken_in(self, index: Callable[[], tantivy.Index], reading: Reading, since: int) -> Iterator[None]:
        """Write to an index what changed after generation `since`, committed after the block unless that failed."""
        with ExitStack() as open_writer:
            try:
                writer = index().writer(HEAP_BYTES, 1)
                open_writer.callback(writer.wait_merging_threads)  # forgets what is not committed, lets go of the lock
                writer.garbage_collect_files()  # a writer that was killed may have left some that stand in the way
                _take_in(writer, reading, since)
            except ERRORS as error:
                raise LibraryError(f"The words cannot be written to {self._folder} ({error}).") from error
            yield
            try:
                writer.commit()
            except ERRORS:
                log.exception("the lexical index in %s is behind; it is built anew the next time", self._folder)
                self._spoilt = True

    def _put_in_place(self, folder: Path) -> None:
        try:
            with self._turn:
                self._index = None
                folder.rename(removed(self._folder))
                synced(self._folder.parent)
        except OSError:
            log.exception("the lexical index in %s cannot be replaced", self._folder)
        else:
            self._spoilt = False
            log.info("the lexical index in %s was built anew from the truth", self._folder)


def _created(folder: Path) -> tantivy.Index:
    removed(folder).mkdir()
    return tantivy.Index(SCHEMA, str(folder))


def _opened(folder: Path) -> tantivy.Index:
    footers.check(folder)
    index = tantivy.Index.open(str(folder))
    index.config_reader("manual")
    return index


def _take_in(writer: tantivy.IndexWriter, reading: Reading, since: int) -> None:
    """Delete what died, add what is new, and stamp; doing so twice gives the same index as doing so once."""
    for key in reading.tombstones(since):
        writer.delete_documents_by_term("article", int(key))
    for fresh in reading.fresh_articles(since):
        writer.delete_documents_by_term("article", fresh.key)
        for document in documents(fresh):
            writer.add_document(tantivy.Document.from_dict(document, SCHEMA))
    writer.delete_documents_by_term("label", STAMP)
    writer.add_document(tantivy.Document.from_dict({"label": STAMP, "stamp": reading.generation}, SCHEMA))


def _narrowing(filters: Filters) -> list[Query]:
    """The clauses that a passage must meet besides matching words."""
    clauses = [
        Query.term_set_query(SCHEMA, "label", [label_term(label) for label in alternatives])
        for alternatives in wanted_labels(filters)
    ]
    if (instants := wanted_instants(filters)) is not None:
        kind = tantivy.FieldType.Integer
        clauses.append(Query.range_query(SCHEMA, "instant", kind, *instants, include_upper=False))
    return [_constant(clause) for clause in clauses]


def _constant(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)
