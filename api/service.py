"""One library with its models, opened by settings: what the HTTP routes and the command line share.

Knows no HTTP and prints nothing.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Self

from api.models import Models, Once
from api.observing.observer import Observer
from api.settings import Settings
from index.articles.article import Article, Draft
from index.embedding.contract import Embedder, Reranker
from index.embedding.hardware import Hardware
from index.errors import ArticleNotFound, FingerprintMismatch, InvalidInput, LibraryError, Unreadable
from index.filling import Filler
from index.ingest import Outcome, ingest, model_name
from index.library.contract import FacetField, Filters, Library, Receipt, Status
from index.library.opening import open_library
from search.answer import Answer
from search.cite import decode
from search.facets import Facets, facets
from search.pipeline import RERANK_MS, Pipeline
from search.query import Query
from search.understanding.asking import stated_filters
from search.verify import Check, verify


class Service:
    """What Pincite does with one library. Safe to use from several threads; close it when done.

    Args:
        library: an open library; the service closes it.
        embedder: gives the model that the library names; asked for whenever a vector is needed, and quick but for the
            first time.
        reranker: called once, when the first candidates are read again; None, or giving None, where there is none.
        rerank_ms: the time after which no further candidates are read again.
        hardware: tells what the embedder runs on, or will; None where that is not known.
    """

    def __init__(
        self,
        library: Library,
        embedder: Callable[[], Embedder],
        reranker: Callable[[], Reranker | None] | None = None,
        rerank_ms: float = RERANK_MS,
        hardware: Callable[[], Hardware | None] = lambda: None,
    ) -> None:
        self.library = library
        self.hardware = hardware
        self.observers: tuple[Observer, ...] = ()
        self._lap = time.perf_counter()
        self._embedder = embedder
        self._ready = False
        self._filler = Filler(library, self.embedder, self._embedded)
        self._reranker = Once(reranker) if reranker else None
        self._pipeline = Pipeline(library, self.embedder, self._reranker, rerank_ms=rerank_ms)

    @classmethod
    def open(cls, settings: Settings, *, create: bool = False, models: Models | None = None) -> Self:
        """Open the library that the settings name, over its models or the given ones.

        Raises:
            LibraryMissing: there is no such library, and `create` is not set.
        """
        library = open_library(settings.library, create=create)
        shared = models or Models(settings)
        return cls(
            library,
            lambda: shared.embedder_for(library),
            shared.reranker,
            settings.rerank_ms,
            lambda: shared.hardware_for(library),
        )

    @property
    def model(self) -> str | None:
        """The name of the model that made the library's vectors, None before the first write."""
        return model_name(self.library.fingerprint)

    @property
    def ready(self) -> bool:
        """Whether a question can be answered at once: the model is loaded."""
        return self._ready

    def can_answer(self) -> bool:
        """Whether the model is loaded and the library can be read now."""
        if not self.ready:
            return False
        try:
            with self.library.snapshot() as snapshot:
                snapshot.counts()
        except LibraryError:
            return False
        return True

    def warm(self) -> None:
        """Load the models and answer once, so that the first question is not slow."""
        self.embedder().embed_question("ready")
        if self.status().articles:
            self.search(Query("ready", limit=1))

    def embedder(self) -> Embedder:
        """The model, loaded if it was not."""
        embedder = self._embedder()
        self._ready = True
        return embedder

    def reranker(self) -> Reranker | None:
        """The cross-encoder, loaded if it was not; None where there is none."""
        return self._reranker() if self._reranker else None

    def search(self, query: Query) -> Answer:
        """The answer to a query."""
        answer = self._answer(query)
        for observer in self.observers:
            observer.answered(answer.timings_ms)
        return answer

    def _answer(self, query: Query) -> Answer:
        before = self.library.fingerprint
        try:
            return self._pipeline.answer(query)
        except FingerprintMismatch:
            if self.library.fingerprint == before:
                raise
            return self._pipeline.answer(query)  # another model came into use in between

    def facets(self, question: str, filters: Filters, fields: Sequence[FacetField], limit: int) -> Facets:
        """How many articles there are by the fields' values, among those that pass the filters and what the typed
        question states; see `search.facets.facets`.

        Raises:
            InvalidQuery: an operator's value cannot be used.
        """
        with self.library.snapshot() as snapshot:
            return facets(snapshot, replace(filters, also=stated_filters(question)), fields, limit)

    def store(
        self,
        drafts: Iterable[Draft | Unreadable],
        on_embedded: Callable[[int], None] | None = None,
        processes: int = 1,
    ) -> Iterator[Outcome]:
        """Store drafts, and embed them meanwhile and afterwards unless they are few; see `index.ingest.ingest`."""

        def embedded(passages: int) -> None:
            self._embedded(passages)
            if on_embedded:
                on_embedded(passages)

        self._filler.on_embedded = embedded
        for outcome in ingest(drafts, self.library, self.embedder(), embedded, processes, self._filler.wake):
            for observer in self.observers:
                observer.stored(outcome.fate)
            yield outcome

    def _embedded(self, passages: int) -> None:
        """Tell the observers; who begins to embed tells of 0 passages, so that idle time does not count."""
        now, before = time.perf_counter(), self._lap
        self._lap = now
        for observer in self.observers if passages else ():
            observer.embedded(passages, now - before)

    def store_with_vectors(
        self,
        drafts: Iterable[Draft | Unreadable],
        on_embedded: Callable[[int], None] | None = None,
        processes: int = 1,
    ) -> Iterator[Outcome]:
        """The same, and it ends when every passage has its vector."""
        yield from self.store(drafts, on_embedded, processes)
        self.finish()

    def finish(self) -> None:
        """Wait until every passage has its vector."""
        self._filler.finish()

    def look_after(self) -> None:
        """Embed in the background what other processes left without vectors, from now on until this is closed."""
        self._filler.look_after()

    def article(self, article_id: str) -> Article:
        """The article with its text.

        Raises:
            ArticleNotFound: there is none of this id.
        """
        with self.library.snapshot() as snapshot:
            article = snapshot.article(article_id)
        if article is None:
            raise ArticleNotFound(f"There is no article {article_id!r} in this library.", article_id=article_id)
        return article

    def articles(self, cursor: str | None, limit: int) -> tuple[list[Article], str | None]:
        """A page of articles by id, without texts, and the cursor of the next page.

        Raises:
            InvalidInput: the cursor was not made by this method.
        """
        after = _decode_cursor(cursor) if cursor else None
        with self.library.snapshot() as snapshot:
            articles = snapshot.articles(after, limit + 1)
        following = _encode_cursor(articles[limit - 1].id) if len(articles) > limit else None
        return articles[:limit], following

    def delete(self, article_ids: list[str]) -> Receipt:
        """Delete articles; the receipt tells how many there were."""
        return self.library.delete(article_ids)

    def check(self, citation_id: str) -> Check:
        """Whether a cited quote still stands.

        Raises:
            InvalidCitation: not a citation id.
        """
        reference = decode(citation_id)
        with self.library.snapshot() as snapshot:
            return verify(reference, snapshot.article(reference.article_id))

    def status(self) -> Status:
        """The library's size and state."""
        return self.library.status()

    def rest(self) -> None:
        """Let what is being embedded come to its end, some seconds' worth at most, and embed no more."""
        self._filler.stop()

    def close(self) -> None:
        """Finish what is being embedded, and close the library."""
        self.rest()
        self.library.close()

    def __enter__(self) -> Self:
        """The service itself; it is closed at the end of the block."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _encode_cursor(article_id: str) -> str:
    return base64.urlsafe_b64encode(article_id.encode()).decode().rstrip("=")


def _decode_cursor(cursor: str) -> str:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise InvalidInput("This cursor was not made by Pincite.", field="cursor") from error
