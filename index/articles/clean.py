"""Cleaning: a Draft becomes an Article, whole, and nothing but the article.

Brings together what the other modules of this folder know: which characters are refused, what blocks the markup
has, which of them are no part of the article, and what is said of it. Knows no files, models or storage.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from index.articles import boilerplate, notices
from index.articles.about import facts_of, identity_of, language_of, metadata_of, refused, tags_of
from index.articles.article import Article, Draft
from index.articles.blocks import Block, assemble, plain_blocks
from index.articles.bylines import read_header
from index.articles.characters import tidy, value_fault
from index.articles.markup import markdown_blocks
from index.articles.page import Page, read_page

CLEANER_VERSION = 3

HEADLINE_BLOCKS = 3
FIELDS = ("title", "source", "author", "published", "url", "language")


def clean(draft: Draft) -> Article:
    """The article that a draft holds.

    What the draft says of itself goes before what its page says, that before the lines around its headline, and those
    before the date in its address or file name; `metadata["provenance"]` says of each field where it was found.
    Notices, links to other stories, invitations and the like are taken out of the text and reported in
    `Article.removed`; a page's headline is its title and does not stand in its text again. A time without a zone is
    taken as UTC. A URL that is not http(s) and a language that is no code are kept in the metadata only.

    Raises:
        InvalidArticle: `detail["field"]` names what cannot be used: a NUL character or half of a surrogate pair
            anywhere, metadata that JSON cannot hold, no text, a date that does not exist, an id that is too long or
            not printable.
    """
    _check_characters(draft)
    page = _page(draft)
    header = read_header(page.blocks, guessed=draft.markup == "text")
    facts = facts_of(draft, page, header)
    title = facts["title"].value if "title" in facts else None
    blocks, removed = _without_notices(_body(draft, page, title), title, of_page=draft.markup == "html")
    text, breaks = assemble(blocks)
    if not any(char.isprintable() and not char.isspace() for char in text):
        raise refused(draft, "text", "there is no text in it")
    facts |= language_of(draft, page, text)
    return Article(
        id=identity_of(draft, facts),
        text=text,
        **{name: facts[name].value for name in FIELDS if name in facts},
        tags=tags_of(draft, facts),
        breaks=breaks,
        metadata=metadata_of(draft, facts, header),
        removed=(*draft.removed, *page.removed, *removed),
    )


def _check_characters(draft: Draft) -> None:
    """Refuse characters that cannot be stored, in whatever field they stand."""
    fields = {name: getattr(draft, name) for name in ("origin", "id", "title", "source", "author", "published", "url")}
    fields |= {"text": draft.content, "language": draft.language, "tags": draft.tags, "metadata": draft.metadata}
    for name, value in fields.items():
        if found := value_fault(value):
            raise refused(draft, name, f"{found} cannot be stored; remove it")


def _page(draft: Draft) -> Page:
    if draft.markup == "text":
        return Page(plain_blocks(tidy(draft.content)))
    try:
        return Page(markdown_blocks(tidy(draft.content))) if draft.markup == "markdown" else read_page(draft.content)
    except ValueError as error:
        raise refused(draft, "html", str(error)) from None


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


def _without_notices(
    blocks: Sequence[Block], title: str | None, *, of_page: bool
) -> tuple[list[Block], tuple[str, ...]]:
    """The blocks of the article itself, and the text of each stretch among them that is no part of it."""
    removed: list[str] = []
    kept = list(blocks)
    for find in (partial(notices.find, title=title), partial(boilerplate.find, of_page=of_page)):
        runs = find(kept)
        taken = {number for run in runs for number in run}
        removed += (assemble(kept[number] for number in run)[0] for run in runs)
        kept = [block for number, block in enumerate(kept) if number not in taken]
    return kept, tuple(removed)
