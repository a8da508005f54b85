"""Authors and dates in the lines around a headline; and lines that look like them and say nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles.blocks import Block, plain_blocks
from index.articles.bylines import Header, is_credit, people, read_header
from index.articles.fact import Fact

PROSE = "The council met for three hours about the bridge and decided nothing, which surprised nobody in the room."


def header(line: str) -> Header:
    return read_header(plain_blocks(f"A bridge is closed\n\n{line}\n\n{PROSE}"))


def told(line: str) -> dict[str, str]:
    found = header(line)
    assert all(fact.place == "byline" for fact in found.facts.values())
    return {name: fact.value for name, fact in found.facts.items()}


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("By Dora Pell", "Dora Pell"),
        ("BY DORA PELL", "DORA PELL"),
        ("Written by Dora Pell and Ann O'Neil", "Dora Pell; Ann O'Neil"),
        ("By Dora Pell, Ann Lee and J. R. van der Meer", "Dora Pell; Ann Lee; J. R. van der Meer"),
        ("By Dora Pell, Harbour Correspondent", "Dora Pell"),
        ("Author: Dora Pell", "Dora Pell"),
        ("Von Anna Müller und Jan Schmidt", "Anna Müller; Jan Schmidt"),
        ("Par Anne-Marie de La Tour", "Anne-Marie de La Tour"),
        ("Por Ana María López, enviada especial", "Ana María López"),
        ("Por João da Silva", "João da Silva"),
        ("Di Maria Rossi e Carlo Bianchi", "Maria Rossi; Carlo Bianchi"),
        ("Автор: Анна Петрова", "Анна Петрова"),
        ("Haber: Defne Arıkan", "Defne Arıkan"),
        ("بقلم أحمد خالد", "أحمد خالد"),
    ],
)
def test_authors(line: str, author: str) -> None:
    assert told(line) == {"author": author}


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("January 13, 2025", "2025-01-13"),
        ("Monday, 13 January 2025", "2025-01-13"),
        ("Published: January 13, 2025", "2025-01-13"),
        ("Published on 13 January 2025 at 9:30 a.m. ET", "2025-01-13"),
        ("Published: 2025-01-13T09:30:00Z", "2025-01-13T09:30:00+00:00"),
        ("Veröffentlicht am 13.01.2025, 09:30 Uhr", "2025-01-13"),
        ("Publié le 13 janvier 2025 à 10h30", "2025-01-13"),
        ("Publicado el lunes, 13 de enero de 2025", "2025-01-13"),
        ("Pubblicato il 13 gennaio 2025 alle 9:30", "2025-01-13"),
        ("Publicado em 13 de janeiro de 2025", "2025-01-13"),
        ("Опубликовано: 13 января 2025 г.", "2025-01-13"),
        ("Yayınlanma: 13 Ocak 2025 14:05", "2025-01-13"),
        ("تاريخ النشر: 13 يناير 2025", "2025-01-13"),
        ("Moscow | 13 January 2025", "2025-01-13"),
        ("Dora Pell, 13 January 2025", "2025-01-13"),
        ("January 13, 2025, Dora Pell", "2025-01-13"),
        ("13 января 2025, Анна Петрова", "2025-01-13"),
        ("Dora Pell\n13 January 2025", "2025-01-13"),
        ("2025年1月13日", "2025-01-13"),
        ("2025年1月13日 10:30 新华社", "2025-01-13"),
        ("2025년 1월 13일", "2025-01-13"),
    ],
)
def test_dates(line: str, published: str) -> None:
    assert told(line) == {"published": published}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("By Dora Pell\nJanuary 13, 2025", {"author": "Dora Pell", "published": "2025-01-13"}),
        ("By Dora Pell, January 13, 2025", {"author": "Dora Pell", "published": "2025-01-13"}),
        ("January 13, 2025 | By Dora Pell | The Gazette", {"author": "Dora Pell", "published": "2025-01-13"}),
        (
            "By Dora Pell — Published 13 January 2025, updated 14 January 2025 10:00 GMT",
            {"author": "Dora Pell", "published": "2025-01-13", "modified": "2025-01-14"},
        ),
        (
            "Par Anne de La Tour Publié le 13 janvier 2025 à 10h30",
            {"author": "Anne de La Tour", "published": "2025-01-13"},
        ),
        (
            "Jan. 13, 2025 Updated Jan. 14, 2025, 6:50 p.m. ET",
            {"published": "2025-01-13", "modified": "2025-01-14"},
        ),
        (
            "Giriş: 13 Ocak 2025 14:05 | Güncelleme: 14 Ocak 2025 10:00",
            {"published": "2025-01-13", "modified": "2025-01-14"},
        ),
    ],
)
def test_authors_and_dates_together(line: str, expected: dict[str, str]) -> None:
    assert told(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "Mr Rutte said Monday",
        "Monday",
        "Published on Monday",
        "By the numbers",
        "By The Numbers",
        "By 2030",
        "By our correspondent",
        "Di Caprio",
        "06/07/2022",
        "30 February 2025",
        "June 6, 1844",
        "The vote of 13 January 2025",
        "The treaty was signed on January 13, 2025",
        "Moscow | Kyiv | 13 January 2025",
        "Chapter one | Chapter two",
        "Dora Pell",
        "Dora Pell\nAnn Lee",
        "What we know of the vote, 13 January 2025",
        "2025年1月13日に橋が閉まると市長は述べた",
        "By Dora Pell, who has written about ferries and the islands for thirty years",
    ],
)
def test_lines_that_are_no_credits_say_nothing(line: str) -> None:
    assert header(line) == Header()


def test_two_days_without_labels_say_nothing() -> None:
    assert told("January 13, 2025\nJanuary 14, 2025") == {}
    assert told("January 13, 2025\n13.01.2025") == {"published": "2025-01-13"}


@pytest.mark.parametrize(
    ("start", "dateline", "published"),
    [
        ("PARIS, 3 March (Agency) - ", "PARIS, 3 March (Agency)", None),
        ("PARIS, March 3, 2025 (AFP) — ", "PARIS, March 3, 2025 (AFP)", "2025-03-03"),
        ("BERLIN, 3. März 2025 (dpa) – ", "BERLIN, 3. März 2025 (dpa)", "2025-03-03"),
        ("ANKARA (AA) - ", "ANKARA (AA)", None),
        ("Geneva (Press) - ", "Geneva (Press)", None),
        ("باريس، 3 مارس 2025 (أ ف ب) - ", "باريس، 3 مارس 2025 (أ ف ب)", "2025-03-03"),
        ("MOSCOW — ", None, None),
        ("NATO said on Monday - ", None, None),
        ("Paris, 3 March - ", None, None),
        ("ACME, 3 companies - ", None, None),
        ("Jan (my brother) - ", None, None),
    ],
)
def test_datelines(start: str, dateline: str | None, published: str | None) -> None:
    found = read_header(plain_blocks(f"A bridge is closed\n\n{start}{PROSE}"))
    assert found.dateline == dateline
    assert found.facts == ({"published": Fact(published, "dateline")} if published else {})
    assert found.credits == set()


def test_a_byline_goes_before_a_dateline() -> None:
    text = f"Published: 14 March 2025\n\nPARIS, 3 March 2025 (Agency) - {PROSE}"
    assert read_header(plain_blocks(text)).facts == {"published": Fact("2025-03-14", "byline")}


def test_only_the_lines_around_the_headline_count() -> None:
    assert read_header(plain_blocks(f"{PROSE}\n\n{PROSE}\n\nBy Dora Pell")) == Header()
    assert read_header(plain_blocks(f"{PROSE}\n\nBy Dora Pell\n\n{PROSE}")).credits == {1}
    assert read_header(plain_blocks(f"{PROSE}\n\nThe Night Boat\n\nBy Dora Pell\n\n{PROSE}")) == Header()


def test_headings_that_are_no_guesses_are_no_credits() -> None:
    blocks = [Block("By Dora Pell", "heading"), Block("January 13, 2025"), Block(PROSE)]
    assert read_header(blocks, guessed=False).facts == {"published": Fact("2025-01-13", "byline")}
    assert read_header(blocks).facts == {
        "author": Fact("Dora Pell", "byline"),
        "published": Fact("2025-01-13", "byline"),
    }


def test_names_alone() -> None:
    assert people(" By Dora Pell and Ann Lee ") == "Dora Pell; Ann Lee"
    assert people("Dora Pell") == "Dora Pell"
    assert people("Editorial") is None
    assert people("All stories") is None


def test_a_credit_is_known_anywhere() -> None:
    assert is_credit("By Dora Pell | 13 January 2025")
    assert not is_credit(PROSE)
    assert not is_credit("Share this article")


@given(st.text() | st.text(alphabet="By PUBLISHEDonupdated:|,.-–—() 0123456789/JanéВ\n\t"))
def test_any_line_is_told_or_not(text: str) -> None:
    found = read_header([Block(text)]) if text.strip() else Header()
    assert set(found.facts) <= {"author", "published", "modified"}
    assert all(fact.value.strip() for fact in found.facts.values())
