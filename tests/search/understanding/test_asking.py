"""The query language: what is an operator, what is plain text, and what cannot be used."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.errors import InvalidQuery
from index.library.analysis import spelt
from index.library.contract import Filters
from search.query import Query
from search.understanding.asking import Understood, understand
from search.understanding.dates import Period

AS_OF = datetime(2025, 1, 15, tzinfo=UTC)


def read(text: str) -> Understood:
    return understand(text, AS_OF)


PLAIN = [
    "Who warned that two percent is not enough?",
    "What's in the students' and teachers' letter?",
    "rock 'n' roll, ‘single’ quotes and O’Brien",
    'a lone " mark',
    'a 5" pipe and a 6" pipe',
    'צה"ל וארה"ב',
    "covid-19 is state-of-the-art",
    "Paris - London – Rome — Oslo -- Bonn",
    "a score of 5-3 at -5 degrees",
    "http://x and https://gazette.example/bridge?a=1",
    "note: this, source: that, lang : tr",
    "Re:Subject and C:\\x",
    "xsource:Reuters key:value",
    "source:",
    "author:? -! -",
    'an empty "" and a full "…"',
    'source:"Reuters',
    "AND OR NOT (a) [b TO c] a~2 b^3 *",
    "  two  spaces\n",
]


@pytest.mark.parametrize("text", PLAIN)
def test_what_people_type_is_plain_text(text: str) -> None:
    assert read(text) == Understood(text)


QUOTED = [
    '"{}"',
    "“{}”",
    "„{}“",
    "„{}”",
    "”{}”",
    "»{}«",
    "«{}»",
    "« {} »",
    "‹{}›",
    "「{}」",
    "『{}』",
    "＂{}＂",
    '“{}"',
]


@pytest.mark.parametrize("marks", QUOTED)
def test_a_quoted_phrase_must_occur_and_stays_in_the_question(marks: str) -> None:
    understood = read(f"who said {marks.format('we are not ready')}?")
    assert understood == Understood("who said we are not ready?", Filters(phrases=("we are not ready",)))
    assert read(marks.format("grain")) == Understood("grain", Filters(phrases=("grain",)))
    assert read(f"grain -{marks.format('new embargo')}").filters == Filters(without=("new embargo",))
    assert read(f"grain source:{marks.format('Harbour Gazette')}").filters == Filters(sources=("Harbour Gazette",))


@pytest.mark.parametrize(
    ("text", "plain", "filters"),
    [
        ("grain -embargo", "grain", Filters(without=("embargo",))),
        ("-Embargo, grain -covid-19 -O'Brien", "grain", Filters(without=("Embargo", "covid-19", "O'Brien"))),
        ('他说"我们没有准备好"吗', "他说我们没有准备好吗", Filters(phrases=("我们没有准备好",))),
        ("粮食 -禁运", "粮食", Filters(without=("禁运",))),
        ('"a b" "c" "a b"', "a b c a b", Filters(phrases=("a b", "c"))),
        ("what now source:Reuters?", "what now", Filters(sources=("Reuters",))),
        ("ſource:x why", "why", Filters(sources=("x",))),
        ("SOURCE:dpa why source:Reuters", "why", Filters(sources=("dpa", "Reuters"))),
        ('author:"Ada Yılmaz" tag:defence why', "why", Filters(authors=("Ada Yılmaz",), tags=("defence",))),
        ("lang:tr language:pt-BR why", "why", Filters(languages=("tr", "pt-BR"))),
        ("why after:2025-01-13", "why", Filters(published_after=datetime(2025, 1, 13, tzinfo=UTC))),
        ("why after:2025-02 after:2024", "why", Filters(published_after=datetime(2025, 2, 1, tzinfo=UTC))),
        ("before:2025 why before:2026", "why", Filters(published_before=datetime(2025, 1, 1, tzinfo=UTC))),
        (
            'why after:"13 January 2025" before:2025-01-14T12:00:00+03:00',
            "why",
            Filters(
                published_after=datetime(2025, 1, 13, tzinfo=UTC),
                published_before=datetime(2025, 1, 14, 9, tzinfo=UTC),
            ),
        ),
        ('"after:2025"', "after:2025", Filters(phrases=("after:2025",))),
        ('"Muhafazası"na -a', "Muhafazasına", Filters(phrases=("Muhafazası",), without=("a",))),
        ('say"x" -a', 'say"x"', Filters(without=("a",))),
    ],
)
def test_operators_are_taken_out(text: str, plain: str, filters: Filters) -> None:
    assert read(text) == Understood(plain, filters)


@pytest.mark.parametrize(
    ("text", "field", "way_out"),
    [
        ("x after:nonsense", "after", "after:2025-01-31"),
        ("x before:2025-13", "before", "before:2025-01-31"),
        ("x before:2025-02-30", "before", "before:2025-01-31"),
        ("x after:0000", "after", "in quotes"),
        ("x lang:Turkish!", "lang", "lang:tr"),
        ('source:"Reuters"', "query", "add a word"),
        ("-grain", "query", "add a word"),
        ("lang:en ?", "query", "add a word"),
    ],
)
def test_what_cannot_be_used_is_named_with_the_way_out(text: str, field: str, way_out: str) -> None:
    with pytest.raises(InvalidQuery) as caught:
        read(text)
    assert caught.value.detail == {"field": field}
    assert way_out in caught.value.message


def test_long_values_are_shortened_in_messages() -> None:
    with pytest.raises(InvalidQuery) as caught:
        read(f"x after:{'9' * 2000}")
    assert len(caught.value.message) < 300


def test_filters_of_the_query_and_of_its_text_both_hold() -> None:
    query = Query("why source:dpa", filters=Filters(sources=("Reuters",), languages=("en",)), limit=3)
    applied = read(query.text).applied(query)
    assert applied == Query("why", filters=Filters(sources=("dpa",), also=query.filters), limit=3)
    assert read("why").applied(query).filters is query.filters


def test_operators_can_be_left_out_of_it() -> None:
    text = 'who said "not ready" -grain source:x last week'
    understood = understand(text, AS_OF, operators=False)
    assert (understood.text, understood.filters) == (text, Filters())
    assert understood.period is not None


def test_a_period_is_a_preference_and_is_not_looked_for_in_quotes() -> None:
    expected = Period(datetime(2025, 1, 6, tzinfo=UTC), datetime(2025, 1, 13, tzinfo=UTC), "last week")
    assert read("who won last week") == Understood("who won last week", Filters(), expected)
    assert read('who won last week "the cup"').period == expected
    assert read('who wrote "last week"').period is None
    assert read('who won in "grain" 2023').period is None


pieces = st.sampled_from(
    ['"', "“", "”", "«", "-", "-a", "source:", "lang:tr", "after:2025", "tag:“b", " ", "\n", ":", "é"]
)
typed = st.text(st.characters(max_codepoint=sys.maxunicode, exclude_categories=()), max_size=60)


@given(typed | st.lists(pieces | typed, max_size=12).map("".join))
@example('-"" x')
@example('source:"" x')
def test_no_text_breaks_it_and_nothing_is_made_up(text: str) -> None:
    with suppress(InvalidQuery):
        understood = read(text)
        assert understood.text == text or understood.filters != Filters()
        assert Counter("".join(understood.text.split())) <= Counter(text)
        assert all(spelt(phrase) for phrase in (*understood.filters.phrases, *understood.filters.without))
