"""XML, read so that nothing in it can fetch, expand or swell. Knows no format written in it."""

from __future__ import annotations

from lxml import etree

from index.errors import Unreadable


def parsed(data: bytes, origin: str) -> etree._Element:
    """The root of an XML file, as far as it can be read.

    Raises:
        Unreadable: nothing of it can be.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"it is not XML: {error}", origin=origin) from None
    if root is None:
        raise Unreadable("it is not XML", origin=origin)
    return root


def name(element: etree._Element) -> str:
    """An element's name without its namespace; empty for what is no element."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
