"""Facets of the truth: how many articles have which outlet, language, tag, author or month.

Counts labels, which stand in an index of their own, so that no article's row is read but for the spelling of the
values that are shown. Which articles are counted is told by their keys; what filters mean is none of its business.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from index.library.contract import Facet, FacetField
from index.library.labels import caseless
from index.library.local.reading import Keys, Reading

Counted = tuple[str, int, int]
"""A caseless value, how many articles have it, and the key of one of these."""

COUNTS_KEPT = 64

_EVERY = "SELECT value, count(*), min(article) FROM labels WHERE kind = ?"
_AMONG = """
    SELECT l.value, count(*), min(l.article) FROM json_each(?) one CROSS JOIN labels l ON l.article = one.value
    WHERE l.kind = ?"""
_BEST = " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?"


class Counting:
    """Counts in one reading of the truth."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def facets(self, field: FacetField, articles: Keys | None, limit: int) -> list[Facet]:
        """See `Snapshot.facets`; of these articles only, None for all."""
        if field == "month":
            return self._months(articles)[: max(limit, 0)]
        if articles is None:
            counted = self._reading.query(_EVERY + _BEST, (field, max(limit, 0)))
        else:
            counted = self._reading.query(_AMONG + _BEST, (json.dumps(articles.tolist()), field, max(limit, 0)))
        return self._spelt(field, counted)

    def holding(self, passages: Keys | None, but: Keys | None) -> Keys | None:
        """The articles, ascending, that have one of these passages (None: any) that is none of the others (None: no
        passage); None where neither is given."""
        if passages is None and but is None:
            return None
        if passages is None:
            others = np.empty(0, np.int64) if but is None else but
            return self._owners("key NOT IN (SELECT value FROM json_each(?))", others)
        left = passages if but is None else np.setdiff1d(passages, but, assume_unique=True)
        return self._owners("key IN (SELECT value FROM json_each(?))", left)

    def _owners(self, condition: str, passages: Keys) -> Keys:
        sql = f"SELECT group_concat(DISTINCT article) FROM passages WHERE {condition}"  # noqa: S608 - our own conditions
        ((joined,),) = self._reading.query(sql, [json.dumps(passages.tolist())])
        return np.unique(_numbers(joined))

    def _months(self, articles: Keys | None) -> list[Facet]:
        sql = "SELECT group_concat(key), group_concat(instant) FROM articles WHERE instant NOT NULL"
        ((keys, instants),) = self._reading.query(sql)
        moments = _numbers(instants)
        if articles is not None:
            moments = moments[np.isin(_numbers(keys), articles, assume_unique=True)]
        months, counts = np.unique(moments.astype("datetime64[us]").astype("datetime64[M]"), return_counts=True)
        return [Facet(str(month), int(count)) for month, count in zip(months[::-1], counts[::-1], strict=True)]

    def _spelt(self, field: str, counted: Sequence[Counted]) -> list[Facet]:
        """The values as the articles write them, for which only one article each is read."""
        column = "tags" if field == "tag" else field
        sql = f"SELECT key, {column} FROM articles WHERE key IN (SELECT value FROM json_each(?))"  # noqa: S608 - our own columns
        keys = [article for _, _, article in counted]
        written: dict[int, str] = dict(self._reading.query(sql, [json.dumps(keys)]))
        return [
            Facet(next(one for one in _values(field, written[article]) if caseless(one) == value), number)
            for value, number, article in counted
        ]


class Counts:
    """The facets of one generation, those asked for last remembered: 100,000 articles take some 50 ms a field, and a
    page of results asks for the same ones again and again. Several threads may use it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, list[Facet]] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, asked: Hashable, count: Callable[[], list[Facet]]) -> list[Facet]:
        """What was counted for this, counted now if it was not."""
        with self._turn:
            found = self._kept.pop(asked, None)
        found = count() if found is None else found
        with self._turn:
            self._kept[asked] = found
            while len(self._kept) > COUNTS_KEPT:
                self._kept.popitem(last=False)
        return found


def common(one: Keys | None, other: Keys | None) -> Keys | None:
    """What both hold, None being everything."""
    if one is None or other is None:
        return other if one is None else one
    return np.intersect1d(one, other, assume_unique=True)


def _values(field: str, written: str) -> Iterator[str]:
    """The values in a column, as `labels_of` takes them apart."""
    if field == "tag":
        yield from json.loads(written)
    elif field == "author":
        yield from (name.strip() for name in written.split(";"))
    else:
        yield written


def _numbers(joined: str | None) -> npt.NDArray[np.int64]:
    return np.fromstring(joined or "", np.int64, sep=",")
