"""HTML files: the whole page is one article. What of the page is the article is told by `clean`."""

from __future__ import annotations

from collections.abc import Iterator

from index.articles.article import Draft
from index.articles.readers.decoding import decode_html
from index.articles.readers.files import Source, whole


def read_html(source: Source) -> Iterator[Draft]:
    """The page as a draft."""
    yield Draft(source.origin, decode_html(whole(source), source.origin), markup="html")
