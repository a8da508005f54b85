"""Words for dates become periods, in seven languages; what only looks like a date does not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.understanding.date_words import LANGUAGES
from search.understanding.dates import Period, period

AS_OF = datetime(2025, 1, 15, 12, tzinfo=UTC)  # a Wednesday


def days(text: str, as_of: datetime = AS_OF) -> tuple[str, str] | None:
    """The first day and the first day after, as ISO dates."""
    found = period(text, as_of)
    return found and (found.start.date().isoformat(), found.end.date().isoformat())


YESTERDAY = ("2025-01-14", "2025-01-15")
TODAY = ("2025-01-15", "2025-01-16")
LAST_WEEK = ("2025-01-06", "2025-01-13")
THIS_WEEK = ("2025-01-09", "2025-01-16")
LAST_MONTH = ("2024-12-01", "2025-01-01")
THIS_MONTH = ("2025-01-01", "2025-01-16")
LAST_YEAR = ("2024-01-01", "2025-01-01")
THIS_YEAR = ("2025-01-01", "2025-01-16")
JANUARY = ("2025-01-01", "2025-02-01")
MARCH = ("2024-03-01", "2024-04-01")
THE_13TH = ("2025-01-13", "2025-01-14")
SINCE_MARCH = ("2024-03-01", "2025-01-16")
THREE_DAYS = ("2025-01-12", "2025-01-16")
THREE_DAYS_AGO = ("2025-01-12", "2025-01-13")
YEAR = ("2023-01-01", "2024-01-01")
YEARS = ("2020-01-01", "2023-01-01")
MONDAY = ("2025-01-13", "2025-01-14")
SINCE_MONDAY = ("2025-01-13", "2025-01-16")
WEEKEND = ("2025-01-11", "2025-01-13")
SUMMER = ("2024-06-01", "2024-09-01")
BEFORE_2020 = ("0001-01-01", "2020-01-01")
AFTER_2020 = ("2021-01-01", "2025-01-16")
A_MONTH_AGO = ("2024-12-01", "2025-01-01")

SAID = {
    "en": {
        "What did she say yesterday?": YESTERDAY,
        "the day before yesterday": ("2025-01-13", "2025-01-14"),
        "Who won today?": TODAY,
        "this morning": TODAY,
        "What happened last week in Paris?": LAST_WEEK,
        "Which bank failed this week?": THIS_WEEK,
        "last month": LAST_MONTH,
        "this month's figures": THIS_MONTH,
        "last year": LAST_YEAR,
        "this year": THIS_YEAR,
        "in January 2025": JANUARY,
        "January 2025 floods": JANUARY,
        "in January": JANUARY,
        "during March": MARCH,
        "last March": MARCH,
        "in February": ("2024-02-01", "2024-03-01"),
        "in early May 2023": ("2023-05-01", "2023-06-01"),
        "on 13 January 2025": THE_13TH,
        "on the 13th of January": THE_13TH,
        "January 13, 2025": THE_13TH,
        "January 13th": THE_13TH,
        "on 20 January": ("2024-01-20", "2024-01-21"),
        "on 29 February": ("2024-02-29", "2024-03-01"),
        "2025-01-13": THE_13TH,
        "since March 2024": SINCE_MARCH,
        "since March": SINCE_MARCH,
        "since 2025-01-10": ("2025-01-10", "2025-01-16"),
        "since January 13, 2025": ("2025-01-13", "2025-01-16"),
        "past 3 days": THREE_DAYS,
        "in the last three days": THREE_DAYS,
        "in the last 36 hours": ("2025-01-13", "2025-01-16"),
        "over the past week": ("2025-01-08", "2025-01-16"),
        "in the past two weeks": ("2025-01-01", "2025-01-16"),
        "in the past 3 months": ("2024-10-15", "2025-01-16"),
        "the past 2 years": ("2023-01-15", "2025-01-16"),
        "3 days ago": THREE_DAYS_AGO,
        "two weeks ago": ("2024-12-30", "2025-01-06"),
        "ten months ago": MARCH,
        "in 2023": YEAR,
        "the year 2023": YEAR,
        "between 2020 and 2022": YEARS,
        "from 2020 to 2022": YEARS,
        "between January and March 2024": ("2024-01-01", "2024-04-01"),
        "between November and January": ("2024-11-01", "2025-02-01"),
        "between 2025-01-10 and 2025-01-13": ("2025-01-10", "2025-01-14"),
        "What did he say on Monday?": MONDAY,
        "on Wednesday": ("2025-01-08", "2025-01-16"),
        "Who was fined Tuesday for leaking it?": YESTERDAY,
        "What has she written recently?": ("2024-11-16", "2025-01-16"),
        "last Friday's summit": ("2025-01-10", "2025-01-11"),
        "since Monday": SINCE_MONDAY,
        "over the weekend": WEEKEND,
        "last summer": SUMMER,
        "in the summer of 2024": SUMMER,
        "summer 2024 floods": SUMMER,
        "this winter": ("2024-12-01", "2025-03-01"),
        "in winter 2025": ("2024-12-01", "2025-03-01"),
        "Q3 2024 earnings": ("2024-07-01", "2024-10-01"),
        "Q4 of 2024": ("2024-10-01", "2025-01-01"),
        "before 2020": BEFORE_2020,
        "until May 2024": ("0001-01-01", "2024-05-01"),
        "after 2020": AFTER_2020,
        "a month ago": A_MONTH_AGO,
        "an hour ago": ("2025-01-14", "2025-01-16"),
        "the last few days": THREE_DAYS,
    },
    "de": {
        "Wer hat gestern gewonnen?": YESTERDAY,
        "vorgestern": ("2025-01-13", "2025-01-14"),
        "Was ist heute passiert?": TODAY,
        "Was geschah letzte Woche?": LAST_WEEK,
        "in dieser Woche": THIS_WEEK,
        "im letzten Monat": LAST_MONTH,
        "diesen Monat": THIS_MONTH,
        "letztes Jahr": LAST_YEAR,
        "dieses Jahr": THIS_YEAR,
        "im Januar 2025": JANUARY,
        "im Januar": JANUARY,
        "im März": MARCH,
        "am 13. Januar 2025": THE_13TH,
        "am 13. Januar": THE_13TH,
        "am 13.01.2025": THE_13TH,
        "seit März 2024": SINCE_MARCH,
        "in den letzten drei Tagen": THREE_DAYS,
        "vor 3 Tagen": THREE_DAYS_AGO,
        "im Jahr 2023": YEAR,
        "zwischen 2020 und 2022": YEARS,
        "am Montag": MONDAY,
        "seit Montag": SINCE_MONDAY,
        "am Wochenende": WEEKEND,
        "im Sommer 2024": SUMMER,
        "letzten Sommer": SUMMER,
        "vor 2020": BEFORE_2020,
        "nach 2020": AFTER_2020,
        "vor einem Monat": A_MONTH_AGO,
        "Was hat er neulich gesagt?": ("2024-11-16", "2025-01-16"),
        "in den letzten paar Tagen": THREE_DAYS,
    },
    "tr": {
        "dün kim kazandı?": YESTERDAY,
        "dun ne oldu?": YESTERDAY,
        "evvelsi gün": ("2025-01-13", "2025-01-14"),
        "Bugün ne oldu?": TODAY,
        "geçen hafta ne oldu?": LAST_WEEK,
        "gecen haftaki toplanti": LAST_WEEK,
        "bu hafta": THIS_WEEK,
        "geçen ay": LAST_MONTH,
        "bu ay": THIS_MONTH,
        "geçen yıl": LAST_YEAR,
        "bu yıl": THIS_YEAR,
        "Ocak 2025'te": JANUARY,
        "2025 Ocak ayında": JANUARY,
        "ocak ayında": JANUARY,
        "Mart'ta": MARCH,
        "13 Ocak 2025": THE_13TH,
        "13 Ocak’ta": THE_13TH,
        "Mart 2024'ten beri": SINCE_MARCH,
        "son 3 günde": THREE_DAYS,
        "üç gün önce": THREE_DAYS_AGO,
        "2023'te": YEAR,
        "2023 yılında": YEAR,
        "2020 ile 2022 arasında": YEARS,
        "geçen pazartesi": MONDAY,
        "hafta sonu": WEEKEND,
        "geçen yaz": SUMMER,
        "2020'den önce": BEFORE_2020,
        "2020'den sonra": AFTER_2020,
        "bir ay önce": A_MONTH_AGO,
        "son zamanlarda": ("2024-11-16", "2025-01-16"),
        "son birkaç gün": THREE_DAYS,
    },
    "fr": {
        "Qui a gagné hier ?": YESTERDAY,
        "avant-hier": ("2025-01-13", "2025-01-14"),
        "aujourd’hui": TODAY,
        "la semaine dernière": LAST_WEEK,
        "cette semaine": THIS_WEEK,
        "le mois dernier": LAST_MONTH,
        "ce mois-ci": THIS_MONTH,
        "l’an dernier": LAST_YEAR,
        "l'année dernière": LAST_YEAR,
        "cette année": THIS_YEAR,
        "en janvier 2025": JANUARY,
        "en janvier": JANUARY,
        "au mois de mars": MARCH,
        "le 13 janvier 2025": THE_13TH,
        "le 1er janvier": ("2025-01-01", "2025-01-02"),
        "depuis mars 2024": SINCE_MARCH,
        "les 3 derniers jours": THREE_DAYS,
        "il y a trois jours": THREE_DAYS_AGO,
        "en 2023": YEAR,
        "entre 2020 et 2022": YEARS,
        "lundi dernier": MONDAY,
        "depuis lundi": SINCE_MONDAY,
        "le week-end dernier": WEEKEND,
        "l'été dernier": SUMMER,
        "avant 2020": BEFORE_2020,
        "après 2020": AFTER_2020,
        "il y a un mois": A_MONTH_AGO,
        "récemment": ("2024-11-16", "2025-01-16"),
        "ces quelques derniers jours": THREE_DAYS,
    },
    "es": {
        "¿Quién ganó ayer?": YESTERDAY,
        "anteayer": ("2025-01-13", "2025-01-14"),
        "¿Qué pasó hoy?": TODAY,
        "la semana pasada": LAST_WEEK,
        "esta semana": THIS_WEEK,
        "el mes pasado": LAST_MONTH,
        "este mes": THIS_MONTH,
        "el año pasado": LAST_YEAR,
        "este año": THIS_YEAR,
        "en enero de 2025": JANUARY,
        "en enero": JANUARY,
        "el 13 de enero de 2025": THE_13TH,
        "desde marzo de 2024": SINCE_MARCH,
        "los últimos 3 días": THREE_DAYS,
        "hace tres días": THREE_DAYS_AGO,
        "en 2023": YEAR,
        "entre 2020 y 2022": YEARS,
        "el lunes pasado": MONDAY,
        "desde el lunes": SINCE_MONDAY,
        "el fin de semana pasado": WEEKEND,
        "el verano pasado": SUMMER,
        "antes de 2020": BEFORE_2020,
        "después de 2020": AFTER_2020,
        "hace un mes": A_MONTH_AGO,
        "recientemente": ("2024-11-16", "2025-01-16"),
        "los últimos pocos días": THREE_DAYS,
    },
    "it": {
        "Chi ha vinto ieri?": YESTERDAY,
        "l'altro ieri": ("2025-01-13", "2025-01-14"),
        "oggi": TODAY,
        "la settimana scorsa": LAST_WEEK,
        "la scorsa settimana": LAST_WEEK,
        "questa settimana": THIS_WEEK,
        "il mese scorso": LAST_MONTH,
        "questo mese": THIS_MONTH,
        "l'anno scorso": LAST_YEAR,
        "quest'anno": THIS_YEAR,
        "a gennaio 2025": JANUARY,
        "a gennaio": JANUARY,
        "il 13 gennaio 2025": THE_13TH,
        "da marzo 2024": SINCE_MARCH,
        "gli ultimi 3 giorni": THREE_DAYS,
        "tre giorni fa": THREE_DAYS_AGO,
        "nel 2023": YEAR,
        "tra il 2020 e il 2022": YEARS,
        "lunedì scorso": MONDAY,
        "da lunedì": SINCE_MONDAY,
        "lo scorso fine settimana": WEEKEND,
        "l'estate scorsa": SUMMER,
        "prima del 2020": BEFORE_2020,
        "dopo il 2020": AFTER_2020,
        "un mese fa": A_MONTH_AGO,
        "di recente": ("2024-11-16", "2025-01-16"),
        "negli ultimi pochi giorni": THREE_DAYS,
    },
    "pt": {
        "Quem ganhou ontem?": YESTERDAY,
        "anteontem": ("2025-01-13", "2025-01-14"),
        "hoje": TODAY,
        "na semana passada": LAST_WEEK,
        "nesta semana": THIS_WEEK,
        "no mês passado": LAST_MONTH,
        "este mês": THIS_MONTH,
        "no ano passado": LAST_YEAR,
        "este ano": THIS_YEAR,
        "em janeiro de 2025": JANUARY,
        "em janeiro": JANUARY,
        "em março": MARCH,
        "em 13 de janeiro de 2025": THE_13TH,
        "desde março de 2024": SINCE_MARCH,
        "nos últimos 3 dias": THREE_DAYS,
        "há três dias": THREE_DAYS_AGO,
        "em 2023": YEAR,
        "entre 2020 e 2022": YEARS,
        "na segunda-feira": MONDAY,
        "desde segunda-feira": SINCE_MONDAY,
        "no fim de semana": WEEKEND,
        "no verão passado": SUMMER,
        "antes de 2020": BEFORE_2020,
        "depois de 2020": AFTER_2020,
        "há um mês": A_MONTH_AGO,
        "recentemente": ("2024-11-16", "2025-01-16"),
        "nos últimos poucos dias": THREE_DAYS,
    },
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_its_dates(language: str) -> None:
    assert {text: days(text) for text in SAID[language]} == SAID[language]


@pytest.mark.parametrize(
    "text",
    [
        "What did Theresa May say?",
        "Theresa May 2017 speech",
        "May I ask who won?",
        "March on Washington",
        "the Mars 2020 rover",
        "Who wrote 1984?",
        "2023",
        "2000 people marched",
        "a fine in 2000 euros",
        "100 years of solitude",
        "the last year of the war",
        "in the last resort",
        "USA Today",
        "Who presents Last Week Tonight?",
        "Was passiert hier?",
        "a dun horse",
        "bu aynı mı?",
        "in 2030",
        "in March 2031",
        "since next week",
        "between 2022 and 2020",
        "on 31 April",
        "version 13.01.2025.4",
        "the shops on Black Friday",
        "open on Mondays",
        "Bloody Sunday",
        "the Monday Club",
        "Mondays are dull",
        "Donna Summer 1977",
        "the Arab Spring 2011",
        "Spring Framework 2024",
        "vor 2000 Jahren",
        "before 2000 people",
        "Q5 2024",
        "5-3",
        "",
    ],
)
def test_what_only_looks_like_a_date_is_left_alone(text: str) -> None:
    assert period(text, AS_OF) is None


def test_the_words_and_the_bounds_are_given() -> None:
    start, end = datetime(2025, 1, 6, tzinfo=UTC), datetime(2025, 1, 13, tzinfo=UTC)
    assert period("Was geschah\n letzte  Woche in Paris?", AS_OF) == Period(start, end, "letzte Woche")


def test_the_most_telling_form_wins() -> None:
    assert days("Did the talks of last year, on 13 January 2025, continue this week?") == THE_13TH


def test_today_is_the_day_of_the_askers_clock() -> None:
    evening = datetime(2025, 1, 15, 22, tzinfo=timezone(timedelta(hours=-5)))
    assert days("today", evening) == TODAY
    assert days("today", evening.astimezone(UTC)) == ("2025-01-16", "2025-01-17")


def test_every_month_has_a_name_in_every_language() -> None:
    for words in LANGUAGES.values():
        assert len(words.months) == 12
        for number, names in enumerate(words.months, 1):
            name = names.split("|")[0].replace("?", "")
            expected = date(2023, number, 7)
            forms = (f"7 {name} 2023", f"7. {name} 2023", f"7 de {name} de 2023")
            assert expected.isoformat() in {found[0] for form in forms if (found := days(form))}


def test_the_ends_of_the_calendar_are_no_error() -> None:
    assert period("last year", datetime(1, 1, 1, tzinfo=UTC)) is None
    assert period("today", datetime(9999, 12, 31, tzinfo=UTC)) is None
    assert period("999 years ago", datetime(500, 1, 1, tzinfo=UTC)) is None


DATE_LIKE = ["since", "last", "this", "2024", "13", "may", "March", "und", "week", "of", "in", "ago", "between"]


@given(
    st.text(max_size=60) | st.lists(st.sampled_from(DATE_LIKE)).map(" ".join),
    st.datetimes(timezones=st.just(UTC)),
)
def test_any_text_at_any_time_has_a_period_or_none(text: str, as_of: datetime) -> None:
    found = period(text, as_of)
    if found is not None:
        assert found.start < found.end
        assert found.start.date() <= as_of.date()
        assert found.words in " ".join(text.split())
