"""Records: JSON and JSON Lines, and the keys that an article may have."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles.article import Draft
from index.articles.readers import read_bytes
from index.articles.readers.files import Source
from index.articles.readers.records import read_json, read_jsonl, record_draft
from index.errors import InvalidArticle, Unreadable


def json_of(data: bytes) -> list[Draft | Unreadable]:
    return list(read_json(Source(BytesIO(data), "a.json", largest=1000)))


def jsonl_of(data: bytes, largest: int = 1000) -> list[Draft | Unreadable]:
    return list(read_jsonl(Source(BytesIO(data), "a.jsonl", largest)))


def messages(found: list[Draft | Unreadable]) -> list[str]:
    return [item.message if isinstance(item, Unreadable) else item.content for item in found]


def test_every_key() -> None:
    record = {
        "id": "one",
        "title": "T",
        "text": "Some text.",
        "url": "https://example.org/a",
        "source": "S",
        "author": "A",
        "published": "2025-01-13",
        "language": "en",
        "tags": ["a", "b"],
        "metadata": {"kept": 1, "mood": "bad"},
        "mood": "good",
        "nested": {"deep": [1]},
    }
    assert record_draft(record, "a.json") == Draft(
        origin="a.json",
        content="Some text.",
        id="one",
        title="T",
        source="S",
        author="A",
        published="2025-01-13",
        url="https://example.org/a",
        language="en",
        tags=("a", "b"),
        metadata={"kept": 1, "mood": "good", "nested": {"deep": [1]}},
    )


def test_null_is_as_good_as_nothing() -> None:
    record = dict.fromkeys(
        ["id", "title", "html", "url", "source", "author", "published", "language", "tags", "metadata"]
    )
    assert record_draft({**record, "text": "T."}, "o") == Draft("o", "T.")


def test_kinder_forms() -> None:
    draft = record_draft({"id": 41, "html": "<p>T", "author": ["A", "B"], "tags": "x, y"}, "o", record=3)
    assert draft == Draft("o#3", "<p>T", "html", id="41", author="A; B", tags=("x", " y"))


def test_text_may_be_markdown() -> None:
    assert record_draft({"text": "# T"}, "o", markup="markdown") == Draft("o", "# T", "markdown")


def test_empty_text_is_left_to_cleaning() -> None:
    assert record_draft({"text": ""}, "o") == Draft("o", "")


@pytest.mark.parametrize(
    ("record", "field", "reason"),
    [
        ({}, "text", "the record has neither text nor html; it has nothing"),
        ({"text": None}, "text", "the record has neither text nor html; it has text"),
        ({"headline": "a", "body": "b"}, "text", "the record has neither text nor html; it has body, headline"),
        ({"text": 5}, "text", "it must be a string, not a number"),
        ({"text": "a", "html": "b"}, "html", "give the article as text or as html, not both"),
        ({"text": "a", "id": 1.5}, "id", "it must be a string, not a number"),
        ({"text": "a", "id": True}, "id", "it must be a string, not a boolean"),
        ({"text": "a", "title": ["b"]}, "title", "it must be a string, not an array"),
        ({"text": "a", "published": 1736760600}, "published", "it must be a string, not a number"),
        ({"text": "a", "url": {}}, "url", "it must be a string, not an object"),
        ({"text": "a", "tags": 7}, "tags", "it must be a string, not a number"),
        ({"text": "a", "tags": ["b", 7]}, "tags", "it must be a list of strings only"),
        ({"text": "a", "author": [None]}, "author", "it must be a list of strings only"),
        ({"text": "a", "metadata": ["b"]}, "metadata", "it must be an object, not an array"),
        ({"text": b"a"}, "text", "it must be a string, not bytes"),
    ],
)
def test_wrong_types_are_named(record: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(InvalidArticle) as caught:
        record_draft(record, "o", record=2)
    assert caught.value.message == f"o, record 2: {field}: {reason}"
    assert caught.value.detail == {"field": field, "origin": "o", "record": 2}


def test_a_file_name_with_a_colon_is_kept_whole() -> None:
    (found,) = read_json(Source(BytesIO(b'[{"text": 1}]'), "a: b.json"))
    assert isinstance(found, Unreadable)
    assert found.message == "a: b.json, record 1: text: it must be a string, not a number"
    assert found.reason == "text: it must be a string, not a number"


def test_one_article_in_a_file() -> None:
    assert json_of(b'\xef\xbb\xbf{"text": "\xc3\xa7ok"}') == [Draft("a.json", "çok")]


@pytest.mark.parametrize(
    "data", [b'[{"text": "one"}, {"text": "two"}]', b'{"articles": [{"text": "one"}, {"text": "two"}]}']
)
def test_several_articles_in_a_file(data: bytes) -> None:
    assert json_of(data) == [Draft("a.json#1", "one"), Draft("a.json#2", "two")]


def test_a_file_in_utf_16() -> None:
    assert json_of('{"text": "çok"}'.encode("utf-16")) == [Draft("a.json", "çok")]


def test_a_broken_record_does_not_stop_the_others() -> None:
    assert messages(json_of(b'[{"text": 1}, "x", {"text": "two"}, null]')) == [
        "a.json, record 1: text: it must be a string, not a number",
        "a.json, record 2: an article must be a JSON object, not a string",
        "two",
        "a.json, record 4: an article must be a JSON object, not null",
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{", "it is not JSON: Expecting property name"),
        (b'{"text": NaN}', "it is not JSON: NaN is no number in JSON"),
        (b'{"text": ' + b"9" * 500 + b"}", "text: it must be a string, not a number"),
        (b"[" * 900, "it is not JSON"),
        (b'{"text": "\xff"}', "it is not JSON: 'utf-8' codec can't decode byte 0xff"),
        (b" " * 1001, "it is larger than 0.000953674 MiB"),
        (b"7", "an article must be a JSON object, not a number"),
    ],
)
def test_files_that_cannot_be_read(data: bytes, reason: str) -> None:
    try:
        (found,) = messages(json_of(data))
    except Unreadable as error:
        found = error.message
    assert found.startswith(f"a.json: {reason}")


def test_lines_are_records_and_empty_ones_count() -> None:
    data = b'{"text": "one"}\n\n  \r\n{"text": "four"}\nbroken\n{"text": "six", "tags": [1]}\n{"text": "seven"}'
    assert messages(jsonl_of(data)) == [
        "one",
        "four",
        "a.jsonl, record 5: it is not JSON: Expecting value: line 1 column 1 (char 0)",
        "a.jsonl, record 6: tags: it must be a list of strings only",
        "seven",
    ]
    assert [item.origin for item in jsonl_of(data) if isinstance(item, Draft)] == [
        "a.jsonl#1",
        "a.jsonl#4",
        "a.jsonl#7",
    ]


def test_a_line_that_is_too_long_is_passed_over() -> None:
    data = b'{"text": "' + b"x" * 100 + b'"}\n{"text": "two"}\n' + b"y" * 60
    assert messages(jsonl_of(data, largest=40)) == [
        "a.jsonl, record 1: it is larger than 3.8147e-05 MiB; split it, or write one article a line (.jsonl)",
        "two",
        "a.jsonl, record 3: it is larger than 3.8147e-05 MiB; split it, or write one article a line (.jsonl)",
    ]


def test_lines_are_read_one_by_one() -> None:
    stream = BytesIO(b'{"text": "one"}\n' + b'{"text": "two"}\n' * 1000)
    first = next(read_jsonl(Source(stream, "a.jsonl")))
    assert isinstance(first, Draft)
    assert first.content == "one"
    assert stream.tell() == 16


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
KEYS = st.sampled_from(
    ["id", "title", "text", "html", "url", "source", "author", "published", "language", "tags", "metadata", "x"]
)


@given(st.dictionaries(KEYS, VALUES))
def test_any_record_gives_a_draft_or_a_named_error(record: dict[str, Any]) -> None:
    try:
        draft = record_draft(record, "o", 1)
    except InvalidArticle:
        return
    assert draft.content in {record.get("text"), record.get("html")}


LINES = b'{"text": "One."}\n{"text": "Two."}\n'


def texts(data: bytes, name: str) -> list[str]:
    return [item.content if isinstance(item, Draft) else item.message for item in read_bytes(data, name)]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize(
    "data",
    [
        LINES,
        b'[{"text": "One."}, {"text": "Two."}]',
        b"\xef\xbb\xbf" + LINES,
        b'[\n{"text": "One."},\n{"text": "Two."}\n]\n',
        b'{"articles": [\n{"text": "One."},\n{"text": "Two."}]}',
        LINES.decode().encode("utf-16"),
        LINES.decode().encode("utf-32"),
    ],
)
def test_json_under_the_other_name_is_read(data: bytes, name: str) -> None:
    assert texts(data, name) == ["One.", "Two."]


def test_an_article_printed_over_several_lines_is_one() -> None:
    assert texts(b'{\n  "text": "One."\n}\n', "a.jsonl") == ["One."]


def test_a_broken_first_line_does_not_stop_the_others() -> None:
    broken, two = texts(b'{"text": \n{"text": "Two."}\n', "a.jsonl")
    assert broken.startswith("a.jsonl, record 1: it is not JSON: ")
    assert two == "Two."
    array, two = texts(b'[1\n{"text": "Two."}\n', "a.jsonl")
    assert array.startswith("a.jsonl, record 1: it is not JSON: ")
    assert two == "Two."
