"""One generation of a local library, for reading: the truth, the vectors and the words of the same moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Self

import numpy as np

from index.articles.article import Article
from index.articles.passage import Passage
from index.library.contract import Facet, FacetField, Filters, Scored, Stored, Vectors
from index.library.fingerprints import unpacked
from index.library.labels import unwanted_phrases, wanted_phrases
from index.library.local.bits import Bits
from index.library.local.counting import Counting, Counts, common
from index.library.local.filtering import Filtering
from index.library.local.matching import Words
from index.library.local.reading import Reading
from index.library.local.remembered import Recent
from index.library.local.truth import Pinned
from index.library.local.view import View


class Derived:
    """The derived parts at one generation, and what was worked out about it: shared by all its snapshots."""

    def __init__(self, view: View, words: Words, languages: Sequence[str]) -> None:
        self.view = view
        self.words = words
        self.languages = languages
        self.counts = Counts()
        self._allowed: Recent[list[Bits | None]] = Recent()

    def allowed(self, filters: Filters, reading: Reading) -> list[Bits | None]:
        """Which rows of the view pass, remembered for the filters used last."""
        kept = self._allowed.get(filters, self.view.generation)
        if kept is None:
            kept = Filtering(self.view, self.words, reading).allowed(filters)
            self._allowed.keep(filters, self.view.generation, kept)
        return kept


class State:
    """A pinned reading of the truth with the derived parts of the same generation; many snapshots may share it."""

    def __init__(self, truth: Pinned, derived: Derived) -> None:
        self.truth = truth
        self.derived = derived
        self.users = 0


class LocalSnapshot:
    """The `Snapshot` of a local library; `release` is told once when it is closed."""

    def __init__(self, state: State, release: Callable[[State], None]) -> None:
        self._state: State | None = state
        self._release = release

    @property
    def _open(self) -> State:
        if self._state is None:
            raise ValueError("this snapshot was closed")
        return self._state

    @property
    def generation(self) -> int:
        """The generation that this snapshot shows."""
        return self._open.truth.generation

    @property
    def fingerprint(self) -> Mapping[str, object] | None:
        """The pipeline that made the vectors; None before it was stated."""
        return unpacked(self._open.truth.card.fingerprint)

    def counts(self) -> tuple[int, int]:
        """The numbers of articles and of passages."""
        card = self._open.truth.card
        return card.articles, card.passages

    def passages_without_vectors(self) -> int:
        """How many of the passages have no vector yet."""
        return self._open.truth.card.awaited

    def languages(self) -> Sequence[str]:
        """The languages of the articles; the empty string stands for an unknown one."""
        return self._open.derived.languages

    def dense(self, vector: Vectors, limit: int, filters: Filters) -> list[Scored]:
        """See `Snapshot.dense`.

        Raises:
            ValueError: `vector` is not of shape (dimensions,).
        """
        truth, derived = self._open.truth, self._open.derived
        if not truth.dimensions or limit < 1:
            return []
        if vector.shape != (truth.dimensions,):
            raise ValueError(f"the vector has shape {vector.shape}; the library's have ({truth.dimensions},)")
        allowed = derived.allowed(filters, truth)
        return derived.view.nearest(vector.astype(np.float32, copy=False), limit, allowed)

    def lexical(self, text: str, limit: int, filters: Filters) -> list[Scored]:
        """See `Snapshot.lexical`."""
        derived = self._open.derived
        return derived.words.best(text, derived.languages, limit, filters) if limit > 0 else []

    def passages(self, keys: Sequence[int]) -> list[Stored]:
        """The passages with these keys, in the order asked; those not held are left out."""
        return self._open.truth.stored(keys)

    def vectors(self, keys: Sequence[int]) -> Vectors:
        """The vectors of these keys, float32 of shape (len(keys), dimensions). KeyError when one is not held."""
        return self._open.truth.vectors(keys)

    def article(self, article_id: str) -> Article | None:
        """The whole article with its text, or None."""
        return self._open.truth.article(article_id)

    def text(self, article_id: str) -> str | None:
        """An article's text alone, or None."""
        return self._open.truth.text(article_id)

    def article_passages(self, article_id: str) -> list[Passage]:
        """All passages of an article by ordinal."""
        return self._open.truth.article_passages(article_id)

    def articles(self, after: str | None, limit: int) -> list[Article]:
        """Up to `limit` articles by id, from the first one after `after`, without their texts."""
        return self._open.truth.articles(after, limit)

    def facets(self, field: FacetField, filters: Filters, limit: int) -> list[Facet]:
        """See `Snapshot.facets`."""
        counts = self._open.derived.counts
        return list(counts.get((field, filters, limit), lambda: self._counted(field, filters, limit)))

    def _counted(self, field: FacetField, filters: Filters, limit: int) -> list[Facet]:
        truth, derived = self._open.truth, self._open.derived
        counting, words = Counting(truth), derived.words
        if filters.choices() or filters.refused():
            return counting.facets(field, derived.view.owners(derived.allowed(filters, truth)), limit)
        wanted, unwanted = wanted_phrases(filters), unwanted_phrases(filters)
        holding = counting.holding(
            words.holding(wanted) if wanted else None, words.touching(unwanted) if unwanted else None
        )
        return counting.facets(field, common(truth.allowed(filters), holding), limit)

    def dense_keys(self) -> list[int]:
        """The keys that the dense side can find, ascending; for checking a library."""
        return [int(key) for key in self._open.derived.view.living()]

    def lexical_keys(self) -> list[int]:
        """The keys that the lexical side can find, ascending; for checking a library."""
        return [int(key) for key in self._open.derived.words.every()]

    def stored_keys(self) -> list[int]:
        """The keys that the truth holds, ascending; for checking a library."""
        return [int(key) for key in self._open.truth.passage_keys()]

    def close(self) -> None:
        """Release what the snapshot holds; closing twice is fine."""
        state, self._state = self._state, None
        if state is not None:
            self._release(state)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
