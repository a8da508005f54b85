"""RSS and Atom feeds: each entry is an article, with its whole text where the feed has it, else its summary."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urljoin

from lxml import etree

from index.articles import dates
from index.articles.article import Draft, Json, Markup
from index.articles.characters import fold_space
from index.articles.readers.files import Source, whole
from index.articles.readers.sitemaps import ROOTS, refuse_sitemap
from index.articles.readers.xml import name, parsed, space
from index.errors import Unreadable

_WHOLE = ("encoded", "content")
_SUMMARY = ("description", "summary")
_PUBLISHED = ("pubdate", "published", "date", "issued", "updated")
_ENTRIES = frozenset(("item", "entry"))
_ATOM = frozenset(("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"))
_OTHERS = frozenset(("http://search.yahoo.com/mrss/", "http://www.itunes.com/dtds/podcast-1.0.dtd"))
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_MAILBOX = re.compile(r"\S+@\S+ \((?P<name>[^()]+)\)")


class _Outlet(NamedTuple):
    """What a feed says of all of its entries."""

    title: str | None
    language: str | None
    link: str | None
    author: str


def read_feed(source: Source) -> Iterator[Draft | Unreadable]:
    """The entries of a feed in its order.

    Raises:
        Unreadable: it is no XML, or no feed.
    """
    root = parsed(whole(source), source.origin)
    if name(root) in ROOTS:
        refuse_sitemap(source)
    if name(root) not in {"rss", "rdf", "feed"}:
        raise Unreadable(f"it is XML, but no feed: its root is <{name(root)}>", origin=source.origin)
    outlet = _outlet(root)
    entries = (element for element in root.iter() if name(element) in _ENTRIES)
    for number, entry in enumerate(entries, 1):
        yield _entry(entry, source.origin, number, outlet)


def _outlet(root: etree._Element) -> _Outlet:
    """What the feed says of itself."""
    channel = next((child for child in root if name(child) == "channel"), root)
    values = _values(channel)
    language = values.get("language") or root.get("{http://www.w3.org/XML/1998/namespace}lang")
    return _Outlet(_line(channel, "title"), language, _link(channel, values), "; ".join(_authors(channel)))


def _entry(entry: etree._Element, origin: str, number: int, outlet: _Outlet) -> Draft | Unreadable:
    values = _values(entry)
    content = next((child for key in _WHOLE for child in _named(entry, key) if _is_text(child)), None)
    body = content if content is not None else next((c for key in _SUMMARY for c in _named(entry, key)), None)
    link = _link(entry, values, outlet.link)
    if body is None:
        without_text = Unreadable("the entry has no text", origin=origin, record=number)
        without_text.detail["url"] = link
        return without_text
    published, unusable = _date(_first(values, _PUBLISHED))
    metadata: dict[str, Json] = {"feed_date": unusable} if unusable else {}
    modified, _ = _date(values.get("updated"))
    if modified and modified != published:
        metadata["modified"] = modified
    if content is None:
        metadata["summary_only"] = True
    return Draft(
        f"{origin}#{number}",
        _text(body),
        markup=_markup(body),
        title=_line(entry, "title"),
        source=outlet.title,
        author="; ".join(dict.fromkeys(_authors(entry))) or outlet.author or None,
        published=published,
        url=link,
        language=outlet.language,
        tags=tuple(filter(None, (child.get("term") or child.text for child in entry if name(child) == "category"))),
        metadata=metadata,
        place="feed",
    )


def _named(element: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """The children of a name that say something, of the feed's own words: what describes a picture or a podcast has
    the same names in another space."""
    for child in element:
        if name(child) == wanted and space(child) not in _OTHERS and _text(child):
            yield child


def _values(element: etree._Element) -> dict[str, str]:
    """The texts of an element's children by name; the first of several goes."""
    children = (next(_named(element, key), None) for key in dict.fromkeys(map(name, element)) if key)
    return {name(child): _text(child) for child in children if child is not None}


def _text(child: etree._Element) -> str:
    """What stands in an element. XHTML is kept as it is written."""
    if child.get("type") == "xhtml":
        return str(etree.tostring(child, encoding="unicode", with_tail=False)).strip()
    return "".join(child.itertext()).strip()


def _is_text(content: etree._Element) -> bool:
    """Whether an Atom content is text: it may be a picture, too."""
    kind = content.get("type", "html")
    return kind in {"text", "html", "xhtml"} or kind.startswith("text/")


def _markup(body: etree._Element) -> Markup:
    """How a text is marked up: in Atom as plain text unless it says otherwise, in RSS as HTML."""
    stated = body.get("type", "text") if space(body) in _ATOM else "html"
    return "text" if stated in {"text", "text/plain"} else "html"


def _line(element: etree._Element, wanted: str) -> str | None:
    """A title as it reads: with its characters for entities and without tags, where it may have them."""
    child = next(_named(element, wanted), None)
    if child is None:
        return None
    if child.get("type") == "xhtml":
        return fold_space("".join(child.itertext()))
    text = _text(child)
    return text if _markup(child) == "text" else fold_space(html.unescape(_TAG.sub("", text)))


def _first(values: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((values[key] for key in names if key in values), None)


def _date(written: str | None) -> tuple[str | None, str | None]:
    """A date as ISO 8601, or the date as it was written where it is none."""
    try:
        return (dates.iso(written), None) if written else (None, None)
    except ValueError:
        return None, written


def _authors(entry: etree._Element) -> Iterator[str]:
    for child in entry:
        if name(child) in {"creator", "author"}:
            named = next((part for part in child if name(part) == "name"), child)
            if text := fold_space("".join(named.itertext())):
                mailbox = _MAILBOX.fullmatch(text)  # as RSS has it
                yield mailbox["name"] if mailbox else text


def _link(entry: etree._Element, values: dict[str, str], outlet: str | None = None) -> str | None:
    """The address of the article itself: RSS's link, or Atom's that is no other relation, made whole."""
    links = [child for child in entry if name(child) == "link" and child.get("rel") in {None, "alternate"}]
    guid = values.get("guid", "")
    found = next(filter(None, (child.get("href") for child in links)), None) or values.get("link")
    base = next((child.base for child in links if child.base), None) or outlet or ""
    try:
        return urljoin(base, found) if found else guid if guid.startswith("http") else None
    except ValueError:  # such as a broken IPv6 address
        return found
