"""How articles and vectors become rows of the truth, and rows become them again. Knows no connection."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from index.articles.article import Article, Break
from index.library.contract import Vectors
from index.library.local.connection import Row

ARTICLE_COLUMNS = "id, title, source, author, published, url, language, tags, metadata, breaks, removed"
"""The columns that `article` reads, in its order; the text is asked for apart."""

CARD_COLUMNS = ARTICLE_COLUMNS.replace("breaks, removed", "'[]', '[]'")
"""The same without what tells of the text: a long article has hundreds of breaks, and a search reads many articles."""


def article(row: Row, text: str = "") -> Article:
    """The article of a row of `ARTICLE_COLUMNS`."""
    article_id, title, source, author, published, url, language, tags, metadata, breaks, removed = row
    return Article(
        id=article_id,
        text=text,
        title=title,
        source=source,
        author=author,
        published=published,
        url=url,
        language=language,
        tags=tuple(_unpacked(tags)),
        breaks=tuple(map(Break._make, _unpacked(breaks))),
        metadata=json.loads(metadata),
        removed=tuple(_unpacked(removed)),
    )


def article_row(article: Article) -> Row:
    """The values of `ARTICLE_COLUMNS` for an article."""
    return (
        article.id,
        article.title,
        article.source,
        article.author,
        article.published,
        article.url,
        article.language,
        _packed(article.tags),
        _packed(dict(article.metadata)),
        _packed(article.breaks),
        _packed(article.removed),
    )


NUMBER_BYTES = 4
"""Of each number of a stored vector."""


def vectors(blobs: Sequence[bytes], dimensions: int) -> Vectors:
    """Stored vectors as one float32 array of shape (len(blobs), dimensions)."""
    return np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(blobs), dimensions).astype(np.float32, copy=False)


def vector_blob(vector: Vectors) -> bytes:
    """A vector as it is stored: little-endian float32."""
    return vector.astype("<f4", copy=False).tobytes()


def _unpacked(text: str) -> list[Any]:
    return json.loads(text) if text != "[]" else []  # as most are, and a search reads hundreds


def _packed(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
