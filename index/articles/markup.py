"""Markup as blocks: what a reader sees of HTML and Markdown, headings known as headings.

Shows all that is there. What of a page is its article, and what the page says of itself, is told in `page`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import lxml.html
from lxml import etree
from markdown_it import MarkdownIt

from index.articles.blocks import Block, plain_blocks
from index.articles.characters import tidy

DEEPEST_MARKDOWN = 100

_MARKDOWN = MarkdownIt("commonmark", {"maxNesting": DEEPEST_MARKDOWN}).enable("table")

# The elements of HTML, and of the simpler tree that trafilatura makes of a page, by what they do to the text.
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "head"))
_ITEMS = frozenset(("li", "item", "tr", "row", "dt", "dd"))
_GROUPS = frozenset(("ul", "ol", "dl", "list", "table"))
_PARAGRAPHS = frozenset(
    ("address", "article", "blockquote", "body", "details", "div", "fieldset", "figcaption", "figure", "form", "header")
).union(("hgroup", "html", "main", "p", "pre", "quote", "section", "summary"))
_LINE_ENDS = frozenset(("br", "lb"))
_CELLS = frozenset(("td", "th", "cell"))
_LEFT_OUT = frozenset(
    ("aside", "audio", "button", "canvas", "footer", "iframe", "nav", "noscript", "object", "script", "select", "style")
).union(("svg", "template", "textarea", "video"))
_BLOCKS = _HEADINGS | _ITEMS | _GROUPS | _PARAGRAPHS

_SPACE = re.compile(r"[ \t\r\n\f]+")
_SPACES = re.compile(r" {2,}")
_AROUND_CELLS = re.compile(r" *\t *")
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def tree_blocks(root: etree._Element) -> list[Block]:
    """The blocks below an element: of an HTML page's body, or of the simpler tree that trafilatura makes of a page.

    List items and table rows follow one another without a blank line between; cells are parted by tabs.
    """
    return list(_Walk(root).blocks())


def first_block(root: etree._Element) -> Block | None:
    """The first of an element's blocks, without going through the others."""
    return next(_Walk(root).blocks(), None)


def html_blocks(html: str) -> list[Block]:
    """Everything that a page or fragment shows, outside menus, footers and what is no text.

    Raises:
        ValueError: as in `deep_tree`.
    """
    root = deep_tree(html)
    return [] if root is None else shown_blocks(root)


def shown_blocks(root: lxml.html.HtmlElement) -> list[Block]:
    """As `html_blocks`, of a page's elements."""
    body = root.find("body")
    return [] if body is None else tree_blocks(body)


def deep_tree(html: str) -> lxml.html.HtmlElement | None:
    """A page's elements, however many there are; None when there are none.

    Raises:
        ValueError: elements are nested so deeply (about 2,000) that not all of it can be read.
    """
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = lxml.html.document_fromstring(html.encode(), parser=parser)
    except etree.ParserError:  # nothing but white space, comments or declarations
        return None
    if _hit_a_limit(parser):
        raise ValueError("its elements are nested too deeply to be read whole")
    return root


def page_tree(html: str) -> lxml.html.HtmlElement | None:
    """A page's elements; None when there are none, or when libxml2, in its ordinary mode, would stop before the end: at
    elements nested 256 deep, for example."""
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = lxml.html.document_fromstring(html.encode(), parser=parser)
    except etree.LxmlError:  # nothing to parse
        return None
    if root.find("body") is None:
        _give_body(root)
    return None if _hit_a_limit(parser) else root


_OF_HEAD = frozenset({"title", "meta", "link", "base", "style", "script", "noscript", "template"})


def _give_body(root: lxml.html.HtmlElement) -> None:
    """Move what follows the head's own elements into a body. A page may leave out both tags; libxml2 then takes an
    element that it does not know, such as ``article``, for a part of the head."""
    head = root.find("head")
    inside = list(head) if head is not None else []
    first = next((place for place, element in enumerate(inside) if element.tag not in _OF_HEAD), len(inside))
    if first == len(inside):
        return
    body = etree.SubElement(root, "body")
    body.extend(inside[first:])


def _hit_a_limit(parser: etree.HTMLParser) -> bool:
    return any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)


def markdown_blocks(text: str) -> list[Block]:
    """What the rendered Markdown text (CommonMark and tables) shows.

    Links and emphasis become their text, so that a quote is found again in the rendered page.
    """
    tokens = _MARKDOWN.parse(text)
    if max((token.level for token in tokens), default=0) >= DEEPEST_MARKDOWN - 1:
        return plain_blocks(text)  # what lies deeper would be lost
    return html_blocks(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


class _Walk:
    """Goes through a tree in the order of its text, collecting blocks. Without recursion: some pages nest deeply."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.pieces: list[str] = []
        self.heading = False
        self.verbatim = False
        self.groups = 0
        self.gap = "\n\n"

    def blocks(self) -> Iterator[Block]:
        """The blocks, each as soon as its element ends or another starts."""
        walk = etree.iterwalk(self.root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if event == "end":
                yield from self._closed(tag)
                self._add(element.tail if element is not self.root else None)
            elif tag in _LEFT_OUT or not isinstance(tag, str):
                walk.skip_subtree()
            else:
                yield from self._opened(tag)
                self._add(element.text)
        yield from self._flushed()

    def _opened(self, tag: str) -> Iterator[Block]:
        if tag in _BLOCKS:
            yield from self._flushed()
            self.heading = tag in _HEADINGS
            self.verbatim = tag == "pre"
            self.groups += tag in _GROUPS
        elif tag in _LINE_ENDS:
            self.pieces.append("\n")
        elif tag in _CELLS and self.pieces:
            self.pieces.append("\t")

    def _closed(self, tag: str) -> Iterator[Block]:
        if tag in _BLOCKS:
            yield from self._flushed()
            self.heading = self.verbatim = False
        if tag in _GROUPS:
            self.groups -= 1
            self.gap = "\n" if self.groups else "\n\n"

    def _add(self, text: str | None) -> None:
        if text:
            self.pieces.append(text if self.verbatim else _SPACE.sub(" ", text))

    def _flushed(self) -> Iterator[Block]:
        """What was collected as blocks: line ends in a row part them."""
        text = tidy("".join(self.pieces))
        self.pieces.clear()
        for paragraph in _EMPTY_LINES.split(text):
            joined = "\n".join(map(str.rstrip if self.verbatim else _folded, paragraph.split("\n"))).strip()
            if joined:
                yield Block(joined, "heading" if self.heading else "paragraph", self.gap)
                self.gap = "\n" if self.groups else "\n\n"


def _folded(line: str) -> str:
    """A line with single spaces, and none beside tabs and at the ends."""
    return _AROUND_CELLS.sub("\t", _SPACES.sub(" ", line)).strip()
