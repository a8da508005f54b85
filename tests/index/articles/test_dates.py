"""Dates in, ISO 8601 or an instant out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles.date_words import MONTHS
from index.articles.dates import day, instant, iso, plain


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2025-01-13", "2025-01-13"),
        ("20250113", "2025-01-13"),
        ("2025-W03-1", "2025-01-13"),
        ("  2025-01-13\n", "2025-01-13"),
        ("2025-01-13T09:30:00Z", "2025-01-13T09:30:00+00:00"),
        ("2025-01-13T09:30:00+03:00", "2025-01-13T09:30:00+03:00"),
        ("2025-01-13 09:30", "2025-01-13T09:30:00+00:00"),
        ("2025-01-13 09:30:00 +0100", "2025-01-13T09:30:00+01:00"),
        ("2025-01-13 09:30:00 Z", "2025-01-13T09:30:00+00:00"),
        ("2025-01-13T09:30:00.250Z", "2025-01-13T09:30:00.250000+00:00"),
        ("Mon, 13 Jan 2025 09:30:00 GMT", "2025-01-13T09:30:00+00:00"),
        ("13 Jan 2025 09:30:00 -0500", "2025-01-13T09:30:00-05:00"),
        ("3 Jan 2025 09:30:00 -0500", "2025-01-03T09:30:00-05:00"),
        ("January 13, 2025", "2025-01-13"),
        ("Jan. 13th, 2025", "2025-01-13"),
        ("1st March 2025", "2025-03-01"),
        ("13 sept 2025", "2025-09-13"),
        ("29 February 2024", "2024-02-29"),
        ("2022/06/19", "2022-06-19"),
        ("2022.6.9", "2022-06-09"),
        ("19.06.2022", "2022-06-19"),
        ("6. 7. 2022", "2022-07-06"),
        ("13/01/2025", "2025-01-13"),
        ("2025年1月13日", "2025-01-13"),
        ("2025 年 01 月 13 日", "2025-01-13"),
        ("2025년 1월 13일", "2025-01-13"),
        ("01/13/2025", "2025-01-13"),
        ("06-06-2022", "2022-06-06"),
        ("19.06.2022 14:05", "2022-06-19T14:05:00+00:00"),
        ("2022/06/19, 14:05:30 +02:00", "2022-06-19T14:05:30+02:00"),
        ("Monday, 13 January 2025", "2025-01-13"),
        ("Mon. January 13, 2025", "2025-01-13"),
        ("Montag, den 3. März 2025", "2025-03-03"),
        ("1er août 2024", "2024-08-01"),
        ("lundi le 3 mars 2025", "2025-03-03"),
        ("lunes, 13 de enero de 2025", "2025-01-13"),
        ("3 de março de 2025", "2025-03-03"),
        ("segunda-feira, 3 de março de 2025", "2025-03-03"),
        ("lunedì 3 febbraio 2025", "2025-02-03"),
        ("3 февраля 2025 г.", "2025-02-03"),
        ("Понедельник, 5 мая 2025 года", "2025-05-05"),
        ("13 Ağustos 2024 Salı", "2024-08-13"),
        ("3 ŞUBAT 2025", "2025-02-03"),
        ("19 KASIM 2024", "2024-11-19"),
        ("الاثنين، 13 يناير 2025", "2025-01-13"),
        ("3 كانون الأول 2024", "2024-12-03"),
        ("٣ مارس ٢٠٢٥", "2025-03-03"),
    ],
)
def test_dates_in_iso_8601(written: str, expected: str) -> None:
    assert iso(written) == expected


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2025-02-30", "day is out of range for month"),
        ("2025-13-01", "month must be in 1..12"),
        ("29 February 2025", "day is out of range for month"),
        ("13 Foo 2025", "there is no month 'foo'"),
        ("06/07/2022", "'06/07/2022' may be two days; write 2022-06-07 or 2022-07-06"),
        ("6-7-2022", "'6-7-2022' may be two days; write 2022-06-07 or 2022-07-06"),
        ("13/13/2022", "month must be in 1..12"),
        ("31.06.2022", "day is out of range for month"),
        ("19/06/22", "give a date such as 2025-01-13"),
        ("2025-01-13T25:00:00Z", "hour must be in 0..23"),
        ("Mon, 13 Jan 2025 99:30:00 GMT", "hour must be in 0..23"),
        ("2025", "give a date such as 2025-01-13"),
        ("2025-01", "give a date such as 2025-01-13"),
        ("yesterday", "give a date such as 2025-01-13"),
        ("", "give a date such as 2025-01-13"),
        ("0001-01-01T00:00:00+05:00", "outside the years 1 to 9999"),
        ("9999-12-31T23:00:00-05:00", "outside the years 1 to 9999"),
    ],
)
def test_dates_that_do_not_exist_or_cannot_be_read(written: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        iso(written)
    with pytest.raises(ValueError, match=reason):
        instant(written)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2025-01-13", datetime(2025, 1, 13, tzinfo=UTC)),
        ("2025-01-13T00:30:00+03:00", datetime(2025, 1, 12, 21, 30, tzinfo=UTC)),
        ("2025-01-13 09:30", datetime(2025, 1, 13, 9, 30, tzinfo=UTC)),
        ("January 13, 2025", datetime(2025, 1, 13, tzinfo=UTC)),
    ],
)
def test_the_instant_that_a_date_stands_for(written: str, expected: datetime) -> None:
    found = instant(written)
    assert found == expected
    assert found.utcoffset() == timedelta(0)


@given(st.dates())
def test_every_date_is_its_own_iso_form(day: date) -> None:
    assert iso(day.isoformat()) == day.isoformat()
    assert instant(day.isoformat()) == datetime(day.year, day.month, day.day, tzinfo=UTC)


@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
)
def test_every_time_keeps_its_instant(moment: datetime, offset: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    assert instant(aware.isoformat()) == aware
    assert iso(iso(aware.isoformat())) == aware.isoformat()


@given(st.text() | st.text(alphabet="0123456789-:TZ+ ,.JanMonGMTW/"))
def test_anything_else_is_a_value_error(written: str) -> None:
    try:
        found = iso(written)
    except ValueError:
        return
    assert iso(found) == found


def test_no_name_stands_for_two_months() -> None:
    numbers: dict[str, set[int]] = {}
    for months in MONTHS.values():
        for number, names in enumerate(months, 1):
            for name in names.split():
                numbers.setdefault(name, set()).add(number)
    assert {name: found for name, found in numbers.items() if len(found) > 1} == {}
    assert all(plain(name) == name for name in numbers)


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from(sorted(MONTHS)), st.integers(0, 2))
def test_every_name_of_every_month_is_read(when: date, language: str, choice: int) -> None:
    names = MONTHS[language][when.month - 1].split()
    name = names[choice % len(names)].replace("_", " ")
    assert day(f"{when.day} {name.upper()} {when.year}") == when
    assert day(f"{name.title()} {when.day:02}, {when.year}") == when
