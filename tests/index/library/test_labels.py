"""What a filter means, whatever the engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from index.articles.article import Article
from index.library.contract import Filters
from index.library.labels import (
    Label,
    caseless,
    instant_of,
    labels_of,
    microseconds,
    unwanted_phrases,
    wanted_instants,
    wanted_labels,
    wanted_phrases,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Reuters", "REUTERS"), ("Straße", "STRASSE"), ("İstanbul", "istanbul"), ("ISPARTA", "ısparta"), ("Σ", "ς")],
)
def test_case_does_not_matter(one: str, other: str) -> None:
    assert caseless(one) == caseless(other)


def test_other_differences_do() -> None:
    assert len({caseless(text) for text in ("a", "ä", "a ", "b")}) == 4


def test_an_article_has_a_label_of_each_kind() -> None:
    article = Article(
        "A1", "", source="Anadolu Ajansı", author="Ada Yılmaz;  Bo Li;", language="TR", tags=("Ekonomi", "EKONOMI", "x")
    )
    assert labels_of(article) == {
        Label("id", "A1"),
        Label("source", "anadolu ajansi"),
        Label("author", "ada yilmaz"),
        Label("author", "bo li"),
        Label("language", "tr"),
        Label("tag", "ekonomi"),
        Label("tag", "x"),
    }
    assert labels_of(Article("b", "")) == {Label("id", "b")}


def test_values_of_one_field_are_alternatives_and_fields_add_up() -> None:
    filters = Filters(sources=("dpa", "DPA", "AP"), article_ids=("X", "x"))
    assert wanted_labels(filters) == [
        [Label("source", "dpa"), Label("source", "ap")],
        [Label("id", "X"), Label("id", "x")],
    ]
    assert wanted_labels(Filters()) == []


def test_further_filters_add_lists_and_narrow_dates() -> None:
    may, june, july = (datetime(2025, month, 1, tzinfo=UTC) for month in (5, 6, 7))
    further = Filters(sources=("AP", "dpa"), published_after=june, published_before=july, phrases=("Not Ready",))
    filters = Filters(sources=("dpa",), published_after=may, phrases=("not ready", "…"), without=("L'x",), also=further)
    assert wanted_labels(filters) == [[Label("source", "dpa")], [Label("source", "ap"), Label("source", "dpa")]]
    assert wanted_instants(filters) == (microseconds(june), microseconds(july))
    assert wanted_phrases(filters) == [("not", "ready")]
    assert unwanted_phrases(filters) == [("l", "x")]
    assert (wanted_phrases(Filters()), unwanted_phrases(Filters())) == ([], [])


def test_dates_that_exclude_each_other_leave_nothing() -> None:
    may, june = (datetime(2025, month, 1, tzinfo=UTC) for month in (5, 6))
    assert wanted_instants(Filters(published_after=june, published_before=may)) == (microseconds(june),) * 2


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("1970-01-01", 0),
        ("1970-01-02", 86_400_000_000),
        ("1969-12-31", -86_400_000_000),
        ("1970-01-01T00:00:01", 1_000_000),
        ("1970-01-01T03:00:00.000001+03:00", 1),
        ("0001-01-01", -62_135_596_800_000_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        (None, None),
    ],
)
def test_instants_are_exact(published: str | None, expected: int | None) -> None:
    assert instant_of(Article("a", "", published=published)) == expected


@pytest.mark.parametrize("published", ["2025-02-30", "yesterday", ""])
def test_what_is_no_date_is_refused(published: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        instant_of(Article("a", "", published=published))


def test_bounds_of_dates() -> None:
    moment = datetime(1970, 1, 1, 3, tzinfo=timezone(timedelta(hours=3)))
    assert microseconds(moment) == 0
    assert wanted_instants(Filters()) is None
    assert wanted_instants(Filters(published_after=moment)) == (0, 2**62)
    assert wanted_instants(Filters(published_before=moment)) == (-(2**62), 0)
    latest = datetime.max.replace(tzinfo=UTC)
    assert wanted_instants(Filters(published_after=moment, published_before=latest)) == (0, 253_402_300_799_999_999)
