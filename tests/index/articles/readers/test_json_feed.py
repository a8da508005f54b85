"""JSON Feed in the words of Pincite's own records."""

from __future__ import annotations

import json

from index.articles.article import Draft
from index.articles.readers import read_bytes
from index.errors import Unreadable

FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Gazette",
    "language": "en",
    "authors": [{"name": "Pell"}],
}


def read(*items: object) -> list[Draft | Unreadable]:
    return list(read_bytes(json.dumps({**FEED, "items": items}).encode(), "feed.json"))


def test_an_item_is_a_record() -> None:
    item = {
        "id": "7",
        "url": "https://gazette.example/7",
        "title": "Boat",
        "content_html": "<p>Text.</p>",
        "date_published": "2025-03-05T10:00:00Z",
        "date_modified": "2025-03-06T10:00:00Z",
        "authors": [{"name": "Dora Pell"}, {"url": "x"}, {"name": "Ann Lee"}],
        "tags": ["boats"],
    }
    assert read(item) == [
        Draft(
            "feed.json#1",
            "<p>Text.</p>",
            "html",
            title="Boat",
            source="Gazette",
            author="Dora Pell; Ann Lee",
            published="2025-03-05T10:00:00Z",
            url="https://gazette.example/7",
            language="en",
            tags=("boats",),
            metadata={"modified": "2025-03-06T10:00:00Z"},
        )
    ]


def test_plain_text_a_summary_and_the_authors_of_old_and_of_the_feed() -> None:
    text, summary = read({"id": "a", "content_text": "Text.", "author": {"name": "Bo Ek"}}, {"summary": "Short."})
    assert text == Draft("feed.json#1", "Text.", id="a", source="Gazette", author="Bo Ek", language="en")
    assert summary == Draft("feed.json#2", "Short.", source="Gazette", author="Pell", language="en")


def test_items_without_text_and_what_is_no_item_are_named() -> None:
    empty, number = read({"title": "Boat"}, 5)
    assert isinstance(empty, Unreadable)
    assert empty.message.startswith("feed.json, record 1: text: the record has neither text nor html; it has author, ")
    assert isinstance(number, Unreadable)
    assert number.message == "feed.json, record 2: an article must be a JSON object, not a number"
