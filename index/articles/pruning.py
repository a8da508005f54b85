"""What is taken off a page before its article is looked for: links to other stories, and what only pops up.

Goes by the page's own structure, in no language. Knows elements only, nothing of articles or of what is kept.
"""

from __future__ import annotations

from lxml import etree

from index.articles.characters import fold_space

TEASER_CHARACTERS = 20
PARAGRAPH_CHARACTERS = 80
LINKED_SHARE = 0.95

_POP_UPS = etree.XPath(
    "//body//*[self::div or self::span or self::section]"
    "[contains(@class,'rollover') or contains(@class,'tooltip') or contains(@class,'popover')"
    " or contains(@class,'hovercard')]"
)
_MICRODATA = etree.XPath(
    "//body//*[self::div or self::span][not(*)]"
    "[@itemprop='keywords' or @itemprop='datePublished' or @itemprop='dateModified' or @itemprop='url']"
)
_LINKED = etree.XPath("//body//p[following-sibling::p or preceding-sibling::p][count(.//a)=1]")
_LISTS = etree.XPath("//body//ul[../p][count(li)>1][not(li[not(.//a)])]")
_TEXT = etree.XPath("normalize-space()")


def prune(root: etree._Element) -> list[str]:
    """Take off a page what only looks like a part of its article.

    Pop-ups and values for machines go. A paragraph that is one link and nothing else, and a list of nothing but links,
    go where they stand among paragraphs of text: they lead to other stories.

    Returns:
        The text of each paragraph and list that was taken off, in the page's order for each kind.
    """
    for element in [*_POP_UPS(root), *_MICRODATA(root)]:
        _drop(element)
    teasers = [element for element in _LINKED(root) if _is_teaser(element)]
    teasers += [element for element in _LISTS(root) if _is_link_list(element)]
    removed = [fold_space(_text(element)) for element in teasers]
    for element in teasers:
        _drop(element)
    return removed


def _is_teaser(element: etree._Element) -> bool:
    return len(_text(element)) >= TEASER_CHARACTERS and _is_linked(element) and _is_among_paragraphs(element)


def _is_link_list(element: etree._Element) -> bool:
    return all(_is_linked(item) for item in element.iterchildren("li")) and _is_among_paragraphs(element)


def _is_linked(element: etree._Element) -> bool:
    """Whether all that an element shows is links."""
    linked = sum(len(_text(link)) for link in element.iter("a"))
    return linked >= LINKED_SHARE * max(1, len(_text(element)))


def _is_among_paragraphs(element: etree._Element) -> bool:
    """Whether a paragraph of text that is no link stands beside the element."""
    beside = element.getparent().iterchildren("p")
    return any(len(_text(other)) >= PARAGRAPH_CHARACTERS and not _is_linked(other) for other in beside)


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
