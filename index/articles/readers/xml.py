"""XML, read so that nothing in it can fetch, expand or swell. Knows no format written in it."""

from __future__ import annotations

import re
from html.entities import html5

from lxml import etree

from index.errors import Unreadable

_SAFELY = {"resolve_entities": False, "no_network": True, "load_dtd": False, "remove_pis": True}
_AMPERSAND = re.compile(
    rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)(?:(\w{2,32};))?", re.DOTALL
)


def parsed(data: bytes, origin: str) -> etree._Element:
    """The root of an XML file, as far as it can be read. HTML's names for characters, and ampersands that stand for
    themselves, are read as they are meant: libxml2 would go on from there without the next tags.

    Raises:
        Unreadable: nothing of it can be.
    """
    try:
        return etree.fromstring(data, etree.XMLParser(**_SAFELY))
    except (etree.XMLSyntaxError, ValueError):
        pass  # not well-formed: below, as much of it as can be
    try:
        root = etree.fromstring(_AMPERSAND.sub(_character, data), etree.XMLParser(recover=True, **_SAFELY))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"it is not XML: {error}", origin=origin) from None
    if root is None:
        raise Unreadable("it is not XML", origin=origin)
    return root


def _character(found: re.Match[bytes]) -> bytes:
    """A character in XML's own way; comments and what is marked as text stay as they are."""
    if not found.group().startswith(b"&"):
        return found.group()
    named = html5.get((found[1] or b"").decode("ascii", "replace"))
    return "".join(f"&#{ord(char)};" for char in named).encode() if named else b"&amp;" + (found[1] or b"")


def name(element: etree._Element) -> str:
    """An element's name without its namespace; empty for what is no element."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def space(element: etree._Element) -> str:
    """An element's namespace; empty without one, also where its prefix stands for none."""
    tag = str(element.tag)
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""
