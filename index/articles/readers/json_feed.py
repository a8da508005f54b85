"""JSON Feed (jsonfeed.org, versions 1 and 1.1): its items in the words of Pincite's own records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SAME = ("id", "title", "url", "language", "tags")


def from_json_feed(item: object, feed: Mapping[str, Any]) -> object:
    """The record that an item of a feed is; what is no item stays as it is, to be refused as a record.

    An item's address goes before its id, which is often the same and never more than the feed's own number.
    """
    if not isinstance(item, dict):
        return item
    authors = item.get("authors") or ([item["author"]] if item.get("author") else feed.get("authors") or [])
    record = {name: item[name] for name in _SAME if item.get(name)}
    if record.get("url"):
        record.pop("id", None)
    record |= {"html": item["content_html"]} if item.get("content_html") else {}
    text = item.get("content_text") or item.get("summary")
    record |= {"text": text} if text and "html" not in record else {}
    record |= {"published": item["date_published"]} if item.get("date_published") else {}
    record |= {"modified": item["date_modified"]} if item.get("date_modified") else {}
    names = [author["name"] for author in authors if isinstance(author, dict) and author.get("name")]
    return {"source": feed.get("title"), "language": feed.get("language"), "author": names, **record}
