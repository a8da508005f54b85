"""Articles as records: JSON files (one, an array, ``{"articles": [...]}``, a JSON Feed) and JSON Lines, line by line.

`record_draft` is the one place that knows a record's keys; what comes in over HTTP goes through it too.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any, BinaryIO, cast

from index.articles.article import Draft, Markup
from index.articles.readers.decoding import decode, is_marked_wide
from index.articles.readers.files import Source, too_large, whole
from index.articles.readers.json_feed import from_json_feed
from index.errors import InvalidArticle, Unreadable

MOST_KEYS = 12
_STRINGS = ("title", "source", "published", "url", "language")
_KNOWN = frozenset((*_STRINGS, "id", "text", "html", "author", "tags", "metadata"))


def record_draft(mapping: Mapping[str, Any], origin: str, record: int | None = None, markup: Markup = "text") -> Draft:
    """The draft that a record holds.

    Args:
        mapping: ``text`` or ``html``, and any of ``id, title, source, author, published, url, language, tags``. A
            value may be null. `id` may be a whole number, `author` a list, `tags` a list or a string with commas.
            The object under ``metadata`` and all other keys are kept as metadata.
        origin: what the record is named by, and its id of last resort.
        record: its number among several of one origin, from 1; ``#number`` is added to the origin.
        markup: how ``text`` is marked up.

    Raises:
        InvalidArticle: a value has the wrong type, or there is neither text nor HTML; `detail` has field and record.
    """
    try:
        return _drafted(mapping, origin, record, markup, "record")
    except _WrongField as wrong:
        where = origin if record is None else f"{origin}, record {record}"
        raise InvalidArticle(f"{where}: {wrong}", field=wrong.field, origin=origin, record=record) from None


def file_draft(
    mapping: Mapping[str, Any],
    origin: str,
    record: int | None = None,
    markup: Markup = "text",
    place: str = "record",
) -> Draft:
    """As `record_draft`, for what was read in a `place` of a file: what is wrong makes the record `Unreadable`."""
    try:
        return _drafted(mapping, origin, record, markup, place)
    except _WrongField as wrong:
        raise Unreadable(str(wrong), origin=origin, record=record) from None


def read_json(source: Source) -> Iterator[Draft | Unreadable]:
    """The articles of a JSON file, which is read whole. Several values, one a line, are read as JSON Lines.

    Raises:
        Unreadable: it is not JSON, or holds no articles.
    """
    data = whole(source)
    try:
        found = _parsed(data, source.origin)
    except Unreadable:
        if not _is_line(data.lstrip().partition(b"\n")[0]):
            raise
        yield from read_jsonl(replace(source, stream=BytesIO(data)))
    else:
        yield from _records(found, source.origin)


def read_jsonl(source: Source) -> Iterator[Draft | Unreadable]:
    """The articles of a file with one JSON object a line; only one line is in memory at a time. Empty lines count,
    but are no records. One JSON value over several lines, and an array on the first, are read as JSON."""
    stream = _in_utf8(source)
    number = 0
    while line := stream.readline(source.largest + 1):
        number += 1
        if len(line) > source.largest:
            _skip_line(stream, line, source.largest)
            yield Unreadable(too_large(source.largest), origin=source.origin, record=number)
        elif number == 1 and (one := _one_value(line, stream, source.largest)) is not None:
            yield from _records(one, source.origin)
            return
        elif line.strip():
            yield _line(line, source.origin, number)


def _in_utf8(source: Source) -> BinaryIO:
    """The file's bytes; of one in UTF-16 or UTF-32, which cannot be parted at line ends, all of them as UTF-8."""
    head = source.stream.read(4)
    source.stream.seek(0)
    return BytesIO(decode(whole(source), source.origin).encode()) if is_marked_wide(head) else source.stream


def _one_value(line: bytes, stream: BinaryIO, largest: int) -> object | None:
    """The one JSON value that a file is, when its first line is an array or the beginning of something; the stream is
    left behind the line where it is not."""
    if _is_line(line) and not line.lstrip().startswith(b"["):
        return None
    rest = stream.read(largest)
    try:
        return cast("object", json.loads(line + rest, parse_constant=_refuse_constant))
    except (ValueError, RecursionError):
        stream.seek(len(line))
        return None


