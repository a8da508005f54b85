"""What is refused before anything is written: entries and vectors that contradict themselves or each other."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from index.articles.article import Article
from index.library.contract import Entry, Filled, Vectors
from index.library.labels import instant_of

UNIT_TOLERANCE = 1e-3


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
        seen.add(article.id)


def checked_vectors(vectors: Sequence[Filled]) -> None:
    """Refuse vectors that are none, before anything is written; raises ValueError naming the passage's key."""
    for one in vectors:
        if one.vector.dtype != np.float32 or one.vector.ndim != 1 or not _are_unit(one.vector[None]):
            raise ValueError(f"passage {one.key}: its vector is not a float32 one of unit length")


def _fault(entry: Entry) -> str | None:
    """What is wrong with an entry, or None."""
    count = len(entry.passages)
    if len(entry.digests) != count:
        return f"has {count} passages, but {len(entry.digests)} digests"
    return _vectors_fault(entry.vectors, count) or _passage_fault(entry) or _article_fault(entry.article)


def _vectors_fault(vectors: Vectors | None, count: int) -> str | None:
    if vectors is None:
        return None
    if vectors.dtype != np.float32 or vectors.ndim != 2 or len(vectors) != count:
        return f"has {count} passages, but vectors that are {vectors.dtype} of shape {vectors.shape}"
    return None if _are_unit(vectors) else "has a vector that is not of unit length"


def _are_unit(vectors: Vectors) -> bool:
    lengths = np.linalg.norm(vectors, axis=1)
    return bool(np.all(np.abs(lengths - 1) < UNIT_TOLERANCE))  # so that NaN is refused too


def _passage_fault(entry: Entry) -> str | None:
    article = entry.article
    for ordinal, passage in enumerate(entry.passages):
        if passage.article_id != article.id or passage.ordinal != ordinal:
            return f"has {passage.id!r} where its passage {ordinal} should stand"
        if not 0 <= passage.start <= passage.end or article.text[passage.start : passage.end] != passage.text:
            return f"does not say the text of passage {ordinal} at {passage.start}..{passage.end}"
    return None


def _article_fault(article: Article) -> str | None:
    """NUL and lone surrogates cannot be stored and found again exactly."""
    try:
        instant_of(article)
    except ValueError:
        return f"was published {article.published!r}, which is not an ISO 8601 date"
    texts = (article.id, article.title, article.source, article.author, article.url, article.language, article.text)
    rest = json.dumps([dict(article.metadata), article.breaks, article.removed], ensure_ascii=False)
    written = "".join([*filter(None, texts), *article.tags, rest])
    if "\0" in written:
        return "holds a NUL character, which is not text"
    try:
        written.encode()
    except UnicodeEncodeError:
        return "holds half a surrogate pair, which is not text"
    return None
