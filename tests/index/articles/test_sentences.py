"""Sentences, in the cases that are easily got wrong."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles.sentences import sentences


def split(text: str, language: str | None = "en") -> list[str]:
    return [text[start:end] for start, end in sentences(text, language)]


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("en", "He lives in the U.S.|She came at 5 p.m. on Monday."),
        ("en", "Mr. J. R. Smith Jr. met Dr. A. B. Jones, Ph.D., at 10 a.m.|They talked."),
        ("en", "It cost $3.5 billion.|See Fig. 3.|Apple Inc. said so.|Gen. Oakes spoke on Jan. 13."),
        ("en", "“Is it so?” he asked.|“Yes.”|Then he went."),
        ("en", '"We all want this to end," she said.|"It will not last."|She left.'),
        ("en", "Version 2.0. is out.|Wait... what?|Visit example.com.|Yes!|No?!|Good."),
        ("en", "iPhone sales rose.|eBay fell."),
        ("en", "J.\u00a0Smith came with A.\u3000B.\u2009Jones.|They left."),
        ("tr", "3. sınıf öğrencileri geldi.|2024'ün 5. ayında oldu.|Dr. Ali geldi."),
        ("tr", "II. Dünya Savaşı 1945'te bitti.|19. yüzyılda başladı.|Örn. bu vb. şeyler."),
        ("tr", "Saat 10.30'da başladı.|“Hazır değiliz.” dedi.|Sonra gitti."),
        ("de", "Das ist z. B. gut.|Am 3. Januar kam er.|Im 19. Jahrhundert war es so.|Die 2. Bundesliga startet."),
        ("de", "„Das ist gut.“ sagte er.|„Nein!“, rief sie.|Das war 1990.|Dann kam die Wende."),
        ("fr", "M. Dupont est arrivé.|« Oui ! » dit-il.|Mme. Martin est là à 5 h. du matin."),
        ("es", "El Sr. García llegó.|¿Qué pasa?|¡Nada!|EE. UU. ganó."),
        ("ru", "Это т. е. так.|В 2024 г. он приехал.|А. С. Пушкин писал."),
        ("zh", "“这是一句。”|他说。|那是第二句！|第三句？|好……是的。"),
        ("ja", "次の文！|終わり。"),
        ("ar", "هذه جملة.|وهذه جملة أخرى؟|نعم!|قال د. أحمد ذلك."),
        ("hi", "यह एक वाक्य है।|यह दूसरा है।"),
        (None, "One 😀 here.|Two there."),
        ("xx", "One here.|Two there."),
    ],
)
def test_sentences_of_many_languages(language: str, marked: str) -> None:
    expected = marked.split("|")
    joined = ("" if language in {"zh", "ja"} else " ").join(expected)
    assert split(joined, language) == expected


def test_offsets_are_code_points() -> None:
    assert sentences("😀😀 é!  Çok güzel.", "tr") == [(0, 5), (7, 17)]


def test_a_blank_line_ends_a_sentence() -> None:
    assert split("A headline\n\nThe text begins\n\n\nand ends") == ["A headline", "The text begins", "and ends"]


def test_a_line_end_counts_unless_lines_were_wrapped() -> None:
    assert split("A headline\nThe text begins here. It goes on.") == [
        "A headline",
        "The text begins here.",
        "It goes on.",
    ]
    wrapped = "The ferry to the island leaves at a\nquarter to midnight. It takes about\nfifty minutes."
    assert split(wrapped) == [
        "The ferry to the island leaves at a\nquarter to midnight.",
        "It takes about\nfifty minutes.",
    ]


def test_no_sentence_starts_with_a_closing_mark() -> None:
    assert split("It was free.[1]) Others pay. We all do.") == ["It was free.[1]) Others pay.", "We all do."]


def test_a_quote_goes_on_in_small_letters() -> None:
    assert split("Farkında. ” diye belirtti. Sonra gitti.", "tr") == ["Farkında. ” diye belirtti.", "Sonra gitti."]


def test_a_number_is_no_sentence() -> None:
    assert split("1. Alabama is first. 2. Others follow.")[0] == "1. Alabama is first."
    assert split("a) First. b) Second.") == ["a) First.", "b) Second."]


def test_quotes_and_brackets_of_several_sentences_are_parted() -> None:
    text = "He said: “We waited there. Nobody came. It was cold.” (It was indeed.) Then he left."
    assert split(text) == [
        "He said: “We waited there.",
        "Nobody came.",
        "It was cold.”",
        "(It was indeed.)",
        "Then he left.",
    ]


def test_an_abbreviation_within_quotes_parts_nothing() -> None:
    assert split("“Ask Dr. Oakes or Prof. Thorley.”") == ["“Ask Dr. Oakes or Prof. Thorley.”"]


def test_nothing_has_no_sentences() -> None:
    assert sentences("") == []
    assert sentences(" \n\u3000 ") == []


AWKWARD = "aB.!?\n \"'“”»()。！？😀é\u0301\u200d\r\t\x85\u2028\u00a0\u3000Zİı١3,;:…و؟।-"


@given(st.text(alphabet=AWKWARD) | st.text(), st.sampled_from(["en", "tr", "de", "fr", "zh", "ar", "xx", None]))
def test_sentences_hold_every_character_that_is_seen(text: str, language: str | None) -> None:
    spans = sentences(text, language)
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))
