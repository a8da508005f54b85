"""Text becomes the terms that lexical search compares."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.library.analysis import LONGEST_TERM, UNSPACED, primary, spelt, terms, variants, words

MARKS = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) in {"Mn", "Mc"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The quick, brown fox!", ["The", "quick", "brown", "fox"]),
        ("3.5 percent of 1,000,000", ["3.5", "percent", "of", "1,000,000"]),
        ("It cost 5. Then 3.", ["It", "cost", "5", "Then", "3"]),
        ("version 2.0beta", ["version", "2", "0beta"]),
        ("the U.S. and the U.S.A, e.g. at 5 p.m.", ["the", "US", "and", "the", "USA", "eg", "at", "5", "pm"]),
        ("J.K. Rowling", ["JK", "Rowling"]),
        ("end.Start", ["end", "Start"]),
        ("covid-19 state-of-the-art", ["covid", "19", "state", "of", "the", "art"]),
        ("snake_case_name", ["snake", "case", "name"]),
        ("Ukraine's ‘peace’ l’eau", ["Ukraine's", "peace", "l’eau"]),
        ("北约秘书长", ["北约", "约秘", "秘书", "书长"]),
        ("大 iPhone手机", ["大", "iPhone", "手机"]),
        ("ﬁnance ＡＢＣ", ["finance", "ABC"]),
        ("cafe\u0301 हिन्दी", ["café", "हिन्दी"]),
        ("", []),
        (" .,;!? 😀 — ", []),
    ],
)
def test_words_are_split_the_same_in_every_language(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Houses JUMPING ponies", ["hous", "jump", "poni"]),
        ("en-GB", "Houses", ["hous"]),
        ("EN", "Houses", ["hous"]),
        (None, "Houses JUMPING", ["houses", "jumping"]),
        ("xx", "Houses", ["houses"]),
        ("porter", "Houses", ["houses"]),
        ("en", "Ukraine's don't o'clock", ["ukrain", "don", "clock"]),
        ("fr", "l'économie d’été", ["econom", "ete"]),
        ("de", "Häuser Straße Überraschungen", ["haus", "strass", "uberrasch"]),
        ("tr", "İstanbul'daki IŞIKLARIN ışık", ["istanbul", "isik", "isik"]),
        ("tr", "AB'nin NATO'nun", ["ab", "nato"]),
        ("en", "İstanbul ISPARTA ısı", ["istanbul", "isparta", "isi"]),
        ("ru", "Переговоров переговоры ёлка", ["переговор", "переговор", "елк"]),
        ("el", "Ειρήνη", ["ειρην"]),
        ("ar", "مُحَادَثَات محادثات", ["محادثا", "محادثا"]),
        ("he", "שָׁלוֹם", ["שלום"]),
        ("ko", "한국어", ["한국", "국어"]),
        ("hi", "वार्ता", ["वार्त"]),
        ("en", "x" * 200, ["x" * LONGEST_TERM]),
    ],
)
def test_terms_follow_the_rules_of_the_language(language: str | None, text: str, expected: list[str]) -> None:
    assert terms(text, language) == expected


def test_a_question_word_has_one_variant_for_each_way_to_read_it() -> None:
    assert variants("Houses", ["en", "de", None]) == ["hous", "houses"]
    assert variants("Rutte", ["en", "de", "tr", ""]) == ["rutt", "rutte"]
    assert variants("3.5", ["en", "tr"]) == ["3.5"]
    assert variants("word", []) == []
    assert variants("TEORILERIN", ["tr"]) == ["teor", "teori"]
    assert variants("TEORİLERİN", ["tr"]) == ["teor"]
    assert variants("TEORILERIN", [None]) == ["teorilerin"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We're “not READY”!", ["we", "re", "not", "ready"]),
        ("Ankara'da O’Brien l'économie", ["ankara", "da", "o", "brien", "l", "economie"]),
        ("İstanbul ISTANBUL ıstanbul", ["istanbul", "istanbul", "istanbul"]),
        ("Häuser Straße", ["hauser", "strasse"]),
        ("covid-19, 3.5 in the U.S.", ["covid", "19", "3.5", "in", "the", "us"]),
        ("秘书长 iPhone手机", ["秘", "书", "长", "iphone", "手", "机"]),
        ("שָׁלוֹם", ["שלום"]),
        ("x" * 200, ["x" * LONGEST_TERM]),
        ("…", []),
    ],
)
def test_words_are_spelt_alike_in_every_language(text: str, expected: list[str]) -> None:
    assert spelt(text) == expected


@pytest.mark.parametrize(("code", "expected"), [("pt-BR", "pt"), ("zh_Hant", "zh"), ("EN", "en"), (None, ""), ("", "")])
def test_only_the_language_of_a_code_counts(code: str | None, expected: str) -> None:
    assert primary(code) == expected


text_of_any_kind = st.text(st.characters(max_codepoint=sys.maxunicode, exclude_categories=()), max_size=80)


@given(text_of_any_kind, st.sampled_from(["en", "de", "tr", "fr", "ar", "zh", None]))
def test_any_text_has_terms_without_white_space(text: str, language: str | None) -> None:
    found = terms(text, language)
    assert len(found) == len(words(text))
    assert all(not any(mark.isspace() for mark in one) and len(one) <= LONGEST_TERM for one in found + spelt(text))
    assert all(spelt(text))
    assert bool(words(text)) >= bool(spelt(text))


@given(st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F), min_size=1, max_size=12))
def test_case_and_composition_do_not_matter(word: str) -> None:
    expected = terms(word, None)
    assert terms(unicodedata.normalize("NFD", word), None) == expected
    assert terms(word.casefold(), None) == expected


def test_half_width_kana_are_no_words_with_spaces_either() -> None:
    assert words("ｱｲｳ") == words("アイウ") == ["アイ", "イウ"]


ANY_WORD = re.compile(
    rf"\d+(?:[.,]\d+)+(?!\w)|(?<!\w)[^\W\d_{UNSPACED}](?:\.[^\W\d_{UNSPACED}])+\b\.?|[{UNSPACED}]+"
    rf"|(?:[^\W_{UNSPACED}]|[{MARKS}])+(?:['’](?:[^\W_{UNSPACED}]|[{MARKS}])+)*"
)
"""What a word is, put plainly; `words` finds the same sooner."""


@given(st.text(st.sampled_from("aZé9.,'’_ -\n\u0301ा大x手İſ\u0660"), max_size=24))
def test_plain_words_are_those_that_the_rules_for_all_words_find(text: str) -> None:
    expected: list[str] = []
    for found in ANY_WORD.findall(unicodedata.normalize("NFKC", text)):
        if found[0] in "大手":
            expected += [found[at : at + 2] for at in range(len(found) - 1)] or [found]
        else:
            expected.append(found if found[0].isdecimal() else found.replace(".", ""))
    assert words(text) == expected


@given(st.text(st.sampled_from("aZé9.,'’_ -\n\u0301ा大ｱ手İſ\u0660\xa0¨\u3000"), max_size=60) | text_of_any_kind)
def test_words_are_the_same_piece_by_piece(text: str) -> None:
    assert [word for piece in text.split() for word in words(piece)] == words(text)


def test_scripts_without_spaces_are_read_as_a_whole() -> None:
    assert terms("大手町で事故が起きて、電車が止まりました。" * 3, "ja") == words(
        "大手町で事故が起きて、電車が止まりました。" * 3
    )


def test_terms_are_the_same_once_they_are_known_and_after_many_others() -> None:
    met = [f"houses{number}" for number in range(60_000)]
    assert terms("Houses", "en") == terms("Houses", "en") == ["hous"]
    assert terms(" ".join(met), "en") == met
    assert terms("Houses", "en") == ["hous"]
