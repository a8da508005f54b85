"""Everything that is read from the truth, in one transaction: one generation, whatever is written meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.articles.article import Article
from index.articles.passage import Passage
from index.library.contract import Awaited, Beside, Filters, Stored, Vectors
from index.library.fingerprints import unpacked
from index.library.labels import Label, wanted_instants, wanted_labels
from index.library.local import rows
from index.library.local.connection import Connection, Row
from index.library.local.pipelines import Pipeline, Shelf, kept, pipelines

Keys = npt.NDArray[np.int64]

_WHOLE_ARTICLE = f"SELECT text, {rows.ARTICLE_COLUMNS} FROM articles WHERE "  # noqa: S608 - our own columns

CHUNK = 8192
"""How many vectors are read at a time."""


@dataclass(frozen=True, slots=True)
class Card:
    """The library's row about itself.

    `pruned` is the newest generation whose tombstones and arrivals may be gone. The rest is of the `pipeline` in use:
    `dimensions` is None before its first vector, `arrived` counts all vectors that ever came, `awaited` the passages
    without one.
    """

    generation: int
    articles: int
    passages: int
    pruned: int
    pipeline: int
    dimensions: int | None
    fingerprint: str | None
    arrived: int
    awaited: int


class VectorRows(NamedTuple):
    """Some passages with a vector, by ascending key: their keys and articles' keys of shape (n,), vectors of shape
    (n, dimensions)."""

    keys: Keys
    articles: Keys
    vectors: Vectors


class FreshArticle(NamedTuple):
    """An article as the derived parts take it in: its key, itself with its text, and its passages' keys and texts."""

    key: int
    article: Article
    passages: list[tuple[int, str]]


