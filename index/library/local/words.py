"""The lexical index on disk: tantivy's, of all passages, derived from the truth.

Our own analysis makes the terms, tantivy only splits them at spaces and scores them. The index carries its stamp, the
generation that it reflects, as one more document, so that the stamp and the passages are committed in one step and a
searcher always knows what it shows. How it is searched stands in `matching`; the two are the only modules that import
tantivy.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import tantivy

from index.errors import LibraryError
from index.library.local import footers
from index.library.local.documents import documents
from index.library.local.files import removed, synced
from index.library.local.matching import SCHEMA, STAMP, Words
from index.library.local.reading import Reading

HEAP_BYTES = 64 * 2**20
ERRORS = (OSError, ValueError, RuntimeError)
"""What tantivy raises."""

log = logging.getLogger(__name__)


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
                open_writer.callback(_let_go, writer)
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


def _let_go(writer: tantivy.IndexWriter) -> None:
    """Forget what is not committed, and release tantivy's own lock."""
    try:
        writer.wait_merging_threads()
    except ERRORS as error:  # a thread of its had failed, which shows where it matters: in adding and committing
        log.warning("writing words ended with an error (%s)", error)


def _created(folder: Path) -> tantivy.Index:
    removed(folder).mkdir()
    return tantivy.Index(SCHEMA, str(folder))


def _opened(folder: Path) -> tantivy.Index:
    footers.check(folder)
    index = tantivy.Index.open(str(folder))
    if index.schema != SCHEMA:  # asking it for fields that it lacks would end the process's thread
        raise ValueError("it has other fields than now")
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
