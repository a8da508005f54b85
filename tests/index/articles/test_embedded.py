"""Articles that stand only in the data of a page."""

from __future__ import annotations

import json

import lxml.html
import pytest

from index.articles.embedded import DEEPEST, embedded_blocks
from index.articles.page import read_page

SENTENCE = "The ferry company announced on Wednesday that a night boat will run to the island from April. "
TEXT = f"{SENTENCE * 2}\n\n{SENTENCE}It was dropped nine years ago."
MARKED = "".join(f"<p>{paragraph}</p>" for paragraph in TEXT.split("\n\n"))
PARAGRAPHS = [paragraph.strip() for paragraph in TEXT.split("\n\n")]


def script(value: object, kind: str = "type='application/ld+json'") -> str:
    return f"<script {kind}>{value if isinstance(value, str) else json.dumps(value)}</script>"


def found(*scripts: str) -> list[str]:
    root = lxml.html.document_fromstring(f"<html><head>{''.join(scripts)}</head><body><p>Loading</p></body></html>")
    return [block.text for block in embedded_blocks(root)]


def test_the_body_of_json_ld() -> None:
    assert found(script({"@type": "NewsArticle", "articleBody": TEXT})) == PARAGRAPHS
    assert found(script({"@graph": [{"@type": "WebSite"}, {"articleBody": MARKED}]})) == PARAGRAPHS


@pytest.mark.parametrize("kind", ["id='__NEXT_DATA__' type='application/json'", "type='application/json'"])
def test_what_frameworks_hand_to_their_scripts(kind: str) -> None:
    assert found(script({"props": {"pageProps": {"story": {"title": "Boat", "bodyHtml": MARKED}}}}, kind)) == PARAGRAPHS


def test_the_longest_text_counts_and_what_is_short_or_called_otherwise_does_not() -> None:
    assert found(script({"body": "Consent. " * 20, "content": TEXT})) == PARAGRAPHS
    assert found(script({"body": "Too short.", "legal": TEXT})) == []


def test_what_is_no_json_or_holds_what_cannot_be_stored_says_nothing() -> None:
    deep: object = {"body": TEXT}
    for _ in range(DEEPEST + 1):
        deep = [deep]
    assert found(script("{broken"), script("[" * 100_000), script(deep)) == []
    assert found(script({"body": f"{TEXT}\x00"})) == []


def test_a_page_that_shows_nothing_else_is_read_from_its_data() -> None:
    data = script({"props": {"body": MARKED}}, "id='__NEXT_DATA__' type='application/json'")
    page = read_page(f"<!doctype html><html><head></head><body><div id='__next'></div>{data}</body></html>")
    assert [block.text for block in page.blocks] == PARAGRAPHS


def test_a_page_that_shows_its_article_is_read_as_it_shows_it() -> None:
    data = script({"articleBody": "Another text, such as a longer version for machines. " * 20})
    page = read_page(f"<!doctype html><html><head>{data}</head><body><article>{MARKED}</article></body></html>")
    assert [block.text for block in page.blocks] == PARAGRAPHS


def test_the_paragraphs_of_a_body_in_data_are_kept() -> None:
    data = script({"@type": "NewsArticle", "articleBody": TEXT})
    page = read_page(f"<!doctype html><html><head>{data}</head><body><p>Loading, please wait.</p></body></html>")
    assert [block.text for block in page.blocks] == PARAGRAPHS
