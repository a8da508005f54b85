"""Articles that a page holds in its data and does not show, because a script was to write them into the page.

They stand in JSON-LD (schema.org's ``articleBody``) or in what frameworks hand to their scripts as JSON
(``__NEXT_DATA__`` and the like). Knows elements only; whether the page shows enough by itself is decided elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lxml import etree

from index.articles.blocks import Block, plain_blocks
from index.articles.characters import tidy, value_fault
from index.articles.markup import html_blocks

SHORTEST = 250
DEEPEST = 60

_DATA = etree.XPath("//script[@type='application/ld+json' or @type='application/json' or @id='__NEXT_DATA__']")
_BODIES = frozenset(("articlebody", "body", "bodyhtml", "bodytext", "content", "contenthtml", "html", "text"))
_MARKUP = re.compile(r"<(?:p|div|br|h[1-6]|ul|ol|blockquote)\b[^<>]*>", re.IGNORECASE)


def embedded_blocks(root: etree._Element) -> list[Block]:
    """The longest text that a page's data call a body or content; none where none has 250 characters.

    Args:
        root: the whole page.
    """
    bodies = [body for script in _DATA(root) for body in _bodies(_parsed(script.text or ""))]
    longest = max(bodies, key=len, default="")
    if len(longest) < SHORTEST or value_fault(longest):
        return []
    return html_blocks(longest) if _MARKUP.search(longest) else plain_blocks(tidy(longest))


def _parsed(text: str) -> object:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _bodies(value: object, deepest: int = DEEPEST) -> Iterator[str]:
    """The texts that stand under such a name, however deep."""
    if isinstance(value, list) and deepest:
        for part in value:
            yield from _bodies(part, deepest - 1)
    elif isinstance(value, dict) and deepest:
        for name, part in value.items():
            if isinstance(part, str) and name.casefold() in _BODIES:
                yield part
            yield from _bodies(part, deepest - 1)
