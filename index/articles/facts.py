"""What a page says of itself in JSON-LD, meta tags, links and its main heading, and where it says so.

A value is taken from the first place that has a usable one. Knows elements only, nothing of what an article is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from index.articles import dates
from index.articles.bylines import people
from index.articles.characters import fold_space
from index.articles.fact import Fact

LIKENESS = 0.6
DEEPEST = 20
EARLIEST_YEAR = "1900"

_ARTICLE = re.compile(r"Article|BlogPosting|Report|Review|LiveBlog")
_WORD = re.compile(r"\w+")
_SITE = re.compile(r"\s+(?:[|»]|[–-](?= \S+(?: \S+){0,3}$))\s+[^|–»]{2,60}$")
_PAGE = re.compile(r"\s*https?://[^/\s\[\]]+/[^\s]")
_PUBLISHED = (
    "article:published_time",
    "datepublished",
    "article.published",
    "parsely-pub-date",
    "pubdate",
    "pub_date",
    "dc.date",
    "date",
)
_MODIFIED = ("article:modified_time", "datemodified", "article.updated", "og:updated_time", "dateupdated")
_AUTHORS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl")
_TAGS = ("news_keywords", "article:tag", "keywords", "parsely-tags", "sailthru.tags")
_SITES = ("application-name",)
_LOCALES = ("og:locale", "content-language", "language")
_BYLINES = etree.XPath(
    "//body//*[@rel='author' or @itemprop='author' or contains(@class,'byline') or contains(@class,'author')]"
)
_WORKS = etree.XPath("//script[@type='application/ld+json']")


def page_facts(root: etree._Element) -> dict[str, Fact]:
    """What a page says, by field; fields of which it says nothing that can be used are left out.

    The fields are ``title`` (a main heading that says what the page's data say goes before them), ``author`` (several
    parted by ``"; "``), ``published`` and ``modified`` (ISO 8601), ``source``, ``url``, ``language``, ``tags`` (parted
    by commas), ``sections`` (parted by ``"; "``), ``description`` and ``image``.
    """
    work = next(_works(root), {})
    meta = _meta(root)
    address = _address(root, meta)
    found = {
        "title": _title(root, work, meta),
        "author": _author(work) or _several(_first(meta, _AUTHORS, _is_author)) or _signed(root),
        "published": _date(work, "datePublished", meta, _PUBLISHED) or _timed(root),
        "modified": _date(work, "dateModified", meta, _MODIFIED),
        "source": _first(meta, ("og:site_name",)) or _publisher(work) or _first(meta, _SITES) or _host(address),
        "url": address,
        "language": _language(root, meta),
        "tags": _first(meta, _TAGS) or _listed(work.get("keywords"), ","),
        "sections": _first(meta, ("article:section",)) or _listed(work.get("articleSection"), "; "),
        "description": _first(meta, ("og:description", "description")),
        "image": _first(meta, ("og:image",)),
    }
    return {name: fact for name, fact in found.items() if fact}


def _works(root: etree._Element) -> Iterator[dict[str, Any]]:
    """The articles among the page's JSON-LD; what is no JSON says nothing."""
    for script in _WORKS(root):
        try:
            found = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        yield from (thing for thing in _things(found) if _ARTICLE.search(str(thing.get("@type"))))


def _things(value: object, deepest: int = DEEPEST) -> Iterator[dict[str, Any]]:
    if isinstance(value, list) and deepest:
        for part in value:
            yield from _things(part, deepest - 1)
    elif isinstance(value, dict):
        yield value
        yield from _things(value.get("@graph"), deepest - 1) if deepest else ()


def _meta(root: etree._Element) -> dict[str, str]:
    """The meta tags by name in lower case; the first of several goes, but of tags all."""
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = next(filter(None, map(element.get, ("property", "name", "itemprop", "http-equiv"))), None)
        if name and (content := fold_space(element.get("content") or "")):
            key = name.lower()
            found[key] = f"{found[key]},{content}" if key in found and key in _TAGS else found.get(key, content)
    return found


