"""What is said of an article: each field from the best place that tells it, in its one form, and where that was.

Brings together what the draft states, what its page says, what the lines around the headline tell, and names. Knows
nothing of what is taken out of a text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from index.articles import dates, language
from index.articles.article import Draft, Json
from index.articles.blocks import Block
from index.articles.bylines import Header
from index.articles.characters import fold_space
from index.articles.fact import Fact
from index.articles.page import ANYWHERE, Page
from index.errors import InvalidArticle

LONGEST_ID = 2048
PROVENANCE = "provenance"
NOTHING = Fact("", "")

_NUMBERED = re.compile(r"(.+)#([1-9]\d{0,17})", re.DOTALL)  # as readers name the records of a file
_EXTRAS = ("description", "image", "modified")


def refused(draft: Draft, field: str, reason: str) -> InvalidArticle:
    """The error that names a draft's file, its number in there, and the field of it that cannot be used."""
    numbered = _NUMBERED.fullmatch(draft.origin)
    file, record = (numbered[1], int(numbered[2])) if numbered else (draft.origin, None)
    where = file if record is None else f"{file}, record {record}"
    return InvalidArticle(f"{where}: {field}: {reason}", field=field, origin=file, record=record, reason=reason)


def facts_of(draft: Draft, page: Page, header: Header) -> dict[str, Fact]:
    """Everything that is told of an article but its language, each from the best place that tells it.

    Raises:
        InvalidArticle: the draft's own date is none.
    """
    given = {name: fold_space(getattr(draft, name) or "") for name in ("title", "source", "author")}
    given |= {"published": _published(draft), "url": _web_address(draft.url), "tags": ",".join(draft.tags)}
    told = {name: fact._replace(value=fold_space(fact.value)) for name, fact in page.facts.items()}
    if "url" in told:
        told["url"] = told["url"]._replace(value=_web_address(told["url"].value))
    guessed = {name: fact for name, fact in told.items() if fact.place == ANYWHERE}
    worst_first = (
        _headline(page.blocks, header),
        guessed,
        header.facts,
        {name: fact for name, fact in told.items() if name not in guessed},
        {name: Fact(value, draft.place) for name, value in given.items()},
    )
    facts = {name: fact for facts in worst_first for name, fact in facts.items() if fact.value}
    facts.pop("language", None)
    return _dated_by_name(draft, facts) | facts


def _headline(blocks: Sequence[Block], header: Header) -> dict[str, Fact]:
    """The heading that a text starts with, or that only a byline stands before."""
    first = next((block for number, block in enumerate(blocks) if number not in header.credits), None)
    return {"title": Fact(fold_space(first.text), "headline")} if first and first.kind == "heading" else {}


def _dated_by_name(draft: Draft, facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """The day in the article's address, else in its file's name."""
    places = ((facts.get("url", NOTHING).value, "url"), (PurePosixPath(draft.origin).name, "file name"))
    return next(({"published": Fact(day, place)} for name, place in places if (day := dates.in_name(name))), {})


def language_of(draft: Draft, page: Page, text: str) -> dict[str, Fact]:
    """The language that the draft states, else the one detected, else the one that the page states; empty without."""
    if stated := language.code(draft.language or ""):
        return {"language": Fact(stated, draft.place)}
    if detected := language.detect(text):
        return {"language": Fact(detected, "detected")}
    said = page.facts.get("language", NOTHING)
    code = language.code(said.value)
    return {"language": Fact(code, said.place)} if code else {}


def _web_address(given: str | None) -> str:
    """The URL with its scheme and host in lower case and without fragment; empty when it is no web address."""
    try:
        parts = urlsplit((given or "").strip())
        usable = parts.scheme in {"http", "https"} and parts.hostname
    except ValueError:  # such as a broken IPv6 address
        return ""
    url = parts._replace(netloc=parts.netloc.lower(), fragment="").geturl()
    return url if usable and len(url) <= LONGEST_ID and url.isprintable() and " " not in url else ""


def identity_of(draft: Draft, facts: Mapping[str, Fact]) -> str:
    """The article's id: the one given, else its URL, else its origin."""
    identity = draft.id if draft.id is not None else facts.get("url", NOTHING).value or draft.origin
    if not 1 <= len(identity) <= LONGEST_ID:
        raise refused(draft, "id", f"it must have 1 to {LONGEST_ID} characters, not {len(identity)}")
    if not identity.isprintable() or identity != identity.strip():
        raise refused(draft, "id", "control characters, and spaces at its ends, cannot be part of it")
    return identity


def _published(draft: Draft) -> str:
    """The date given in ISO 8601, which must be right; empty when none is."""
    given = (draft.published or "").strip()
    try:
        return dates.iso(given) if given else ""
    except ValueError as error:
        raise refused(draft, "published", f"{given!r} is not a date or time: {error}") from None


def tags_of(draft: Draft, facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """The tags in their order, the first of those that differ in case only, empty ones left out."""
    folded = [fold_space(tag) for tag in draft.tags or facts.get("tags", NOTHING).value.split(",")]
    return tuple({tag.casefold(): tag for tag in reversed(folded) if tag}.values())[::-1]


def metadata_of(draft: Draft, facts: Mapping[str, Fact], header: Header) -> dict[str, Json]:
    """What else is known, with an address and a language that could not be used as such, and where all of it stood."""
    told: dict[str, Json] = {name: facts[name].value for name in _EXTRAS if name in facts}
    if "sections" in facts:
        told["sections"] = list(facts["sections"].value.split("; "))
    if header.dateline:
        told["dateline"] = header.dateline
    if draft.url and not _web_address(draft.url):
        told["url"] = draft.url
    if draft.language and not language.code(draft.language):
        told["language"] = draft.language
    given = {f"given_{key}" if key == PROVENANCE else key: value for key, value in draft.metadata.items()}
    places: dict[str, Json] = {name: fact.place for name, fact in facts.items()}
    places |= {name: draft.place for name in (*_EXTRAS, "sections") if name in given}
    return {**told, **given, PROVENANCE: places}
