"""What a library can do, on one page. Every implementation passes the one suite in `tests/index/library`.

A library holds articles with their passages and vectors. Writing goes through `Library`, one batch being one
transaction that raises the `generation`; reading goes through a `Snapshot`, which shows one generation only, so that
the dense side, the lexical side and the articles always speak of the same passages. Fusing, reranking, grouping and
citing are not here: they are `search`'s, and the same for every library.

Passages may be stored before their vectors are there, and found by words from then on. The vectors follow: whoever
has the model claims some of the passages that wait for one, and fills their vectors in. Several may do so at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt

from index.articles.article import Article
from index.articles.passage import Passage

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles, and which of their passages, a search may answer from. Empty means all; given fields must all
    hold (AND), values within one field are alternatives (OR). Text values match whole and without regard to case.

    `authors` matches any one of an article's authors. `published_after` is inclusive and `published_before`
    exclusive, both aware (UTC offset set); an article without a date fails either. A date-only `published` counts as
    the start of that day in UTC.

    Of `phrases`, all must occur in the passage or in its article's title; of `without`, none may occur in either. A
    phrase occurs where its words stand whole and in its order, whatever stands between them that is no word, and
    without regard to case and accents; words are not stemmed, and what follows an apostrophe is a word of its own. In
    scripts without spaces each character counts as a word. A phrase without any word asks for nothing.

    `also` holds as well: filters from two places are joined by it. Of `any_of`, where it is given, at least one must
    hold; of `none_of`, none may. These two nest, so that every combination of and, or and not can be said.
    """

    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    article_ids: tuple[str, ...] = ()
    published_after: datetime | None = None
    published_before: datetime | None = None
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    also: Filters | None = None
    any_of: tuple[Filters, ...] = ()
    none_of: tuple[Filters, ...] = ()

    def parts(self) -> Iterator[Filters]:
        """These filters and, one by one, those that must hold besides them; look at each without its `also`."""
        part: Filters | None = self
        while part is not None:
            yield part
            part = part.also

    def choices(self) -> list[tuple[Filters, ...]]:
        """Every group of filters of which at least one must hold."""
        return [part.any_of for part in self.parts() if part.any_of]

    def refused(self) -> list[Filters]:
        """All filters of which none may hold."""
        return [one for part in self.parts() for one in part.none_of]


class Scored(NamedTuple):
    """A passage's key (an integer that is stable while the passage lives) and its score, higher is better."""

    key: int
    score: float


FacetField = Literal["source", "language", "tag", "author", "month"]


class Facet(NamedTuple):
    """A value of a field, and how many articles have it. A month is ``2025-01``, in UTC."""

    value: str
    articles: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One article on its way into the library.

    Attributes:
        article: the article.
        passages: its passages in order, ordinals 0..n-1.
        vectors: float32 of shape (n, dimensions), unit length, one row a passage; None when they come later. Vectors
            that the library holds for the same digests, be it for the article that is replaced, it then takes over.
        digests: n content hashes of what is embedded, so that the same text is never embedded twice.
    """

    article: Article
    passages: Sequence[Passage]
    vectors: Vectors | None
    digests: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Stored:
    """A passage as it was found, with its article's metadata. `article.text`, `breaks` and `removed` are empty here:
    fetch the article by its id."""

    key: int
    passage: Passage
    article: Article


@dataclass(frozen=True, slots=True)
class Awaited:
    """A passage that waits for its vector. `digest` is the content hash of what is to be embedded."""

    stored: Stored
    digest: bytes


class Filled(NamedTuple):
    """The vector (float32, shape (dimensions,), unit length) of the passage claimed with this key and digest."""

    key: int
    digest: bytes
    vector: Vectors


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a write did; once it is returned, the write survives a crash of the process. `filled` counts vectors."""

    generation: int
    added: int = 0
    updated: int = 0
    deleted: int = 0
    filled: int = 0


