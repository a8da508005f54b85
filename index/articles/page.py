"""HTML pages: their article as blocks, and what they say of themselves.

Tells the article from menus, adverts and comments with trafilatura, and fetches nothing. What a notice is, and what an
article must have, is decided elsewhere.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import trafilatura
from htmldate import find_date
from lxml.html import HtmlElement

from index.articles.blocks import Block
from index.articles.fact import Fact
from index.articles.facts import page_facts
from index.articles.markup import deep_tree, html_blocks, page_tree, shown_blocks, tree_blocks
from index.articles.pruning import prune

# What the libraries cannot use is reported by Pincite itself, with the page's name.
for _noisy in ("trafilatura", "htmldate", "courlan", "readability_lxml"):
    logging.getLogger(_noisy).setLevel(logging.CRITICAL + 1)

SHORT_CHARACTERS = 250
HEAD_CHARACTERS = 4096
ANYWHERE = "page"
"""The place of what was found by looking over a whole page, so that it is a guess."""

_WHOLE = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """The article on a page, and what the page says of it, by field (see `page_facts`).

    `removed` are the links to other stories that stood among the paragraphs.
    """

    blocks: list[Block]
    facts: Mapping[str, Fact] = field(default_factory=dict)
    removed: tuple[str, ...] = ()


def read_page(html: str) -> Page:
    """The article on a page and what the page says of itself.

    Args:
        html: a whole page or a fragment, without NUL characters or halves of surrogate pairs.

    Returns:
        A page; without blocks when there is no text.

    Raises:
        ValueError: as in `html_blocks`.
    """
    root = page_tree(html)
    if root is None:  # where libxml2 stops, trafilatura stops too
        return _shown_page(html)
    if not _WHOLE.search(html, 0, HEAD_CHARACTERS):  # as feeds and records have it: nothing but the article
        removed = prune(root)
        return Page(shown_blocks(root), page_facts(root), tuple(removed))
    facts = _facts(root)
    removed = prune(root, facts["url"].value if "url" in facts else None)
    found: Any = trafilatura.bare_extraction(root, include_comments=False, fast=True, output_format="txt")
    blocks = tree_blocks(found.body) if found is not None else []
    if sum(len(block.text) for block in blocks) < SHORT_CHARACTERS:
        # Too little to tell an article from what is around it: all that is shown is the article.
        return Page(html_blocks(html) or blocks, facts)
    return Page(blocks, facts, tuple(removed))


def _shown_page(html: str) -> Page:
    """All that a page shows, also where its elements are nested very deeply."""
    root = deep_tree(html)
    return Page([], {}) if root is None else Page(shown_blocks(root), _facts(root))


def _facts(root: HtmlElement) -> dict[str, Fact]:
    """What the page says, and the day that htmldate finds anywhere on it where it states none."""
    facts = page_facts(root)
    if "published" not in facts:
        url = facts["url"].value if "url" in facts else None
        day = find_date(root, original_date=True, extensive_search=True, url=url)
        facts |= {"published": Fact(day, ANYWHERE)} if day else {}
    return facts
