"""Plain text falls into paragraphs and headings, and comes together again as it was."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles.article import Break
from index.articles.blocks import Block, assemble, is_wrapped, plain_blocks, plain_spans
from index.articles.characters import tidy

PARAGRAPH = "The council met on Monday and talked about the bridge for three hours."


def headings(text: str) -> list[str]:
    return [block.text for block in plain_blocks(text) if block.kind == "heading"]


def texts(text: str) -> list[str]:
    return [block.text for block in plain_blocks(text)]


def test_assembling_tells_where_blocks_start() -> None:
    blocks = [Block("Title", "heading", gap="lost"), Block("One."), Block("Two.", gap="\n"), Block("Three.", page=True)]
    text, breaks = assemble(blocks)
    assert text == "Title\n\nOne.\nTwo.\n\nThree."
    assert breaks == (
        Break(0, "heading"),
        Break(7, "paragraph"),
        Break(12, "paragraph"),
        Break(18, "page"),
        Break(18, "paragraph"),
    )


def test_nothing_makes_nothing() -> None:
    assert assemble([]) == ("", ())
    assert plain_blocks(" \n\t\n") == []


def test_blank_lines_part_paragraphs_and_gaps_are_kept() -> None:
    blocks = plain_blocks("One\nis short.\n \n\n  Two is short.  \n")
    assert [(block.gap, block.text) for block in blocks] == [
        ("", "One"),
        ("\n", "is short."),
        ("\n \n\n  ", "Two is short."),
    ]


def test_lines_that_were_filled_up_to_a_width_stay_one_paragraph() -> None:
    filled = "The ferry to the island leaves at a\nquarter to midnight, and it takes\nabout fifty minutes."
    assert texts(filled) == [filled]


def test_lines_with_room_for_the_next_word_are_paragraphs_of_their_own() -> None:
    assert texts("One line.\nAnother line that is longer.\nShort.") == [
        "One line.",
        "Another line that is longer.",
        "Short.",
    ]


@pytest.mark.parametrize(
    ("lines", "wrapped"),
    [
        (["alone"], True),
        (["这是一行文字没有空格", "这是第二行文字也一样", "短"], True),
        (["这是一行", "这是很长的第二行文字也一样", "短"], False),
        (["x" * 121, "y" * 121], False),
        (["x" * 300], True),
    ],
)
def test_wrapping(lines: list[str], wrapped: bool) -> None:
    assert is_wrapped(lines) is wrapped


def test_a_headline_and_a_section_heading() -> None:
    assert headings(f"A bridge is closed\n\n{PARAGRAPH}\n\nWhat happens next\n\n{PARAGRAPH}") == [
        "A bridge is closed",
        "What happens next",
    ]


def test_a_headline_may_ask() -> None:
    assert headings(f"Who pays for the bridge?\n\n{PARAGRAPH}\n\nWho else?\n\n{PARAGRAPH}") == [
        "Who pays for the bridge?"
    ]


def test_headline_byline_and_date_head_the_text_together() -> None:
    text = f"A bridge is closed\n\nBy Dora Pell\n\nMonday, 3 March 2025\n\n{PARAGRAPH}"
    assert headings(text) == ["A bridge is closed", "By Dora Pell", "Monday, 3 March 2025"]


def test_four_short_lines_in_a_row_are_a_list() -> None:
    text = f"{PARAGRAPH}\n\nApples\n\nPears\n\nPlums\n\nWhere to buy\n\n{PARAGRAPH}"
    assert headings(text) == ["Where to buy"]


def test_a_heading_without_a_blank_line_needs_a_long_paragraph_below() -> None:
    assert headings(f"{PARAGRAPH}\nWhat happens next\n{PARAGRAPH}") == ["What happens next"]
    assert headings(f"{PARAGRAPH}\nRoses are red\nviolets are blue, my dear.") == []


@pytest.mark.parametrize(
    "line",
    [
        "He went home.",
        "he went home",
        "- an item",
        "1. First",
        "“We are here”",
        "https://example.org/page",
        "@someone said this",
        "2025",
        "X",
        "A line that is much too long to be a heading, since it runs on and on without any end",
    ],
)
def test_lines_that_are_no_headings(line: str) -> None:
    assert headings(f"{PARAGRAPH}\n\n{line}\n\n{PARAGRAPH}") == []


def test_the_last_line_heads_nothing() -> None:
    assert headings(f"{PARAGRAPH}\n\nThe end") == []


def test_a_form_feed_starts_a_page() -> None:
    blocks = plain_blocks("Page one ends here.\fPage two.\n\fPage three.")
    assert [(block.gap, block.text, block.page) for block in blocks] == [
        ("", "Page one ends here.", False),
        ("\n\n", "Page two.", True),
        ("\n\n\n", "Page three.", True),
    ]


@given(st.text(alphabet="aB. \n\t\u00a0-") | st.text())
def test_blocks_put_together_are_the_text_again(raw: str) -> None:
    text = tidy(raw).replace("\f", "")
    assembled, breaks = assemble(plain_blocks(text))
    assert assembled == text.strip()
    assert [mark.start for mark in breaks] == [start - len(text) + len(text.lstrip()) for start, _ in plain_spans(text)]


@given(st.text(alphabet="aB. \n\t\f\u00a0") | st.text())
def test_spans_hold_every_character_that_is_seen(text: str) -> None:
    spans = list(plain_spans(text))
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))