@dataclass(frozen=True, slots=True)
class Beside:
    """Vectors of another pipeline, kept beside those in use: the next ones on their way, or the ones from before.

    `passages_without_vectors` counts the passages that have none of these.
    """

    fingerprint: Mapping[str, object]
    passages_without_vectors: int


@dataclass(frozen=True, slots=True)
class Status:
    """How large the library is and how far its derived parts are.

    `derived` maps each derived part (``vectors``, ``words``) to the number of generations that it is behind, 0 being
    up to date. `languages` counts articles by language code, unknown ones under ``""``. `passages_without_vectors`
    counts the passages whose vectors are still to come: words find them, meaning does not. `beside` is None where only
    one pipeline's vectors are kept.
    """

    articles: int
    passages: int
    generation: int
    fingerprint: Mapping[str, object] | None
    derived: Mapping[str, int]
    languages: Mapping[str, int]
    passages_without_vectors: int = 0
    beside: Beside | None = None


class Snapshot(Protocol):
    """One generation of a library, for reading. Cheap to open; close it soon (it is a context manager)."""

    @property
    def generation(self) -> int:
        """The generation that this snapshot shows, 0 for a library that was never written."""
        ...

    @property
    def fingerprint(self) -> Mapping[str, object] | None:
        """The pipeline that made this generation's vectors; None before it was stated."""
        ...

    def counts(self) -> tuple[int, int]:
        """The numbers of articles and of passages."""
        ...

    def passages_without_vectors(self) -> int:
        """How many of the passages have no vector yet; `dense` does not see those."""
        ...

    def languages(self) -> Collection[str]:
        """The languages of the articles; the empty string stands for an unknown one."""
        ...

    def dense(self, vector: Vectors, limit: int, filters: Filters) -> list[Scored]:
        """The `limit` passages nearest to `vector` (float32, shape (dimensions,), unit length) by inner product
        (-1..1), among those that have a vector and pass `filters`, best first, ties by key. Always
        ``min(limit, matches)`` results."""
        ...

    def lexical(self, text: str, limit: int, filters: Filters) -> list[Scored]:
        """The `limit` passages that match the words of `text` best (BM25, > 0), among those that pass `filters`,
        best first, ties by key. `text` is plain words: nothing in it is query syntax, and nothing can be an error."""
        ...

    def passages(self, keys: Sequence[int]) -> list[Stored]:
        """The passages with these keys, in the order asked; keys that this snapshot does not hold are left out."""
        ...

    def vectors(self, keys: Sequence[int]) -> Vectors:
        """The vectors of these keys, float32 of shape (len(keys), dimensions). KeyError when one is not held."""
        ...

    def article(self, article_id: str) -> Article | None:
        """The whole article with its text, or None."""
        ...

    def text(self, article_id: str) -> str | None:
        """An article's text alone, or None: a third of the work of fetching it whole."""
        ...

    def article_passages(self, article_id: str) -> list[Passage]:
        """All passages of an article by ordinal; empty when there is no such article."""
        ...

    def articles(self, after: str | None, limit: int) -> list[Article]:
        """Up to `limit` articles by ascending id (code point order), from the first id greater than `after`;
        `article.text`, `breaks` and `removed` are empty."""
        ...

    def facets(self, field: FacetField, filters: Filters, limit: int) -> list[Facet]:
        """The `limit` values that most articles have, with their numbers, among articles that pass `filters` (by any
        of their passages, where those ask for phrases): the commonest first, ties by caseless value; months newest
        first. Values that differ by case only are one, spelt as in one of these articles."""
        ...

    def close(self) -> None:
        """Release what the snapshot holds; closing twice is fine."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...


class Library(Protocol):
    """A place that keeps articles, for writing and for opening snapshots. Safe to use from several threads."""

    @property
    def fingerprint(self) -> Mapping[str, object] | None:
        """The pipeline (model, prompts, cutter, cleaner) that made the vectors; None before the first write."""
        ...

    def adopt(self, fingerprint: Mapping[str, object]) -> None:
        """State the pipeline that the coming writes of this `Library` are made with. Should another one come into use
        later, vectors put with articles are refused.

        Raises:
            FingerprintMismatch: the library already has another one.
        """
        ...

    def snapshot(self) -> Snapshot:
        """The newest generation, for reading. Never waits for a writer."""
        ...

    def put(self, entries: Sequence[Entry], notes: Mapping[str, str] | None = None) -> Receipt:
        """Store these articles, each replacing the one of the same id whole, in one transaction: all or none.

        `notes` are kept with them, each in place of the one of the same name; see `Library.notes`.

        Raises:
            FingerprintMismatch: vectors are among them, and the pipeline that was stated is in use no longer.
            LibraryBusy: another process wrote for longer than the allowed wait.
            ValueError: shapes disagree, a passage's text is not what stands in its article at its offsets, or the
                dimensions are not the library's.
        """
        ...

    def delete(self, article_ids: Sequence[str]) -> Receipt:
        """Remove these articles in one transaction; ids that are not held are ignored (see the receipt's count)."""
        ...

    def claim(self, fingerprint: Mapping[str, object], count: int, seconds: float) -> list[Awaited]:
        """Up to `count` of the passages that wait for a vector of this pipeline, for the caller alone to embed: nobody
        else is given them for so many seconds, or for as long as the caller lives where that is known.

        Raises:
            FingerprintMismatch: vectors of this pipeline are neither in use nor beside.
        """
        ...

    def release(self, fingerprint: Mapping[str, object], claimed: Sequence[Awaited]) -> None:
        """Give back what was claimed and is not going to be embedded, so that others need not wait."""
        ...

    def fill(self, fingerprint: Mapping[str, object], vectors: Sequence[Filled]) -> Receipt:
        """Store vectors of this pipeline in one transaction. Those of passages that are gone, hold other text by now
        or have their vector already are passed over; whether they were claimed, and how long ago, does not matter.

        Raises:
            FingerprintMismatch: as for `claim`.
            ValueError: a vector is not of unit length, or its dimensions are not those of the pipeline's others.
        """
        ...

    def waiting(self, fingerprint: Mapping[str, object] | None = None) -> int:
        """How many passages wait for a vector of this pipeline, None standing for the one in use. Cheap.

        Raises:
            FingerprintMismatch: as for `claim`.
        """
        ...

    def succeed(self, fingerprint: Mapping[str, object]) -> None:
        """Keep vectors of this pipeline beside those in use, from now on: all passages without one wait for it, old
        and new. When they are kept already, nothing changes.

        Raises:
            LibraryError: those of a third pipeline are kept; `forget` them first.
        """
        ...

    def switch(self, fingerprint: Mapping[str, object]) -> Receipt:
        """Take the vectors of this pipeline, kept beside, into use, and keep the others beside: in one transaction.

        Raises:
            FingerprintMismatch: as for `claim`.
            VectorsMissing: passages still wait for such a vector.
        """
        ...

    def forget(self) -> bool:
        """Delete the vectors kept beside; False when there were none."""
        ...

    def digests(self, article_ids: Sequence[str]) -> dict[str, str]:
        """The stored `Article.digest` of those of the ids that are held."""
        ...

    def notes(self, names: Sequence[str]) -> dict[str, str]:
        """Those of the named notes that are held: short texts that whoever writes leaves for the next write. What
        they say is nothing to a library."""
        ...

    def embedded(
        self, digests: Sequence[bytes], fingerprint: Mapping[str, object] | None = None
    ) -> dict[bytes, Vectors]:
        """Vectors (shape (dimensions,)) of this pipeline, None standing for the one in use, that are already stored for
        these content hashes.

        Raises:
            FingerprintMismatch: as for `claim`.
        """
        ...

    def status(self) -> Status:
        """Sizes, generation and how far the derived parts are behind."""
        ...

    def close(self) -> None:
        """Finish background work and release files and locks; closing twice is fine."""
        ...
