"""HTML pages: their article as blocks, and what they say of themselves.

Tells the article from menus, adverts and comments with trafilatura, and fetches nothing. What a notice is, and what an
article must have, is decided elsewhere.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import trafilatura
from htmldate import find_date
from lxml.html import HtmlElement

from index.articles.blocks import Block
from index.articles.embedded import embedded_blocks
from index.articles.fact import Fact
from index.articles.facts import page_facts
from index.articles.markup import deep_tree, html_blocks, page_tree, shown_blocks, tree_blocks
from index.articles.pruning import prune
from index.articles.restoring import parted, with_headings

# What the libraries cannot use is reported by Pincite itself, with the page's name.
for _noisy in ("trafilatura", "htmldate", "courlan", "readability_lxml"):
    logging.getLogger(_noisy).setLevel(logging.CRITICAL + 1)

SHORT_CHARACTERS = 250
HEAD_CHARACTERS = 4096
INVENTED_DAY = "-01"
"""What htmldate makes of a year or month that stands alone: "the storm of 1998" would be 1 January 1998."""

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
    if _size(blocks) < SHORT_CHARACTERS:
        return Page(_scarce(html) or blocks, facts)
    if len(blocks) == 1:
        ways = (shown_blocks(root), embedded_blocks(root))
        return Page(parted(blocks[0].text, ways) or blocks, facts, tuple(removed))
    return Page(with_headings(blocks, root), facts, tuple(removed))


def _scarce(html: str) -> list[Block]:
    """The article of a page of which too little was taken to tell it from what is around it: all that is shown, unless
    the page holds far more in its data."""
    shown = html_blocks(html)
    root = page_tree(html)
    embedded = embedded_blocks(root) if root is not None else []
    return embedded if _size(embedded) > 2 * _size(shown) else shown


def _size(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks)


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
        facts |= {"published": Fact(day, ANYWHERE)} if day and not day.endswith(INVENTED_DAY) else {}
    return facts