class Reading:
    """The truth at one generation. Its connection must be inside a transaction already."""

    def __init__(self, truth: Connection) -> None:
        self._truth = truth
        self.card = card(truth)

    @property
    def generation(self) -> int:
        """The generation that is read."""
        return self.card.generation

    @property
    def dimensions(self) -> int:
        """The length of a vector; 0 before the first one."""
        return self.card.dimensions or 0

    def query(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """The rows of any other query, at the same generation."""
        return self._truth.all(sql, values)

    @property
    def _vectors(self) -> str:
        """The table with the vectors in use."""
        return f"vectors_{self.card.pipeline}"

    # What a snapshot shows

    def stored(self, keys: Sequence[int]) -> list[Stored]:
        """The passages of these keys in the order asked, without those that are not held."""
        sql = f"""
            SELECT p.key, p.article, p.ordinal, p.start, p.stop,
                substr(a.text, p.start + 1, p.stop - p.start), {rows.CARD_COLUMNS}
            FROM passages p JOIN articles a ON a.key = p.article WHERE p.key IN (?)"""  # noqa: S608 - our own columns
        articles: dict[int, Article] = {}
        found: dict[int, Stored] = {}
        for key, owner, ordinal, start, stop, text, *rest in self._truth.among(sql, list(keys)):
            article = articles.get(owner) or articles.setdefault(owner, rows.article(tuple(rest)))
            found[key] = Stored(key, Passage(article.id, ordinal, start, stop, text), article)
        return [found[key] for key in keys if key in found]

    def vectors(self, keys: Sequence[int]) -> Vectors:
        """The vectors of these keys, shape (len(keys), dimensions). KeyError when one is not held."""
        sql = f"SELECT key, vector FROM {self._vectors} WHERE key IN (?)"  # noqa: S608 - our own table
        found: dict[int, bytes] = dict(self._truth.among(sql, list(keys)))
        return rows.vectors([found[key] for key in keys], self.dimensions)

    def article(self, article_id: str) -> Article | None:
        """The whole article, or None."""
        row = self._truth.first(_WHOLE_ARTICLE + "id = ?", [article_id])
        return None if row is None else rows.article(row[1:], text=row[0])

    def text(self, article_id: str) -> str | None:
        """An article's text alone, or None."""
        row = self._truth.first("SELECT text FROM articles WHERE id = ?", [article_id])
        return None if row is None else row[0]

    def article_passages(self, article_id: str) -> list[Passage]:
        """All passages of an article, by ordinal."""
        sql = """
            SELECT p.ordinal, p.start, p.stop, a.text FROM articles a JOIN passages p ON p.article = a.key
            WHERE a.id = ? ORDER BY p.ordinal"""
        found = self._truth.all(sql, [article_id])
        return [Passage(article_id, ordinal, start, stop, text[start:stop]) for ordinal, start, stop, text in found]

    def articles(self, after: str | None, limit: int) -> list[Article]:
        """Up to `limit` articles by id, from the first one after `after`, without what their texts tell."""
        beyond, values = ("", []) if after is None else ("WHERE id > ?", [after])
        sql = f"SELECT {rows.CARD_COLUMNS} FROM articles {beyond} ORDER BY id LIMIT ?"  # noqa: S608 - our own columns
        return [rows.article(row) for row in self._truth.all(sql, (*values, limit))]

    def digests(self, article_ids: Sequence[str]) -> dict[str, str]:
        """The stored digests of those of the articles that are held."""
        return dict(self._truth.among("SELECT id, digest FROM articles WHERE id IN (?)", article_ids))

    def notes(self, names: Sequence[str]) -> dict[str, str]:
        """Those of the named notes that are held."""
        return dict(self._truth.among("SELECT name, value FROM notes WHERE name IN (?)", names))

    def embedded(self, digests: Sequence[bytes], fingerprint: str | None = None) -> dict[bytes, Vectors]:
        """A stored vector of a pipeline, None being the one in use, for each of those content hashes that has one."""
        number = self.card.pipeline if fingerprint is None else self.kept(fingerprint).number
        found = Shelf(self._truth, number, self.generation).held(digests)
        return {digest: rows.vectors([blob], len(blob) // rows.NUMBER_BYTES)[0] for digest, blob in found.items()}

    def kept(self, fingerprint: str) -> Pipeline:
        """The pipeline with this fingerprint; raises FingerprintMismatch when it is not kept."""
        return kept(self._truth, fingerprint)

    def language_codes(self) -> list[str]:
        """The languages of the articles, the empty string standing for unknown; each found by one look at the index."""
        sql = """
            WITH RECURSIVE code (value) AS (
                SELECT min(language) FROM articles
                UNION ALL SELECT (SELECT min(language) FROM articles WHERE language > value) FROM code
                WHERE value IS NOT NULL
            ) SELECT value FROM code WHERE value IS NOT NULL"""
        unknown = self._truth.all("SELECT '' FROM articles WHERE language IS NULL LIMIT 1")
        return [code for (code,) in (*unknown, *self._truth.all(sql))] or [""]

    def languages(self) -> Mapping[str, int]:
        """How many articles there are of each language; unknown ones under the empty string."""
        return dict(self._truth.all("SELECT coalesce(language, ''), count(*) FROM articles GROUP BY language"))

    # What searching inside the derived parts needs

    def newest_article(self) -> int:
        """The highest key of an article; 0 when there is none."""
        return int((self._truth.first("SELECT max(key) FROM articles") or (0,))[0] or 0)

    def allowed(self, filters: Filters, after: int = 0) -> Keys | None:
        """The keys of the articles that pass, ascending, from the first one greater than `after`; None when all do."""
        sets = [self._labelled(alternatives, after) for alternatives in wanted_labels(filters)]
        if (instants := wanted_instants(filters)) is not None:
            by_key = "+" if after else ""  # so that the few newer articles are looked at, and not all of that time
            sql = f"SELECT group_concat(key) FROM articles WHERE {by_key}instant >= ? AND instant < ? AND key > ?"  # noqa: S608
            sets.append(self._keys(sql, (*instants, after)))
        if not sets:
            return None
        common = sets[0]
        for other in sets[1:]:
            common = np.intersect1d(common, other, assume_unique=True)
        return common

    def _labelled(self, alternatives: Sequence[Label], after: int) -> Keys:
        kind, values = alternatives[0].kind, [label.value for label in alternatives]
        sql = """
            SELECT group_concat(article) FROM labels
            WHERE kind = ? AND value IN (SELECT value FROM json_each(?)) AND article > ?"""
        return self._keys(sql, (kind, json.dumps(values), after))

    def _keys(self, sql: str, values: Sequence[object] = ()) -> Keys:
        """The keys that a query joins by commas, ascending and once each: several times faster than row by row."""
        ((joined,),) = self._truth.all(sql, values)
        return np.unique(np.fromstring(joined or "", np.int64, sep=","))

    def beside(self) -> Beside | None:
        """The vectors that are kept beside those in use."""
        others = [one for one in pipelines(self._truth) if one.number != self.card.pipeline]
        return Beside(unpacked(others[0].fingerprint) or {}, others[0].awaited) if others else None

    def awaited(self, keys: Sequence[int]) -> list[Awaited]:
        """The passages of these keys as who embeds them takes them."""
        digests: dict[int, bytes] = dict(self._truth.among("SELECT key, digest FROM passages WHERE key IN (?)", keys))
        return [Awaited(stored, digests[stored.key]) for stored in self.stored(keys)]

    # What the derived parts catch up with

    def tombstones(self, since: int) -> Keys:
        """Keys of the articles deleted or replaced after generation `since` (at least the card's `pruned`)."""
        return self._keys("SELECT group_concat(article) FROM tombstones WHERE generation > ?", [since])

    def burden(self, arrived: int) -> int:
        """How many rows a main index made when `arrived` vectors had come lacks or holds in vain."""
        dead = self._truth.first("SELECT total(passages) FROM tombstones") or (0,)
        return int(max(self.card.arrived - arrived, 0) + dead[0])

    def vector_rows(self) -> Iterator[VectorRows]:
        """All vectors, in chunks of at most `CHUNK`, by key."""
        sql = f"""
            SELECT v.key, p.article, v.vector FROM {self._vectors} v JOIN passages p ON p.key = v.key
            WHERE v.key > ? ORDER BY v.key LIMIT ?"""  # noqa: S608 - our own table
        after = 0
        while found := self._truth.all(sql, (after, CHUNK)):
            yield self._rows(found)
            after = found[-1][0]

    def arrivals(self, since: int) -> Iterator[VectorRows]:
        """The vectors that came after generation `since` (at least the card's `pruned`), in chunks: each by key, but
        a later one may hold lower keys, for passages may get their vectors in any order."""
        sql = f"""
            SELECT v.key, p.article, v.vector FROM passages p JOIN {self._vectors} v ON v.key = p.key
            WHERE p.key IN (?) ORDER BY v.key"""  # noqa: S608 - our own table
        keys = "SELECT group_concat(key) FROM arrivals WHERE pipeline = ? AND generation > ?"
        came = self._keys(keys, (self.card.pipeline, since)).tolist()
        for at in range(0, len(came), CHUNK):
            found = list(self._truth.among(sql, came[at : at + CHUNK]))
            if found:
                yield self._rows(found)

    def _rows(self, found: Sequence[Row]) -> VectorRows:
        keys, articles, blobs = zip(*found, strict=True)
        chunk = rows.vectors(blobs, self.dimensions)
        return VectorRows(np.array(keys, np.int64), np.array(articles, np.int64), chunk)

    def passage_keys(self) -> Keys:
        """The keys of all passages, ascending."""
        return self._keys("SELECT group_concat(key) FROM passages")

    def fresh_articles(self, since: int) -> Iterator[FreshArticle]:
        """The articles stored after generation `since`, by key."""
        # The plus keeps SQLite from going through all articles by key instead of looking the few up by generation.
        keys = self._truth.all("SELECT key FROM articles WHERE generation > ? ORDER BY +key", [since])
        for (key,) in keys:
            (row,) = self._truth.all(_WHOLE_ARTICLE + "key = ?", [key])
            article = rows.article(row[1:], text=row[0])
            spans = self._truth.all("SELECT key, start, stop FROM passages WHERE article = ? ORDER BY ordinal", [key])
            yield FreshArticle(key, article, [(passage, article.text[start:stop]) for passage, start, stop in spans])


def card(truth: Connection) -> Card:
    """The library's row about itself, as it is now."""
    sql = """
        SELECT l.generation, l.articles, l.passages, l.pruned,
            p.number, p.dimensions, p.fingerprint, p.arrived, p.awaited
        FROM library l JOIN pipelines p ON p.number = l.pipeline"""
    (row,) = truth.all(sql)
    return Card(*row)
