"""What is taken off a page before its article is looked for: links to other stories, and what only pops up.

Goes by the page's own structure, in no language. Knows elements only, nothing of articles or of what is kept.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from lxml import etree

from index.articles.characters import fold_space

TEASER_CHARACTERS = 20
PARAGRAPH_CHARACTERS = 80
FORM_CHARACTERS = 500
LINKED_SHARE = 0.95

_POP_UPS = ("rollover", "tooltip", "popover", "hovercard")
_VALUES = frozenset(("keywords", "datePublished", "dateModified", "url"))
_LETTER = "ewsletter"  # with a capital or without
_UNREAD = ("aside", "button", "footer", "head", "iframe", "nav", "script", "select", "style", "svg")
_DATA = "application/ld+json"

_LINKED = etree.XPath("//body//p[following-sibling::p or preceding-sibling::p][count(.//a)=1]")
_LISTS = etree.XPath("//body//ul[../p][count(li)>1][not(li[not(.//a)])]")
_HEADINGS = etree.XPath("|".join(f"//body//{name}[.//a or parent::a]" for name in ("h2", "h3", "h4", "h5")))
_POSTS = etree.XPath("//body//blockquote[contains(@class,'twitter-') or contains(@class,'instagram-')]")
_TEXT = etree.XPath("normalize-space()")


def prune(root: etree._Element, address: str | None = None) -> list[str]:
    """Take off a page what only looks like a part of its article.

    Menus, asides, footers, scripts and the head, pop-ups, forms for newsletters and values for machines go. A
    paragraph that is one link and nothing else, and a list of nothing but links, go where they stand among paragraphs
    of text and lead to other pages of the same site, and so does a heading that is a link and has no paragraph beside
    it: they are other stories. Posts from networks are quotations, so what marks them as anything else is taken off.

    Args:
        root: the page.
        address: the page's own.

    Returns:
        The text of each paragraph, list and heading that was taken off, in the page's order for each kind.
    """
    for element in [*root.iter(*_UNREAD)]:
        _drop_unread(element)
    for element in list(filter(_is_no_text, root.iter("div", "form", "section", "span"))):
        _drop(element)
    for post in _POSTS(root):
        _unmark(post)
    site = _site(address or "")
    teasers = [element for element in _LINKED(root) if _is_teaser(element, site)]
    teasers += [element for element in _LISTS(root) if _is_link_list(element, site)]
    teasers += [element for element in _HEADINGS(root) if _is_card(element)]
    removed = [fold_space(_text(element)) for element in teasers]
    for element in teasers:
        _drop(element)
    return removed


def _drop_unread(element: etree._Element) -> None:
    """Take off what trafilatura never takes for the article, so that it, and the rules here, have half as much to go
    through. A page's own data stay: sometimes the article stands in them only."""
    if element.tag == "script":
        unread = element.get("type") != _DATA
    else:
        unread = all(script.get("type") != _DATA for script in element.iter("script"))
    if unread:
        _drop(element)


def _is_no_text(element: etree._Element) -> bool:
    """Whether an element pops up, asks for an address, or holds a value for machines."""
    marks = element.get("class", "")
    if any(mark in marks for mark in _POP_UPS):
        return True
    if element.tag != "span" and (_LETTER in marks or _LETTER in element.get("id", "")):
        return len(_text(element)) < FORM_CHARACTERS
    return len(element) == 0 and element.get("itemprop") in _VALUES


def _is_teaser(element: etree._Element, site: str) -> bool:
    return (
        len(_text(element)) >= TEASER_CHARACTERS
        and _is_linked(element)
        and _leads_within(element, site)
        and _is_among_paragraphs(element)
    )


def _is_link_list(element: etree._Element, site: str) -> bool:
    items = element.iterchildren("li")
    return all(map(_is_linked, items)) and _leads_within(element, site) and _is_among_paragraphs(element)


def _is_card(heading: etree._Element) -> bool:
    """Whether a heading is the link of a card: there is no text beside it that it could head."""
    link = heading.getparent() if heading.getparent().tag == "a" else None
    around = heading if link is None else link
    return (link is not None or _is_linked(heading)) and not any(map(_is_prose, around.getparent().iter("p")))


def _leads_within(element: etree._Element, site: str) -> bool:
    """Whether an element's links lead to other pages of the same site, as far as can be told."""
    targets = [str(link.get("href") or "") for link in element.iter("a")]
    sites = {_site(target) for target in targets} - {""}
    return not any(target.startswith("#") for target in targets) and (not site or sites <= {site})


def _site(address: str) -> str:
    """The last two parts of an address's host; empty for one within the site and for what is none."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    return ".".join(host.split(".")[-2:])


def _is_linked(element: etree._Element) -> bool:
    """Whether all that an element shows is links."""
    linked = sum(len(_text(link)) for link in element.iter("a"))
    return linked >= LINKED_SHARE * max(1, len(_text(element)))


def _is_among_paragraphs(element: etree._Element) -> bool:
    """Whether a paragraph of text that is no link stands beside the element."""
    return any(map(_is_prose, element.getparent().iterchildren("p")))


def _is_prose(paragraph: etree._Element) -> bool:
    return len(_text(paragraph)) >= PARAGRAPH_CHARACTERS and not _is_linked(paragraph)


def _unmark(post: etree._Element) -> None:
    """Take the classes off a quoted post, and off the elements that hold nothing else."""
    text = _text(post)
    element = post
    while element is not None and element.tag != "body" and _text(element) == text:
        element.attrib.pop("class", None)
        element = element.getparent()


def _text(element: etree._Element) -> str:
    return str(_TEXT(element))


def _drop(element: etree._Element) -> None:
    """Take an element out of its tree, leaving the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)
