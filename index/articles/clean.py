"""Cleaning: a Draft becomes an Article, whole, and nothing but the article.

Brings together what the other modules of this folder know: which characters are refused, what blocks the markup
has, which of them are no part of the article, and what form each piece of metadata has. Knows no files, models or
storage.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NoReturn
from urllib.parse import urlsplit

from index.articles import boilerplate, dates, language, notices
from index.articles.article import Article, Draft, Json
from index.articles.blocks import Block, assemble, plain_blocks
from index.articles.characters import fold_space, tidy, value_fault
from index.articles.markup import markdown_blocks
from index.articles.page import Page, read_page
from index.errors import InvalidArticle

CLEANER_VERSION = 2

LONGEST_ID = 2048
HEADLINE_BLOCKS = 3


def clean(draft: Draft) -> Article:
    """The article that a draft holds.

    What the draft says of itself goes before what its page says, and that before what the text tells. Notices, links
    to other stories, invitations and the like are taken out of the text and reported in `Article.removed`; a page's
    headline is its title and does not stand in its text again. A time without a zone is taken as UTC. A URL that is not
    http(s) and a language that is no code are kept in the metadata only.

    Raises:
        InvalidArticle: `detail["field"]` names what cannot be used: a NUL character or half of a surrogate pair
            anywhere, metadata that JSON cannot hold, no text, a date that does not exist, an id that is too long or
            not printable.
    """
    _check_characters(draft)
    page = _page(draft)
    title = _folded(draft.title) or _folded(page.title) or _headline(page.blocks)
    blocks, removed = _without_notices(_body(draft, page, title), title)
    text, breaks = assemble(blocks)
    if not any(char.isprintable() and not char.isspace() for char in text):
        _refuse(draft, "text", "there is no text in it")
    url = _web_address(draft.url) or _web_address(page.url)
    spoken = language.code(draft.language or "") or language.detect(text) or language.code(page.language or "")
    return Article(
        id=_identity(draft, url),
        text=text,
        title=title,
        source=_folded(draft.source) or _folded(page.source),
        author=_folded(draft.author) or _folded(page.author),
        published=_published(draft, page),
        url=url,
        language=spoken,
        tags=_distinct(draft.tags or page.tags),
        breaks=breaks,
        metadata=_metadata(draft, page),
        removed=(*page.removed, *removed),
    )


def _refuse(draft: Draft, field: str, reason: str) -> NoReturn:
    raise InvalidArticle(f"{draft.origin}: {field}: {reason}", field=field, origin=draft.origin)


def _check_characters(draft: Draft) -> None:
    """Refuse characters that cannot be stored, in whatever field they stand."""
    fields = {name: getattr(draft, name) for name in ("origin", "id", "title", "source", "author", "published", "url")}
    fields |= {"text": draft.content, "language": draft.language, "tags": draft.tags, "metadata": draft.metadata}
    for name, value in fields.items():
        if found := value_fault(value):
            _refuse(draft, name, f"{found} cannot be stored; remove it")


def _page(draft: Draft) -> Page:
    if draft.markup == "text":
        return Page(plain_blocks(tidy(draft.content)))
    try:
        return Page(markdown_blocks(tidy(draft.content))) if draft.markup == "markdown" else read_page(draft.content)
    except ValueError as error:
        _refuse(draft, "html", str(error))


def _headline(blocks: Sequence[Block]) -> str | None:
    """The heading that a text starts with."""
    return fold_space(blocks[0].text) if blocks and blocks[0].kind == "heading" else None


def _body(draft: Draft, page: Page, title: str | None) -> Sequence[Block]:
    """The blocks of an article, without a page's headline where it repeats the title."""
    if draft.markup != "html" or title is None:
        return page.blocks
    headline = next((at for at, block in enumerate(page.blocks[:HEADLINE_BLOCKS]) if _same(block.text, title)), None)
    left = [block for at, block in enumerate(page.blocks) if at != headline]
    return left or page.blocks


def _same(one: str, other: str) -> bool:
    """Whether two lines have the same letters and digits."""
    first, second = ("".join(filter(str.isalnum, text.casefold())) for text in (one, other))
    return first == second


def _without_notices(blocks: Sequence[Block], title: str | None) -> tuple[list[Block], tuple[str, ...]]:
    """The blocks of the article itself, and the text of each stretch among them that is no part of it."""
    removed: list[str] = []
    kept = list(blocks)
    for find in (partial(notices.find, title=title), boilerplate.find):
        runs = find(kept)
        taken = {number for run in runs for number in run}
        removed += (assemble(kept[number] for number in run)[0] for run in runs)
        kept = [block for number, block in enumerate(kept) if number not in taken]
    return kept, tuple(removed)


def _folded(text: str | None) -> str | None:
    return fold_space(text or "") or None


def _web_address(given: str | None) -> str | None:
    """The URL with its scheme and host in lower case and without fragment, or None when it is no web address."""
    try:
        parts = urlsplit((given or "").strip())
        usable = parts.scheme in {"http", "https"} and parts.hostname
    except ValueError:  # such as a broken IPv6 address
        return None
    url = parts._replace(netloc=parts.netloc.lower(), fragment="").geturl()
    return url if usable and len(url) <= LONGEST_ID and url.isprintable() and " " not in url else None


def _identity(draft: Draft, url: str | None) -> str:
    """The article's id: the one given, else its URL, else its origin."""
    identity = draft.id if draft.id is not None else url or draft.origin
    if not 1 <= len(identity) <= LONGEST_ID:
        _refuse(draft, "id", f"it must have 1 to {LONGEST_ID} characters, not {len(identity)}")
    if not identity.isprintable() or identity != identity.strip():
        _refuse(draft, "id", "control characters, and spaces at its ends, cannot be part of it")
    return identity


def _published(draft: Draft, page: Page) -> str | None:
    """The date in ISO 8601: the one given, which must be right, else the page's."""
    given = (draft.published or "").strip()
    if not given:
        return page.published
    try:
        return dates.iso(given)
    except ValueError as error:
        _refuse(draft, "published", f"{given!r} is not a date or time: {error}")


def _distinct(tags: Sequence[str]) -> tuple[str, ...]:
    """The tags in their order, the first of those that differ in case only, empty ones left out."""
    folded = [fold_space(tag) for tag in tags]
    return tuple({tag.casefold(): tag for tag in reversed(folded) if tag}.values())[::-1]


def _metadata(draft: Draft, page: Page) -> dict[str, Json]:
    """What else is known, with the address and language that could not be used as such."""
    unusable: dict[str, Json] = {}
    if draft.url and not _web_address(draft.url):
        unusable["url"] = draft.url
    if draft.language and not language.code(draft.language):
        unusable["language"] = draft.language
    return {**page.metadata, **draft.metadata, **unusable}
