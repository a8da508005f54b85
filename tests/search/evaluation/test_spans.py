"""Gold spans found again in the text that cleaning made."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from index.articles.article import Draft
from index.articles.clean import clean
from index.embedding.contract import Span
from search.evaluation.dataset import Gold
from search.evaluation.spans import Placing, place_all


def gold(text: str, answer: str, after: int = 0) -> Gold:
    start = text.index(answer, after)
    return Gold("d", start, start + len(answer), answer)


def test_an_unchanged_text_keeps_its_offsets() -> None:
    text = "The owl hunts voles, and voles again."
    assert Placing(text, text).place(gold(text, "voles", 20)) == Span(25, 30)


def test_folded_white_space_shifts_a_span() -> None:
    own, text = "The  owl\r\n\r\nhunts \t voles at dusk.", "The owl\n\nhunts voles at dusk."
    assert Placing(own, text).place(gold(own, "hunts \t voles")) == Span(9, 20)


def test_the_context_tells_one_of_several_apart() -> None:
    own = "NOTICE The fox saw a vole. The owl saw a vole. The cat saw a vole."
    text = own.removeprefix("NOTICE ")
    found = Placing(own, text).place(gold(own, "vole", 30))
    assert found == Span(34, 38)
    assert text[20:38] == "The owl saw a vole"


def test_a_changed_context_narrows_to_the_answer_itself() -> None:
    assert Placing("aaaa 1492 bbbb", "cc 1492 dd").place(Gold("d", 5, 9, "1492")) == Span(3, 7)


def test_what_is_gone_or_cannot_be_told_apart_is_not_placed() -> None:
    assert Placing("in 1492 he", "nothing here").place(Gold("d", 3, 7, "1492")) is None
    assert Placing("x 7 y", "ab 7 c, d 7 e").place(Gold("d", 2, 3, "7")) is None
    assert Placing("a  b", "a b c").place(Gold("d", 1, 3, "  ")) is None


@settings(deadline=None)  # the first cleaning loads the model of languages
@given(st.lists(st.text("abcdef", min_size=1, max_size=6), min_size=3, max_size=30, unique=True), st.data())
def test_any_word_is_found_after_cleaning(words: list[str], data: st.DataObject) -> None:
    gaps = data.draw(st.lists(st.sampled_from([" ", "  ", "\n", "\n\n\n", "\t"]), min_size=30, max_size=30))
    own = "".join(word + gap for word, gap in zip(words, gaps, strict=False))
    place = data.draw(st.integers(0, len(words) - 1))
    start = sum(len(word) + len(gap) for word, gap in zip(words[:place], gaps, strict=False))
    text = clean(Draft("d", own)).text
    found = Placing(own, text).place(Gold("d", start, start + len(words[place]), words[place]))
    assert found is None or text[found.start : found.end] == words[place]
    if text == own.strip() and own[0] == text[0]:
        assert found == Span(start, start + len(words[place]))


def test_all_spans_are_placed_and_the_lost_ones_counted() -> None:
    own = {"a": "one two", "b": "three"}
    golds = {
        "q1": [Gold("a", 0, 3, "one"), Gold("b", 0, 5, "three")],
        "q2": [Gold("b", 0, 5, "three")],
        "q3": [Gold("a", 4, 7, "two")],
    }
    placed, lost = place_all(golds, own, {"a": "- one two"}.get)
    assert placed == {"q1": [("a", Span(2, 5))], "q3": [("a", Span(6, 9))]}
    assert lost == 2
