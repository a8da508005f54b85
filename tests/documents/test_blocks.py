"""Reading blocks, and telling whether what came back is what a document shows: the checks that check the documents."""

from __future__ import annotations

from typing import Any

import pytest

from tests.documents.blocks import Block, blocks, commands, differences, exchanges, same_text


def test_blocks_have_their_language_and_line_and_no_indentation() -> None:
    document = "# A\n\n```bash\nls\n```\n\n1. B\n\n    ```yaml\n    a:\n      - b\n    ```\n"
    assert blocks(document) == [Block("bash", "ls\n", 3), Block("yaml", "a:\n  - b\n", 9)]


def test_a_command_goes_on_after_a_backslash_and_within_quotes() -> None:
    text = "make run   # first\n\n# only words\ncurl a \\\n  -d '{\n  \"b\": 1}'\nls\n"
    assert commands(text) == ["make run   # first", "curl a \\\n  -d '{\n  \"b\": 1}'", "ls"]


def test_a_block_that_ends_within_a_command_is_refused() -> None:
    with pytest.raises(AssertionError, match="ends within a command: echo 'a"):
        commands("echo 'a\n")


def test_an_exchange_is_a_command_and_what_it_prints() -> None:
    assert list(exchanges("$ a b\nc\nd\n$ e\n")) == [("a b", "c\nd\n"), ("e", "")]


@pytest.mark.parametrize(
    ("documented", "given", "same"),
    [
        ("a  b\n  c", "a b c", True),
        ("a … d", "a b c d", True),
        ("a …", "a b\nc", True),
        ("a", "a b", False),
        ("score 0.59 x", "score 0.61 x", True),
        ("score 0.59 x", "score none x", False),
        ("characters 622–1060", "characters 623–1060", False),
        ("a.b", "axb", False),
    ],
)
def test_text_is_compared_but_for_spaces_decimals_and_what_is_left_out(documented: str, given: str, same: bool) -> None:
    assert same_text(documented, given) is same


@pytest.mark.parametrize(
    ("documented", "given", "found"),
    [
        ({"a": 1, "b": "x …"}, {"a": 1, "b": "x y"}, []),
        ({"a": 1}, {"a": 2}, [".a: 2, not 1"]),
        ({"a": 0.5}, {"a": 0.7}, []),
        ({"a": 0.5}, {"a": None}, [".a: null, not 0.5"]),
        ({"a": 1}, {"b": 1}, [".a: not there", ".b: not shown"]),
        ({"a": 1, "…": "…"}, {"a": 1, "b": 1}, []),
        ([{"a": 1}], [{"a": 1}, {"a": 2}], []),
        ([{"a": 1}], [], [": 0 items, fewer than shown"]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, [".a.b[1]: 3, not 2"]),
    ],
)
def test_json_is_compared_in_shape_and_where_it_is_certain_in_value(
    documented: Any, given: Any, found: list[str]
) -> None:
    assert differences(documented, given) == found
