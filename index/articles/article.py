"""The two nouns at the start of the flow: Draft (what a reader saw) and Article (what the library keeps).

Holds no parsing, cleaning or cutting: readers make drafts, `clean` makes articles, `passage` cuts them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Markup = Literal["text", "markdown", "html"]
BreakKind = Literal["paragraph", "heading", "page"]


class Break(NamedTuple):
    """A place in an article's text where a paragraph, a heading or a page starts.

    `start` is an offset in Unicode code points. A heading's own text is part of the section that it opens.
    """

    start: int
    kind: BreakKind


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader saw in a file, record, feed or page: raw content plus the metadata that was found.

    `origin` is the path relative to what was indexed, or the URL; it names the draft in messages and is the
    article's id of last resort (after `id` and `url`). `place` says where its metadata stood, such as ``record``,
    ``front matter`` or ``feed``; `removed` is what the reader left out that the file shows, such as the lines that run
    along the edges of a document's pages.
    """

    origin: str
    content: str
    markup: Markup = "text"
    id: str | None = None
    title: str | None = None
    source: str | None = None
    author: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Json] = field(default_factory=dict)
    place: str = "record"
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """An article as the library keeps it; made only by `index.articles.clean`.

    Attributes:
        id: the id that was given, else the canonical URL, else the origin.
        text: canonical text. All offsets anywhere in Pincite are Unicode code points into it, end exclusive.
        title, source, author, url: as found, white space folded; `source` is the outlet. Several authors are
            separated by ``"; "``.
        published: ISO 8601 date (``2025-01-13``) or date-time with offset (``2025-01-13T09:30:00+01:00``).
        language: ISO 639-1 code such as ``en``, or None when it could not be told.
        tags: labels without order or duplicates.
        breaks: where paragraphs, headings and pages start, by ascending offset.
        metadata: whatever else was found, JSON-compatible. Its ``provenance`` says of each field where it was found;
            ``modified`` is when the article was last changed, in the form of `published`.
        removed: stretches that cleaning took out of the raw text (notices, share bars), in order.
    """

    id: str
    text: str
    title: str | None = None
    source: str | None = None
    author: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    breaks: tuple[Break, ...] = ()
    metadata: Mapping[str, Json] = field(default_factory=dict)
    removed: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the text in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    @property
    def digest(self) -> str:
        """SHA-256 over text and metadata, in hexadecimal: two articles with one digest need no second indexing."""
        fields = [self.id, self.text, self.title, self.source, self.author, self.published, self.url, self.language]
        rest = [sorted(self.tags), [list(mark) for mark in self.breaks], dict(self.metadata)]
        canonical = json.dumps([fields, rest], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()
