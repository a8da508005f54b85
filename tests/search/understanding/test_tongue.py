"""The language of questions, which are short."""

from __future__ import annotations

import pytest

from search.understanding.tongue import UNDETERMINED, language_of


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("When does the night train leave?", "en"),
        ("Wann wurde die Bücherei wieder geöffnet?", "de"),
        ("图书馆什么时候重新开放？", "zh"),
        ("Überraschung", "de"),
    ],
)
def test_a_question_has_a_language(question: str, language: str) -> None:
    assert language_of(question) == language


@pytest.mark.parametrize("question", ["¿Cuándo reabre la biblioteca?", "Şifremi sıfırla", "東京"])
def test_letters_tell_that_it_is_not_english(question: str) -> None:
    assert language_of(question) not in {None, "en"}


def test_where_only_letters_tell_it_stays_undetermined() -> None:
    assert language_of("東京") == UNDETERMINED


@pytest.mark.parametrize("question", ["sponge", "Rutte NATO", "5-3", "?", "🚢", ""])
def test_a_few_plain_words_could_be_anything(question: str) -> None:
    assert language_of(question) is None
