"""Text fragments: encoded as the specification says, and proven unique by the matcher."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.fragments import LONGEST_WHOLE, Directive, deep_link, directive_for, find

PAGE = """Harbour bridge to close

The bridge will close for nine weeks. Ferries will run every half hour, the council said.

The bridge will close for nine weeks, the mayor repeated; she expects no delay."""


def span_of(text: str, quote: str, nth: int = 0) -> tuple[int, int]:
    start = -1
    for _ in range(nth + 1):
        start = text.index(quote, start + 1)
    return start, start + len(quote)


def test_a_unique_quote_needs_no_context() -> None:
    quote = "Ferries will run every half hour, the council said."
    assert directive_for(PAGE, *span_of(PAGE, quote)) == Directive(quote)


def test_a_repeated_quote_gets_the_context_that_tells_it_apart() -> None:
    quote = "The bridge will close for nine weeks"
    second = span_of(PAGE, quote, nth=1)
    directive = directive_for(PAGE, *second)
    assert directive is not None
    assert directive.prefix == "council said."
    assert directive.suffix == ", the"
    assert find(PAGE, directive) == [second]


def test_terms_are_percent_encoded_with_dash_comma_and_ampersand() -> None:
    text = "Nobody knew. A well-kept, R&D-heavy plan. The end."
    link = deep_link("https://a.example/p", text, *span_of(text, "A well-kept, R&D-heavy plan."))
    assert link == "https://a.example/p#:~:text=A%20well%2Dkept%2C%20R%26D%2Dheavy%20plan."


def test_an_existing_fragment_is_kept_and_an_existing_directive_replaced() -> None:
    text = "One. Two three four."
    assert deep_link("https://a.example/#top", text, 5, 20) == "https://a.example/#top:~:text=Two%20three%20four."
    again = deep_link("https://a.example/#:~:text=old", text, 5, 20)
    assert again == "https://a.example/#:~:text=Two%20three%20four."


def test_a_long_quote_becomes_a_range_of_its_first_and_last_words() -> None:
    quote = " ".join(f"word{number}" for number in range(100))
    text = f"Before. {quote} After."
    assert directive_for(text, *span_of(text, quote)) == Directive(
        "word0 word1 word2 word3", "word96 word97 word98 word99"
    )


def test_a_quote_over_several_blocks_becomes_a_range() -> None:
    text = "Alpha beta gamma delta epsilon.\n\nZeta eta theta iota kappa lambda."
    directive = directive_for(text, 0, len(text))
    assert directive == Directive("Alpha beta gamma delta", "theta iota kappa lambda.")
    assert find(text, directive) == [(0, len(text))]


def test_a_match_ignores_case_accents_and_runs_of_space_but_not_word_boundaries() -> None:
    text = "CAFÉ  noir, cafe noirs, un cafenoir."
    assert find(text, Directive("cafe noir")) == [(0, 10)]


def test_a_term_never_matches_across_blocks() -> None:
    assert find("one two\nthree", Directive("two three")) == []


def test_identical_surroundings_give_the_plain_address() -> None:
    text = "\n\n".join(["The same words stand here again."] * 40)
    start, end = span_of(text, "The same words stand here again.", nth=20)
    assert directive_for(text, start, end) is None
    assert deep_link("https://a.example/p", text, start, end) == "https://a.example/p"


def test_white_space_alone_cannot_be_linked() -> None:
    assert directive_for("a   b", 1, 4) is None


def test_a_language_without_spaces_is_linked() -> None:
    text = "他说好。今天的天气很好，我们去公园散步。明天见。"
    start, end = span_of(text, "今天的天气很好，我们去公园散步。")
    assert directive_for(text, start, end) == Directive("今天的天气很好，我们去公园散步。")


@given(st.text(alphabet="ab \n.é,-&ßİ", min_size=1, max_size=60), st.data())
def test_a_directive_finds_the_quote_and_nothing_else(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    directive = directive_for(text, start, end)
    if directive is not None:
        quote = text[start:end]
        expected = (start + len(quote) - len(quote.lstrip()), start + len(quote.rstrip()))
        assert find(text, directive) == [expected]


@given(st.text(min_size=1, max_size=40))
def test_encoding_loses_nothing(term: str) -> None:
    try:
        term.encode()
    except UnicodeEncodeError:
        return
    encoded = Directive(term).encoded()
    assert unquote(encoded) == term
    assert not set(encoded) & set("-,& #")


def test_whole_quotes_are_linked_whole_up_to_the_limit() -> None:
    quote = "a" * LONGEST_WHOLE
    assert directive_for(quote, 0, len(quote)) == Directive(quote)
    assert directive_for(quote + "a", 0, len(quote) + 1) is None


@pytest.mark.parametrize("directive", [Directive("weeks", suffix="the mayor"), Directive("weeks", prefix="ferries")])
def test_context_that_does_not_adjoin_is_no_match(directive: Directive) -> None:
    assert find(PAGE, directive) == []
