"""HTML pages: their article as blocks, and what they say of themselves.

Tells the article from menus, adverts and comments with trafilatura, and fetches nothing. What a notice is, and what an
article must have, is decided elsewhere.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import trafilatura

from index.articles.article import Json
from index.articles.blocks import Block
from index.articles.facts import Fact, Facts, page_facts
from index.articles.markup import html_blocks, page_tree, tree_blocks
from index.articles.pruning import prune

# What the libraries cannot use is reported by Pincite itself, with the page's name.
for _noisy in ("trafilatura", "htmldate", "courlan", "readability_lxml"):
    logging.getLogger(_noisy).setLevel(logging.CRITICAL + 1)

SHORT_CHARACTERS = 250
HEAD_CHARACTERS = 4096
NOTHING = Facts(None, None, None, None)

_LANGUAGE = re.compile(r"<html\b[^>]*?\blang\s*=\s*[\"']?([A-Za-z0-9_-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """The article on a page, and what the page says of it; None and empty where it says nothing.

    `published` is an ISO 8601 date, or a time where the page states its zone; everything else is as it was found.
    `metadata["provenance"]` says where each field stood: ``json-ld``, ``h1``, ``meta ...``, or ``page`` for anywhere
    else on it; `metadata["modified"]` is the date of the last change. `removed` are the links to other stories that
    stood among the paragraphs.
    """

    blocks: list[Block]
    title: str | None = None
    source: str | None = None
    author: str | None = None
    published: str | None = None
    url: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    metadata: dict[str, Json] = field(default_factory=dict)
    removed: tuple[str, ...] = ()


def read_page(html: str) -> Page:
    """The article on a page and what the page says of itself.

    Args:
        html: a whole page or a fragment, without NUL characters or halves of surrogate pairs.

    Returns:
        A page; without blocks when there is no text.
    """
    root = page_tree(html)
    if root is None:  # where it stops, trafilatura stops too
        return _page(html_blocks(html), NOTHING, trafilatura.extract_metadata(html), html)
    facts = page_facts(root)
    others = trafilatura.extract_metadata(root, extensive=facts.published is None)
    removed = prune(root)
    found: Any = trafilatura.bare_extraction(root, include_comments=False, with_metadata=False, fast=True)
    blocks = tree_blocks(found.body) if found is not None else []
    if sum(len(block.text) for block in blocks) < SHORT_CHARACTERS:
        # Too little to tell an article from what is around it: all that is shown is the article.
        return _page(html_blocks(html) or blocks, facts, others, html)
    return _page(blocks, facts, others, html, removed)


def _page(blocks: list[Block], facts: Facts, others: Any, html: str, removed: Sequence[str] = ()) -> Page:
    language = _LANGUAGE.search(html, 0, HEAD_CHARACTERS)
    told = {
        "title": facts.title or _told(others.title),
        "source": _told(others.sitename),
        "author": facts.author or _told(others.author),
        "published": facts.published or _told(others.date),
        "url": _told(others.url),
        "language": Fact(language.group(1), "html lang") if language else None,
    }
    places: dict[str, Json] = {name: fact.place for name, fact in told.items() if fact}
    extra: dict[str, Json] = {"description": others.description, "image": others.image}
    extra["sections"] = list(others.categories or ())
    if facts.modified:
        extra["modified"], places["modified"] = facts.modified
    extra["provenance"] = places
    return Page(
        blocks,
        tags=tuple(tag for given in others.tags or () for tag in given.split(",")),
        metadata={key: value for key, value in extra.items() if value},
        removed=tuple(removed),
        **{name: fact and fact.value for name, fact in told.items()},
    )


def _told(value: str | None) -> Fact | None:
    """What trafilatura found, wherever that was on the page."""
    return Fact(value, "page") if value else None
