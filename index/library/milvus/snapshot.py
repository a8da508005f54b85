"""One revision of a library on Milvus, for reading. Nothing is kept: each call is a search or a query there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import Self

import numpy as np

from index.articles.article import Article
from index.articles.passage import Passage
from index.errors import LibraryError
from index.library.contract import Facet, FacetField, Filters, Scored, Stored, Vectors
from index.library.labels import EPOCH, Label, caseless
from index.library.milvus.engine import MOST_FOUND, Rows
from index.library.milvus.expressions import NEVER, asks_for_passages, label_term, passing, quoted
from index.library.milvus.matching import Matching
from index.library.milvus.records import PART_FIELDS, Kind, all_parts, article_of, in_order, joined, name_of, passage_of
from index.library.milvus.state import State
from index.library.milvus.view import View

SPARE = 16
NEAR = 2e-6
"""Scores that lie nearer to each other than this are worked out again in double precision, to be put in order."""

PASSAGE_FIELDS = ("ordinal", "start", "stop", "text")
MOST_COUNTED = 1_000_000
"""From how many articles on facets are refused: Milvus does not count by value, so that all of them must be read."""


class MilvusSnapshot:
    """The `Snapshot` of a library on Milvus.

    Args:
        view: the rows of the revision.
        matching: searches by words.
    """

    def __init__(self, view: View, matching: Matching) -> None:
        self._engine, self._matching = view.engine, matching
        self._view: View | None = view

    @property
    def _seen(self) -> View:
        if self._view is None:
            raise ValueError("this snapshot was closed")
        return self._view

    @property
    def _open(self) -> State:
        return self._seen.state

    @property
    def generation(self) -> int:
        """The generation that this snapshot shows."""
        return self._open.generation

    @property
    def fingerprint(self) -> Mapping[str, object] | None:
        """The pipeline that made the vectors; None before it was stated."""
        return self._open.used.fingerprint

    def counts(self) -> tuple[int, int]:
        """The numbers of articles and of passages."""
        return self._open.articles, self._open.passages

    def passages_without_vectors(self) -> int:
        """How many of the passages have no vector yet."""
        return self._open.used.awaited

    # Finding

    def languages(self) -> Sequence[str]:
        """The languages of the articles; the empty string stands for an unknown one."""
        return list(self._open.languages)

    def dense(self, vector: Vectors, limit: int, filters: Filters) -> list[Scored]:
        """See `Snapshot.dense`.

        Raises:
            ValueError: `vector` is not of shape (dimensions,).
        """
        used = self._open.used
        if used.dimensions is None or limit < 1:
            return []
        if vector.shape != (used.dimensions,):
            raise ValueError(f"the vector has shape {vector.shape}; the library's have ({used.dimensions},)")
        narrow, count = self._narrow(filters), limit + SPARE
        while True:
            found = self._engine.nearest(used.kind, vector, narrow, count, self._seen.level)
            if len(found) < count or count >= MOST_FOUND or found[-1][1] < found[limit - 1][1] - NEAR:
                return self._in_order(vector, found)[:limit]
            count = min(4 * count, MOST_FOUND)

    def lexical(self, text: str, limit: int, filters: Filters) -> list[Scored]:
        """See `Snapshot.lexical`.

        Raises:
            LibraryError: the server is older than BM25.
        """
        state = self._open
        if limit < 1 or not state.passages:
            return []
        if not self._engine.bm25:
            message = (
                "Milvus finds by words from 2.5 on, and this server is older. Ask with the mode dense, or upgrade it."
            )
            raise LibraryError(message, address=str(self._engine.address))
        narrow, level, last = self._narrow(filters), self._seen.level, state.next_passage - 1
        return self._matching.best(text, list(state.languages), limit, narrow, state.passages, last, level)

    def _narrow(self, filters: Filters) -> str:
        """What must hold of a row that is seen and passes."""
        return self._seen.seen(passing(filters, self._engine.negation(self._seen.level)))

    def _in_order(self, vector: Vectors, found: Sequence[tuple[int, float]]) -> list[Scored]:
        """Best first, ties by key; where single precision cannot tell, double precision does."""
        scores = dict(found)
        ranked = sorted(scores.items(), key=lambda one: -one[1])
        close = {key for pair in pairwise(ranked) if _are_near(*pair) for key, _ in pair}
        if close:
            keys = sorted(close)
            exact = self.vectors(keys).astype(np.float64) @ vector.astype(np.float64)
            scores |= dict(zip(keys, map(float, exact.astype(np.float32)), strict=True))
        return sorted((Scored(*one) for one in scores.items()), key=lambda one: (-one.score, one.key))

    # Reading

    def passages(self, keys: Sequence[int]) -> list[Stored]:
        """The passages with these keys, in the order asked; those not held are left out."""
        rows = {row["key"]: row for row in self._seen.among("passages", "key", keys, PASSAGE_FIELDS)}
        articles = self._articles({row["record"] for row in rows.values()})
        of = {key: articles[row["record"]] for key, row in rows.items()}
        return [Stored(key, passage_of(rows[key], of[key].id), of[key]) for key in keys if key in rows]

    def _articles(self, keys: set[int]) -> dict[int, Article]:
        """These articles without their texts, by record."""
        rows = self._seen.among("records", "record", sorted(keys), PART_FIELDS, all_parts("head"))
        rows.sort(key=lambda row: row["record"])
        return {key: article_of(joined(parts)) for key, parts in groupby(rows, lambda row: row["record"])}

    def vectors(self, keys: Sequence[int]) -> Vectors:
        """The vectors of these keys, float32 of shape (len(keys), dimensions). KeyError when one is not held."""
        used = self._open.used
        rows = self._seen.among(used.kind, "key", keys, ("vector",)) if used.dimensions else []
        held = {row["key"]: row["vector"] for row in rows}
        return np.array([held[key] for key in keys], np.float32).reshape(len(keys), used.dimensions or 0)

    def article(self, article_id: str) -> Article | None:
        """The whole article with its text, or None."""
        head, text = (self._parts(article_id, kind) for kind in ("head", "text"))
        return None if head is None else article_of(head, text)

    def text(self, article_id: str) -> str | None:
        """An article's text alone, or None."""
        return self._parts(article_id, "text")

    def _parts(self, article_id: str, kind: Kind) -> str | None:
        rows = self._seen.among("records", "name", [name_of(article_id)], PART_FIELDS, all_parts(kind))
        return joined(rows) if rows else None

    def article_passages(self, article_id: str) -> list[Passage]:
        """All passages of an article by ordinal."""
        head = self._seen.among("records", "name", [name_of(article_id)], (), 'kind == "head"')
        rows = self._seen.among("passages", "record", [row["record"] for row in head], PASSAGE_FIELDS)
        return [passage_of(row, article_id) for row in sorted(rows, key=lambda row: row["ordinal"])]

    def articles(self, after: str | None, limit: int) -> list[Article]:
        """Up to `limit` articles by id, from the first one after `after`, without their texts."""
        if not self._open.articles:
            return []
        beyond = "" if after is None else f" and id > {quoted(in_order(after) + '!')}"
        heads = self._seen.rows("records", f'kind == "head"{beyond}', ["record"], limit=max(limit, 0))
        articles = self._articles({row["record"] for row in heads})
        return [articles[row["record"]] for row in heads]

    # Counting

    def facets(self, field: FacetField, filters: Filters, limit: int) -> list[Facet]:
        """See `Snapshot.facets`.

        Raises:
            LibraryError: there are more than `MOST_COUNTED` articles.
        """
        state = self._open
        if state.articles > MOST_COUNTED:
            message = f"Facets of more than {MOST_COUNTED:,} articles cannot be had of Milvus. Leave facets out."
            raise LibraryError(message, articles=state.articles)
        rows = self._passing(filters) if state.articles and limit > 0 else []
        if field == "month":
            months = Counter(_month(row["instant"]) for row in rows if row["instant"] != NEVER)
            return [Facet(month, months[month]) for month in sorted(months, reverse=True)][:limit]
        return self._spelt(field, rows)[:limit]

    def _passing(self, filters: Filters) -> Rows:
        """The heads of the articles that pass."""
        view, fields, heads = self._seen, ("record", "labels", "instant"), 'kind == "head"'
        if not asks_for_passages(filters):
            return view.rows("records", " and ".join(filter(None, (heads, passing(filters)))), fields)
        found = self._engine.rows("passages", self._narrow(filters), ("record",), view.level)
        return view.among("records", "record", sorted({row["record"] for row in found}), fields[1:], heads)

    def _spelt(self, field: str, rows: Rows) -> list[Facet]:
        """The values of a field, the commonest first, spelt as in the first article that has them."""
        counts: Counter[str] = Counter()
        first: dict[str, int] = {}
        for row in sorted(rows, key=lambda row: int(row["record"])):
            for term in row["labels"]:
                if term.startswith(f"{field}:"):
                    counts[term] += 1
                    first.setdefault(term, row["record"])
        articles = self._articles(set(first.values()))
        spellings = {term: _spelling(field, term, articles[key]) for term, key in first.items()}
        ordered = sorted(counts, key=lambda term: (-counts[term], caseless(spellings[term])))
        return [Facet(spellings[term], counts[term]) for term in ordered]

    def close(self) -> None:
        """Release what the snapshot holds; closing twice is fine."""
        self._view = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _are_near(one: tuple[int, float], other: tuple[int, float]) -> bool:
    return abs(one[1] - other[1]) < NEAR


def _month(instant: int) -> str:
    moment: datetime = (EPOCH + timedelta(microseconds=instant)).astimezone(UTC)
    return f"{moment.year:04}-{moment.month:02}"


def _spelling(field: str, term: str, article: Article) -> str:
    """How an article writes the value that a label term stands for."""
    if field in {"source", "language"}:
        return str(getattr(article, field))
    written = article.tags if field == "tag" else [name.strip() for name in (article.author or "").split(";")]
    return next(one for one in written if label_term(Label(field, caseless(one))) == term)
