"""The Passage: a stretch of an article, exact to the character. Made only by `index.articles.cut`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one article, with ``text == article.text[start:end]``.

    Offsets are Unicode code points, end exclusive; white space is kept as it stands in the article.
    `ordinal` counts the passages of the article from 0, in the order of the text.
    """

    article_id: str
    ordinal: int
    start: int
    end: int
    text: str

    @property
    def id(self) -> str:
        """``article_id#ordinal``, unique in a library."""
        return f"{self.article_id}#{self.ordinal}"
