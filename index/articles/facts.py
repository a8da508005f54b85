"""What a page says of itself in JSON-LD, meta tags and its main heading, and where it says so.

Finds title, authors and dates; a value is taken from the first place that has a usable one. Knows elements only,
nothing of an article's text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from lxml import etree

from index.articles import dates
from index.articles.characters import fold_space

LIKENESS = 0.6
DEEPEST = 20
EARLIEST_YEAR = "1900"
DAY_CHARACTERS = len("2025-01-13")

_ARTICLE = re.compile(r"Article|BlogPosting|Report|Review|LiveBlog")
_ZONED = re.compile(r"(?:Z|GMT|UTC|[+-]\d{2}:?\d{2})$")
_DAY = re.compile(r"(\d{4})[-/](\d{2})[-/](\d{2})(?=\D|$)")
_WORD = re.compile(r"\w+")
_SITE = re.compile(r"\s+(?:[|»]|[–-](?= \S+(?: \S+){0,3}$))\s+[^|–»]{2,60}$")
_PUBLISHED = ("article:published_time", "datepublished", "article.published", "parsely-pub-date", "pubdate", "pub_date")
_MODIFIED = ("article:modified_time", "datemodified", "article.updated", "og:updated_time", "dateupdated")
_WORKS = etree.XPath("//script[@type='application/ld+json']")


class Fact(NamedTuple):
    """A value and the place that it was found in, such as ``json-ld`` or ``meta og:title``."""

    value: str
    place: str


class Facts(NamedTuple):
    """What a page says; None where it says nothing that can be used. Dates are ISO 8601, authors are in one string."""

    title: Fact | None
    author: Fact | None
    published: Fact | None
    modified: Fact | None


def page_facts(root: etree._Element) -> Facts:
    """Title, authors and dates of a page. A main heading that says what the page's data say goes before them."""
    work = next(_works(root), {})
    meta = _meta(root)
    return Facts(
        title=_title(root, work, meta),
        author=_author(work),
        published=_date(work, "datePublished", meta, _PUBLISHED),
        modified=_date(work, "dateModified", meta, _MODIFIED),
    )


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
    """The meta tags by name in lower case; the first of several goes."""
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        if name and (content := fold_space(element.get("content") or "")):
            found.setdefault(name.lower(), content)
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


def _date(work: dict[str, Any], key: str, meta: dict[str, str], names: Iterable[str]) -> Fact | None:
    places = [(str(work.get(key) or ""), "json-ld"), *((meta.get(name, ""), f"meta {name}") for name in names)]
    return next((Fact(value, place) for given, place in places if (value := _usable(given))), None)


def _usable(given: str) -> str | None:
    """A date as ISO 8601: with its time only if its zone is stated, so that no zone is invented."""
    written = fold_space(given)
    day = _DAY.match(written)
    zoned = _ZONED.search(written[10:]) is not None
    try:
        found = dates.iso("-".join(day.groups()) if day and not zoned else written)
    except ValueError:
        return None
    found = found if zoned else found[:DAY_CHARACTERS]
    return found if found >= EARLIEST_YEAR else None
