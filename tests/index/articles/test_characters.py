"""Characters: what is refused, what is put right, what is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles.characters import fault, fold_space, tidy, value_fault


def test_a_nul_character_is_a_fault() -> None:
    assert fault("ab\x00c") == "a NUL character at character 2"


def test_half_of_a_surrogate_pair_is_a_fault() -> None:
    assert fault("a\ud83d") == "half of a surrogate pair (U+D83D) at character 1"


def test_whole_characters_of_any_plane_are_no_fault() -> None:
    assert fault("çok 😀 é e\u0301 \u200d \x07") is None


@pytest.mark.parametrize("value", [None, True, 7, -1.5, "text", [], {}, {"a": [1, {"b": None}]}, ("x", "y")])
def test_values_that_json_can_hold(value: object) -> None:
    assert value_fault(value) is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "the value nan"),
        (float("inf"), "the value inf"),
        ({1: "a"}, "a key that is no string"),
        ({"a": b"x"}, "the value b'x'"),
        ({"a": [{"b\x00": 1}]}, "a NUL character at character 1"),
        (["fine", "\udc00"], "half of a surrogate pair (U+DC00) at character 0"),
    ],
)
def test_values_that_json_cannot_hold(value: object, reason: str) -> None:
    assert value_fault(value) == reason


def test_fifty_levels_of_nesting_are_enough() -> None:
    value: object = "deep"
    for _ in range(50):
        value = [value]
    assert value_fault(value) is None
    assert value_fault([value]) == "a value nested in more than 50 others"


@pytest.mark.parametrize(
    ("raw", "tidied"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\u2028b\u2029c\vd", "a\nb\n\nc\nd"),
        ("a\x07b\x7fc\x1f", "abc"),
        ("\x93quoted\x94 it\x92s 5\x80", "“quoted” it’s 5€"),
        ("a\x81b", "ab"),
        ("page\fpage\tcell", "page\fpage\tcell"),
        ("e\u0301 \u00a0 \u200c \u00ad \ufeff ﬁ", "e\u0301 \u00a0 \u200c \u00ad \ufeff ﬁ"),
    ],
)
def test_tidying(raw: str, tidied: str) -> None:
    assert tidy(raw) == tidied


def test_folding_makes_one_line() -> None:
    assert fold_space("  A\r\n title\t\u00a0of\u2003 words ") == "A title of words"


@given(st.text())
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
