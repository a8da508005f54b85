"""Headings and paragraphs that telling an article from its page lost, put back."""

from __future__ import annotations

import lxml.html

from index.articles.blocks import Block
from index.articles.restoring import parted, with_headings

FIRST = Block("The island has three lighthouses.")
SECOND = Block("The oldest was built of oak in 1801.")
THIRD = Block("The newest is made of steel.")


def restored(html: str) -> list[tuple[str, str]]:
    root = lxml.html.document_fromstring(f"<html><body>{html}</body></html>")
    return [(block.kind, block.text) for block in with_headings([FIRST, SECOND, THIRD], root)]


def page(*, before_second: str, before_third: str = "") -> str:
    return f"<p>{FIRST.text}</p>{before_second}<p>{SECOND.text}</p>{before_third}<p>{THIRD.text}</p>"


def test_headings_go_before_the_paragraphs_that_they_stand_before() -> None:
    found = restored(page(before_second="<h2>The  oldest</h2>", before_third="<h2>Now</h2><h3>The newest</h3>"))
    assert found == [
        ("paragraph", FIRST.text),
        ("heading", "The oldest"),
        ("paragraph", SECOND.text),
        ("heading", "Now"),
        ("heading", "The newest"),
        ("paragraph", THIRD.text),
    ]


def test_a_heading_that_is_there_already_is_not_put_in_again() -> None:
    root = lxml.html.document_fromstring(page(before_second="<h2>The oldest</h2>"))
    blocks = [FIRST, Block("The oldest", "heading"), SECOND, THIRD]
    assert with_headings(blocks, root) == blocks


def test_headings_of_anything_else_stay_away() -> None:
    none = [("paragraph", block.text) for block in (FIRST, SECOND, THIRD)]
    assert restored(page(before_second="<h2>Read more</h2><div>Other stories</div>")) == none
    assert restored("<h2>The Gazette</h2>" + page(before_second="")) == none
    assert restored(page(before_second="") + "<h2>Comments</h2>") == none
    assert restored(page(before_second="<h2> </h2>")) == none


def test_a_heading_may_stand_before_a_list() -> None:
    root = lxml.html.document_fromstring("<p>Before.</p><h2>What to bring</h2><ul><li>A lamp</li><li>Rope</li></ul>")
    blocks = [Block("Before."), Block("A lamp"), Block("Rope", gap="\n")]
    assert [block.text for block in with_headings(blocks, root)] == ["Before.", "What to bring", "A lamp", "Rope"]


def test_text_in_one_piece_becomes_the_blocks_that_it_was() -> None:
    blocks = [FIRST, SECOND, THIRD]
    piece = " ".join(block.text for block in blocks)
    assert parted(piece, [[Block("Something else.")], blocks]) == blocks
    assert parted(piece, [[*blocks, Block("Menu")]]) == blocks


def test_a_way_that_lacks_some_of_the_text_is_none() -> None:
    piece = f"{FIRST.text} {SECOND.text} {THIRD.text}"
    assert parted(piece, [[FIRST, SECOND], [THIRD, FIRST, SECOND]]) == []
    assert parted(piece, []) == []
