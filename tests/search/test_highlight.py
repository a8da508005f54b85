"""Which sentence is marked, and how marks are set."""

from __future__ import annotations

import math

from index.articles.passage import Passage
from index.embedding.contract import Span
from search.highlight import best_sentence, mark, rarity, sentences_of

BEFORE = "An earlier paragraph.\n\n"
TEXT = "The council met. The bridge will close in March. The bridge is old.\nFerries run."
PASSAGE = Passage("a", 0, len(BEFORE), len(BEFORE) + len(TEXT), TEXT)


def marked(
    question: str, language: str | None = "en", weights: dict[str, float] | None = None, text: str = TEXT
) -> str | None:
    passage = Passage("a", 0, len(BEFORE), len(BEFORE) + len(text), text)
    span = best_sentence(question, sentences_of(passage, language), language, weights or {})
    return (BEFORE + text)[span.start : span.end] if span else None


def test_the_sentence_with_the_questions_words_is_marked() -> None:
    assert marked("When does the bridge close?") == "The bridge will close in March."


def test_stems_count_as_the_same_word() -> None:
    assert marked("closing") == "The bridge will close in March."
    assert marked("closing", language=None) is None


def test_of_equals_the_first_is_marked() -> None:
    assert marked("bridge") == "The bridge will close in March."


def test_rare_words_weigh_more_than_common_ones() -> None:
    weights = {"bridg": 0.1, "close": 0.1, "ferri": 3.0}
    assert marked("bridge close ferries", weights=weights) == "Ferries run."


def test_nothing_is_marked_where_no_word_is_shared() -> None:
    assert marked("Wann schließt die Brücke?") is None


def test_a_heading_or_a_question_speaks_for_what_follows() -> None:
    heading = "The bridge closing\n\nWork begins in March. Ferries run."
    assert marked("When does the bridge close?", text=heading) == "Work begins in March."
    asked = "Does the bridge close? Yes, in March. Ferries run."
    assert marked("When does the bridge close?", text=asked) == "Yes, in March."
    assert marked("bridge", text="Ferries run.\n\nThe bridge") == "The bridge"
    assert marked("bridge", text="Here is the bridge.\n\nFerries run.") == "Here is the bridge."


def test_rarity_by_hand() -> None:
    one = sentences_of(Passage("a", 0, 0, 14, "Red cat. A red"), "en")
    two = sentences_of(Passage("b", 0, 0, 9, "A red dog"), "en")
    assert rarity([one, two]) | {"a": 0.0} == {
        "a": 0.0,
        "red": math.log1p(1),
        "cat": math.log1p(2),
        "dog": math.log1p(2),
    }


def test_marks_stand_round_the_highlights() -> None:
    spans = [Span(len(BEFORE) + 4, len(BEFORE) + 11), Span(len(BEFORE) + 12, len(BEFORE) + 15)]
    assert mark(PASSAGE, spans, "<", ">").startswith("The <council> <met>. The bridge")
    assert mark(PASSAGE, [], "<", ">") == TEXT
