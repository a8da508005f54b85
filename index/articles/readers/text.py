"""Plain text files: the whole file is one article."""

from __future__ import annotations

from collections.abc import Iterator

from index.articles.article import Draft
from index.articles.readers.decoding import decode
from index.articles.readers.files import Source, whole


def read_text(source: Source) -> Iterator[Draft]:
    """The file as a draft. Its headline, where it has one, is found by `clean`."""
    yield Draft(source.origin, decode(whole(source), source.origin))
