"""Passages: exact, whole, in order, of the right size, and never across a heading or a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles.article import Article, Break, BreakKind
from index.articles.blocks import Block, assemble, plain_blocks
from index.articles.characters import tidy
from index.articles.cut import cut
from index.articles.passage import Passage

Words = Callable[[str], list[tuple[int, int]]]


def letters(text: str) -> list[tuple[int, int]]:
    """Tokens as single characters, white space left out."""
    return [(place, place + 1) for place, char in enumerate(text) if not char.isspace()]


def article(*blocks: Block, language: str | None = "en") -> Article:
    text, breaks = assemble(blocks)
    return Article("id", text, language=language, breaks=breaks)


def heading(text: str) -> Block:
    return Block(text, "heading")


def texts(passages: Sequence[Passage]) -> list[str]:
    return [passage.text for passage in passages]


def sentence(words: int, first: str = "Word") -> str:
    """A sentence of so many words; its full stop is one more token."""
    return " ".join([first, *["word"] * (words - 1)]) + "."


def test_a_short_article_is_one_passage(words: Words) -> None:
    made = cut(article(Block("One thing."), Block("Another thing.")), words, room=100)
    assert made == [Passage("id", 0, 0, 26, "One thing.\n\nAnother thing.")]
    assert made[0].id == "id#0"


def test_an_empty_article_has_no_passages(words: Words) -> None:
    assert cut(Article("id", ""), words, room=10) == []
    assert cut(Article("id", " \n ", breaks=(Break(0, "paragraph"),)), words, room=10) == []


def test_an_article_without_breaks_is_cut_all_the_same(words: Words) -> None:
    assert texts(cut(Article("id", "One two. Three four.\n\nFive six."), words, room=3)) == [
        "One two.",
        "Three four.",
        "Five six.",
    ]


def test_offsets_and_white_space_are_those_of_the_article(words: Words) -> None:
    text = "  One  two.\n \n😀 Three\tfour. "
    made = cut(Article("id", text, breaks=(Break(2, "paragraph"), Break(14, "paragraph"))), words, room=4)
    assert [(passage.start, passage.end, passage.text) for passage in made] == [
        (2, 11, "One  two."),
        (14, 27, "😀 Three\tfour."),
    ]


def test_a_passage_ends_with_a_paragraph_rather_than_a_sentence(words: Words) -> None:
    first, second = f"{sentence(9)} {sentence(9)}", f"{sentence(9)} {sentence(9)} {sentence(9)}"
    assert texts(cut(article(Block(first), Block(second)), words, room=50, target=25)) == [first, second]


def test_an_article_a_little_over_the_target_is_left_whole(words: Words) -> None:
    short = article(Block(sentence(9)), Block(sentence(9)), Block(sentence(14)))
    assert texts(cut(short, words, room=100, target=20)) == [short.text]
    assert len(cut(short, words, room=34, target=20)) == 2  # a model with less room


def test_an_article_well_over_the_target_is_cut(words: Words) -> None:
    assert len(cut(article(Block(sentence(17)), Block(sentence(17))), words, room=100, target=20)) == 2


def test_a_heading_parts_short_articles_too(words: Words) -> None:
    whole = article(Block(sentence(9)), heading("Second"), Block(sentence(9)))
    assert len(cut(whole, words, room=100, target=20)) == 2


def test_a_small_rest_joins_its_neighbour(words: Words) -> None:
    whole = article(Block(sentence(19)), Block(sentence(19)), Block(sentence(3)))
    assert texts(cut(whole, words, room=40, target=20)) == [sentence(19), f"{sentence(19)}\n\n{sentence(3)}"]


def test_a_rest_without_room_is_balanced(words: Words) -> None:
    text = " ".join([sentence(4)] * 9)
    assert [len(words(passage.text)) for passage in cut(article(Block(text)), words, room=20, target=20)] == [
        15,
        15,
        15,
    ]


def test_a_heading_parts_passages_and_goes_with_its_text(words: Words) -> None:
    whole = article(heading("First"), Block("One."), heading("Second"), Block("Two."), Block("Three."))
    assert texts(cut(whole, words, room=100)) == ["First\n\nOne.", "Second\n\nTwo.\n\nThree."]


def test_headings_in_a_row_open_one_section(words: Words) -> None:
    whole = article(Block("Zero."), heading("First"), heading("Under it"), Block("One."))
    assert texts(cut(whole, words, room=100)) == ["Zero.", "First\n\nUnder it\n\nOne."]


def test_a_heading_at_the_end_stands_alone(words: Words) -> None:
    assert texts(cut(article(Block("One."), heading("Last")), words, room=100)) == ["One.", "Last"]


def test_a_heading_stays_with_the_start_of_a_long_text(words: Words) -> None:
    whole = article(heading("A heading"), Block(sentence(19)), Block(sentence(19)))
    assert texts(cut(whole, words, room=24, target=20)) == [f"A heading\n\n{sentence(19)}", sentence(19)]


def test_a_page_parts_passages(words: Words) -> None:
    whole = article(Block("One."), Block("Two.", page=True), heading("Three"), Block("Four."))
    assert texts(cut(whole, words, room=100)) == ["One.", "Two.", "Three\n\nFour."]


def test_a_page_and_a_heading_at_one_place(words: Words) -> None:
    whole = article(heading("One"), Block("Two", "heading", page=True), Block("Three."))
    assert texts(cut(whole, words, room=100)) == ["One", "Two\n\nThree."]


def test_a_long_sentence_is_parted_at_clauses_first(words: Words) -> None:
    text = "one two three, four five six; seven eight nine ten."
    assert texts(cut(article(Block(text)), words, room=8)) == ["one two three, four five six;", "seven eight nine ten."]


def test_a_long_clause_is_parted_at_words(words: Words) -> None:
    assert texts(cut(article(Block("one two three four five")), words, room=3)) == ["one two three", "four five"]


def test_a_long_word_is_parted_between_characters() -> None:
    flags = "🇹🇷"
    text = f"e\u0301👨‍👩‍👧{flags}👍🏽xyz"
    assert texts(cut(article(Block(text)), letters, room=5, target=1)) == [
        "e\u0301",
        "👨‍👩‍👧",
        flags,
        "👍🏽",
        "xy",
        "z",
    ]


def test_a_character_larger_than_the_room_is_parted_last() -> None:
    text = "e" + "\u0301" * 5
    assert texts(cut(article(Block(text)), letters, room=3)) == [text[:3], text[3:]]


def test_one_character_of_many_tokens_stays_whole() -> None:
    def bytes_of(text: str) -> list[tuple[int, int]]:
        return [(place, place + 1) for place, char in enumerate(text) for _ in char.encode()]

    assert texts(cut(article(Block("😀😀")), bytes_of, room=2)) == ["😀", "😀"]


def test_chinese_is_parted_at_its_own_signs() -> None:
    text = "我们今天去公园，明天去学校；后天在家。"
    assert texts(cut(article(Block(text), language="zh"), letters, room=8)) == [
        "我们今天去公园，",
        "明天去学校；",
        "后天在家。",
    ]


def test_tokens_that_begin_with_the_space_before_them_count_for_their_word() -> None:
    def spaced(text: str) -> list[tuple[int, int]]:
        return [(0, 3), (3, 7), (7, 11), (11, 15)]

    assert texts(cut(article(Block("one two six ten")), spaced, room=2)) == ["one two", "six ten"]


@pytest.mark.parametrize(("room", "target"), [(0, 10), (10, 0), (-1, 5)])
def test_room_and_target_must_be_positive(words: Words, room: int, target: int) -> None:
    with pytest.raises(ValueError, match=f"room \\({room}\\) and target \\({target}\\)"):
        cut(Article("id", "text"), words, room=room, target=target)


def test_text_is_tokenised_once(words: Words) -> None:
    asked: list[str] = []

    def tokens(text: str) -> list[tuple[int, int]]:
        asked.append(text)
        return words(text)

    cut(article(heading("A"), Block(sentence(50)), heading("B"), Block(sentence(50))), tokens, room=10)
    assert asked == [f"A\n\n{sentence(50)}\n\nB\n\n{sentence(50)}"]


KINDS: list[BreakKind] = ["paragraph", "heading", "page"]
TEXTS = st.text(alphabet="aB.,! \n\tÇ1é\u0301😀\u200d。，-") | st.text()


@st.composite
def articles(draw: st.DrawFn) -> Article:
    """Articles as cleaning makes them, and some with breaks anywhere."""
    text = tidy(draw(TEXTS)).strip()
    if draw(st.booleans()):
        made, breaks = assemble(plain_blocks(text))
        return Article("id", made, breaks=breaks)
    places = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    return Article("id", text, breaks=tuple(Break(place, draw(st.sampled_from(KINDS))) for place in places))


@given(articles(), st.integers(1, 40), st.integers(1, 40), st.booleans())
def test_what_holds_for_every_article(words: Words, whole: Article, room: int, target: int, by_letter: bool) -> None:
    tokens = letters if by_letter else words
    made = cut(whole, tokens, room, target)
    assert [passage.ordinal for passage in made] == list(range(len(made)))
    assert all(passage.text == whole.text[passage.start : passage.end] for passage in made)
    assert all(passage.text == passage.text.strip() != "" for passage in made)
    assert all(before.end <= after.start for before, after in pairwise(made))
    assert "".join("".join(passage.text.split()) for passage in made) == "".join(whole.text.split())
    assert all(len(tokens(passage.text)) <= room for passage in made)


@given(articles(), st.integers(1, 40))
def test_no_passage_goes_on_past_a_page_or_into_a_heading(words: Words, whole: Article, room: int) -> None:
    kinds: dict[int, set[str]] = {}
    for mark in whole.breaks:
        kinds.setdefault(mark.start, set()).add(mark.kind)
    places = sorted(kinds)
    for passage in cut(whole, words, room):
        inside = [place for place in places if passage.start < place < passage.end]
        assert not any("page" in kinds[place] for place in inside)
        start = max((place for place in places if place <= passage.start), default=None)
        for place in inside:
            if "heading" in kinds[place]:
                before = [start, *[other for other in inside if other < place]]
                assert all(other is not None and "heading" in kinds[other] for other in before)
