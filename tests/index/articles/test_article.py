"""An article's revision follows its text; its digest follows all that is stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from index.articles.article import Article, Break

ARTICLE = Article(
    "a", "Çok güzel.", title="T", tags=("x", "y"), breaks=(Break(0, "paragraph"),), metadata={"k": [1, None]}
)


def test_the_revision_is_the_start_of_the_hash_of_the_text() -> None:
    assert ARTICLE.revision == "b423fcde59522afe"
    assert replace(ARTICLE, title="Other").revision == ARTICLE.revision
    assert replace(ARTICLE, text="Çok güzel!").revision != ARTICLE.revision


@pytest.mark.parametrize(
    "change",
    [
        {"id": "b"},
        {"text": "Other."},
        {"title": None},
        {"published": "2025-01-13"},
        {"tags": ("x",)},
        {"breaks": (Break(0, "heading"),)},
        {"metadata": {"k": [1]}},
    ],
)
def test_the_digest_tells_every_change(change: dict[str, Any]) -> None:
    assert replace(ARTICLE, **change).digest != ARTICLE.digest


def test_the_digest_does_not_depend_on_the_order_of_tags_or_on_what_was_removed() -> None:
    assert replace(ARTICLE, tags=("y", "x"), removed=("notice",)).digest == ARTICLE.digest