def _is_line(line: bytes) -> bool:
    """Whether a line is a JSON value of its own, or may be skipped."""
    try:
        return not line.strip() or _parsed(line, "") is not None
    except Unreadable:
        return False


def _records(found: object, origin: str) -> Iterator[Draft | Unreadable]:
    """The articles of a parsed file: one, an array, one with ``articles``, or a JSON Feed."""
    if isinstance(found, dict) and isinstance(found.get("items"), list) and "jsonfeed" in str(found.get("version")):
        found = [from_json_feed(item, found) for item in found["items"]]
    elif isinstance(found, dict) and isinstance(found.get("articles"), list):
        found = found["articles"]
    if isinstance(found, list):
        yield from (_record(value, origin, number) for number, value in enumerate(found, 1))
    else:
        yield _record(found, origin, None)


def _skip_line(stream: BinaryIO, line: bytes, largest: int) -> None:
    """Read on to the line's end, keeping nothing."""
    while line and not line.endswith(b"\n"):
        line = stream.readline(largest)


def _line(line: bytes, origin: str, number: int) -> Draft | Unreadable:
    try:
        return _record(_parsed(line, origin, number), origin, number)
    except Unreadable as unreadable:
        return unreadable


def _record(value: Any, origin: str, number: int | None) -> Draft | Unreadable:
    if not isinstance(value, dict):
        return Unreadable(f"an article must be a JSON object, not {_kind(value)}", origin=origin, record=number)
    try:
        return file_draft(value, origin, number)
    except Unreadable as unreadable:
        return unreadable


def _parsed(data: bytes, origin: str, record: int | None = None) -> Any:
    try:
        return json.loads(data.removeprefix(codecs.BOM_UTF8), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"it is not JSON: {error}", origin=origin, record=record) from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number in JSON")


class _WrongField(Exception):
    """A value of a record that cannot be used."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field


def _drafted(mapping: Mapping[str, Any], origin: str, record: int | None, markup: Markup, place: str) -> Draft:
    content, form = _content(mapping, markup)
    title, source, published, url, language = (_string(mapping, name) for name in _STRINGS)
    return Draft(
        origin=origin if record is None else f"{origin}#{record}",
        content=content,
        markup=form,
        id=_identity(mapping),
        author="; ".join(_strings(mapping, "author")) or None,
        tags=tuple(_strings(mapping, "tags", parted_by=",")),
        metadata=_metadata(mapping),
        title=title,
        source=source,
        published=published,
        url=url,
        language=language,
        place=place,
    )


def _string(mapping: Mapping[str, Any], name: str) -> str | None:
    value = mapping.get(name)
    if value is None or isinstance(value, str):
        return value
    raise _WrongField(name, f"it must be a string, not {_kind(value)}")


def _strings(mapping: Mapping[str, Any], name: str, parted_by: str | None = None) -> list[str]:
    """The value as a list: a list of strings, or one string, parted where that is meant."""
    value = mapping.get(name)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return value
    if isinstance(value, list):
        raise _WrongField(name, "it must be a list of strings only")
    one = _string(mapping, name)
    return one.split(parted_by) if one and parted_by else [one] if one else []


def _identity(mapping: Mapping[str, Any]) -> str | None:
    value = mapping.get("id")
    return str(value) if type(value) is int else _string(mapping, "id")


def _content(mapping: Mapping[str, Any], markup: Markup) -> tuple[str, Markup]:
    text, html = _string(mapping, "text"), _string(mapping, "html")
    if text and html:
        raise _WrongField("html", "give the article as text or as html, not both")
    if text is None and html is None:
        keys = ", ".join(sorted(str(key) for key in mapping)[:MOST_KEYS]) or "nothing"
        raise _WrongField("text", f"the record has neither text nor html; it has {keys}")
    return (html, "html") if html else (text or "", markup)


def _metadata(mapping: Mapping[str, Any]) -> dict[str, Any]:
    given = mapping.get("metadata") or {}
    if not isinstance(given, Mapping):
        raise _WrongField("metadata", f"it must be an object, not {_kind(given)}")
    return {**given, **{key: value for key, value in mapping.items() if key not in _KNOWN}}


def _kind(value: object) -> str:
    """A value's type in JSON's words."""
    names = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "an array",
        dict: "an object",
    }
    return "null" if value is None else names.get(type(value), type(value).__name__)
