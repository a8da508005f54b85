"""From raw offsets to spans."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

from index.embedding.contract import Span
from index.embedding.tokens import lengths, spans, tidy, without_half_pairs


def test_white_space_before_a_word_is_not_part_of_it() -> None:
    assert tidy([(0, 2), (2, 6)], "It rains") == [Span(0, 2), Span(3, 6)]


def test_tokens_of_one_character_share_its_place() -> None:
    assert tidy([(0, 1), (0, 1), (0, 1), (1, 2)], "ﷺ.") == [Span(0, 1), Span(1, 1), Span(1, 1), Span(1, 2)]


def test_a_mark_before_a_word_takes_a_part_of_it() -> None:
    assert tidy([(0, 1), (0, 2), (2, 4)], "你好世界") == [Span(0, 1), Span(1, 2), Span(2, 4)]


def test_a_token_that_is_white_space_or_stands_nowhere_is_empty() -> None:
    assert tidy([(0, 1), (1, 2), (0, 0), (2, 3)], "a b") == [Span(0, 1), Span(1, 1), Span(1, 1), Span(2, 3)]


def test_a_token_beyond_the_text_ends_with_it() -> None:
    assert tidy([(0, 1), (1, 9)], "ab ") == [Span(0, 1), Span(1, 2)]


def test_half_pairs_are_replaced_one_for_one() -> None:
    assert without_half_pairs("a\ud83d b\udc00 😀") == "a\ufffd b\ufffd 😀"


def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(WordLevel({"?": 0}, unk_token="?"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(pad_id=0, pad_token="?")
    return tokenizer


def test_a_tokenizer_that_cuts_off_and_fills_up_still_gives_every_token() -> None:
    places = spans(_tokenizer(), "0 1 2 3 4 5 6 7 8 9")
    assert places == [Span(2 * number, 2 * number + 1) for number in range(10)]


def test_lengths_are_those_that_the_model_reads() -> None:
    assert lengths(_tokenizer(), ["a b", "", "a b c d e f", "a"]) == [2, 0, 4, 1]
    assert lengths(_tokenizer(), [("a", "b c"), ("a b", "c d e")]) == [3, 4]
    assert lengths(_tokenizer(), []) == []


def test_lengths_of_many_texts_stay_in_order() -> None:
    assert lengths(_tokenizer(), ["a b c", "a"] * 300) == [3, 1] * 300


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45)), max_size=20))
def test_spans_ascend_within_the_text_whatever_the_offsets(text: str, offsets: list[tuple[int, int]]) -> None:
    found = tidy(offsets, text)
    assert len(found) == len(offsets)
    reached = 0
    for start, end in found:
        assert reached <= start <= end <= len(text)
        assert text[start:end] == text[start:end].strip()
        reached = end