def _title(root: etree._Element, work: dict[str, Any], meta: dict[str, str]) -> Fact | None:
    said = [Fact(meta[name], f"meta {name}") for name in ("og:title", "twitter:title") if name in meta]
    if isinstance(headline := work.get("headline"), str) and fold_space(headline):
        said.insert(0, Fact(fold_space(headline), "json-ld"))
    if name := fold_space(root.findtext(".//title") or ""):
        said.append(Fact(name, "title"))
    shown = (fold_space("".join(heading.itertext())) for heading in root.iter("h1"))
    likeness = ((_likeness(heading, [fact.value for fact in said]), heading) for heading in shown if heading)
    best = max(likeness, default=(0.0, ""), key=lambda found: found[0])
    if best[0] >= LIKENESS:
        return Fact(best[1], "h1")
    return said[0]._replace(value=_SITE.sub("", said[0].value)) if said else None


def _likeness(heading: str, titles: Iterable[str]) -> float:
    """The largest share of words that a heading has in common with a title, of the words in either."""
    words = set(_WORD.findall(heading.casefold()))
    others = [set(_WORD.findall(form.casefold())) for title in titles for form in (title, _SITE.sub("", title))]
    return max((len(words & other) / len(words | other) for other in others if words | other), default=0.0)


def _author(work: dict[str, Any]) -> Fact | None:
    given = work.get("author")
    people = given if isinstance(given, list) else [given]
    names = [person.get("name") if isinstance(person, dict) else person for person in people]
    distinct = dict.fromkeys(fold_space(name) for name in names if isinstance(name, str) and "://" not in name)
    named = "; ".join(name for name in distinct if name)
    return Fact(named, "json-ld") if named else None


def _signed(root: etree._Element) -> Fact | None:
    """The first element that is marked as the author's and names people, and nothing else."""
    texts = (fold_space(" ".join(element.itertext())) for element in _BYLINES(root))
    return next((Fact(names, "byline") for text in texts if len(text) < 120 and (names := people(text))), None)


def _publisher(work: dict[str, Any]) -> Fact | None:
    given = work.get("publisher")
    name = given.get("name") if isinstance(given, dict) else given
    return Fact(fold_space(name), "json-ld") if isinstance(name, str) and fold_space(name) else None


def _listed(given: object, separator: str) -> Fact | None:
    """A text, or the texts of a list, as one text."""
    parts = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    joined = separator.join(part for value in parts if isinstance(value, str) and (part := fold_space(value)))
    return Fact(joined, "json-ld") if joined else None


def _first(meta: dict[str, str], names: Iterable[str], usable: Callable[[str], bool] = bool) -> Fact | None:
    """The first of these meta tags that has a usable value."""
    return next((Fact(meta[name], f"meta {name}") for name in names if usable(meta.get(name, ""))), None)


def _several(author: Fact | None) -> Fact | None:
    """An author's name, and several names in one text parted as everywhere."""
    return author._replace(value=people(author.value) or author.value) if author else None


def _is_author(value: str) -> bool:
    """Whether a value names people: an address or a single word, as accounts have, does not."""
    return " " in value and "://" not in value


def _address(root: etree._Element, meta: dict[str, str]) -> Fact | None:
    """The article's own address. One that names a whole site is nobody's."""
    canonical = next((link.get("href") for link in root.iter("link") if link.get("rel") == "canonical"), None)
    base = next((element.get("href") for element in root.iter("base") if element.get("href")), None)
    if base and canonical:
        canonical = _joined(base, canonical)
    told = [Fact(canonical or "", "link canonical"), Fact(meta.get("og:url", ""), "meta og:url")]
    return next((fact for fact in told if _PAGE.match(fact.value)), None)


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:  # such as a broken IPv6 address
        return address


def _host(address: Fact | None) -> Fact | None:
    """The site's name of last resort."""
    host = (urlsplit(address.value).hostname or "") if address else ""
    return Fact(host.removeprefix("www."), address.place) if address and host else None


def _language(root: etree._Element, meta: dict[str, str]) -> Fact | None:
    stated = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")
    return Fact(stated, "html lang") if stated else _first(meta, _LOCALES)


def _date(work: dict[str, Any], key: str, meta: dict[str, str], names: Iterable[str]) -> Fact | None:
    places = [(str(work.get(key) or ""), "json-ld"), *((meta.get(name, ""), f"meta {name}") for name in names)]
    return next((Fact(value, place) for given, place in places if (value := _usable(given))), None)


def _timed(root: etree._Element) -> Fact | None:
    """The day or time of the page's time elements, if all of them are of one day."""
    times = [value for element in root.iter("time") if (value := _usable(element.get("datetime") or ""))]
    return Fact(times[0], "time") if len({value[:10] for value in times}) == 1 else None


def _usable(given: str) -> str | None:
    found = dates.usable(given)
    return found if found and found >= EARLIEST_YEAR else None
