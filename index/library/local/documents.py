"""What the lexical index is told of each passage: its terms, and what it can be filtered by. Knows no index."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from index.library import analysis
from index.library.labels import Label, instant_of, labels_of
from index.library.local.reading import FreshArticle

Document = dict[str, object]

LONGEST_LABEL = 200


def documents(fresh: FreshArticle) -> Iterator[Document]:
    """One document for each passage of an article, terms joined by spaces."""
    article = fresh.article
    shared: Document = {
        "title": " ".join(analysis.terms(f"{article.title or ''} {article.source or ''}", article.language)),
        "spelt_title": " ".join(analysis.spelt(article.title or "")),
        "label": [label_term(label) for label in sorted(labels_of(article))],
        "article": fresh.key,
    }
    instant = instant_of(article)
    if instant is not None:
        shared["instant"] = instant
    for key, text in fresh.passages:
        terms, spelt = analysis.terms(text, article.language), analysis.spelt(text)
        yield {**shared, "key": key, "body": " ".join(terms), "spelt": " ".join(spelt)}


def label_term(label: Label) -> str:
    """A label as one term; long values by their hash, since an index leaves very long terms out."""
    value = label.value
    if len(value) > LONGEST_LABEL:
        value = sha256(value.encode()).hexdigest()
    return f"{label.kind}:{value}"
