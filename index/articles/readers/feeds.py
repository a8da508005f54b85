"""RSS and Atom feeds: each entry is an article, with its whole text where the feed has it, else its summary."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from index.articles import dates
from index.articles.article import Draft, Json
from index.articles.characters import fold_space
from index.articles.readers.files import Source, whole
from index.articles.readers.sitemaps import ROOTS, refuse_sitemap
from index.articles.readers.xml import name, parsed
from index.errors import Unreadable

_WHOLE = ("encoded", "content")
_SUMMARY = ("description", "summary")
_PUBLISHED = ("pubdate", "published", "date", "issued", "updated")
_ENTRIES = frozenset(("item", "entry"))


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
    title, language = _outlet(root)
    entries = (element for element in root.iter() if name(element) in _ENTRIES)
    for number, entry in enumerate(entries, 1):
        yield _entry(entry, source.origin, number, title, language)


def _outlet(root: etree._Element) -> tuple[str | None, str | None]:
    """The feed's own title and language."""
    channel = next((child for child in root if name(child) == "channel"), root)
    values = _values(channel)
    return values.get("title"), values.get("language") or root.get("{http://www.w3.org/XML/1998/namespace}lang")


def _entry(
    entry: etree._Element, origin: str, number: int, outlet: str | None, language: str | None
) -> Draft | Unreadable:
    values = _values(entry)
    content, summary = _first(values, _WHOLE), _first(values, _SUMMARY)
    if not (content or summary):
        without_text = Unreadable("the entry has no text", origin=origin, record=number)
        without_text.detail["url"] = _link(entry, values)
        return without_text
    published, unusable = _date(_first(values, _PUBLISHED))
    metadata: dict[str, Json] = {"feed_date": unusable} if unusable else {}
    modified, _ = _date(values.get("updated"))
    if modified and modified != published:
        metadata["modified"] = modified
    if not content:
        metadata["summary_only"] = True
    return Draft(
        f"{origin}#{number}",
        content or summary or "",
        markup="html",
        title=values.get("title"),
        source=outlet,
        author="; ".join(_authors(entry)) or None,
        published=published,
        url=_link(entry, values),
        language=language,
        tags=tuple(filter(None, (child.get("term") or child.text for child in entry if name(child) == "category"))),
        metadata=metadata,
        place="feed",
    )


def _values(element: etree._Element) -> dict[str, str]:
    """The texts of an element's children by name; the first of several goes. XHTML is kept as it is written."""
    found: dict[str, str] = {}
    for child in element:
        marked = child.get("type") == "xhtml"
        text = etree.tostring(child, encoding="unicode", with_tail=False) if marked else "".join(child.itertext())
        if text.strip():
            found.setdefault(name(child), text.strip())
    return found


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
                yield text


def _link(entry: etree._Element, values: dict[str, str]) -> str | None:
    """The address of the article itself: RSS's link, or Atom's that is no other relation."""
    links = (child.get("href") for child in entry if name(child) == "link" and child.get("rel") in {None, "alternate"})
    guid = values.get("guid", "")
    return next(filter(None, links), None) or values.get("link") or (guid if guid.startswith("http") else None)
