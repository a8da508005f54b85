"""What people read on a terminal."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from api.cli import printing
from api.in_process import InProcess
from api.service import Service
from index.articles.article import Draft
from index.errors import Unreadable
from index.ingest import Outcome, Summary

TEXT = "The [b]ridge will close for nine weeks. Ferries run."


@pytest.fixture
def held(service: Service) -> Service:
    list(
        service.store(
            [
                Draft("a.txt", TEXT, title="Bridge [news]", source="Gazette", published="2025-01-13T09:00:00Z"),
                Draft("b.txt", TEXT, source="Courier"),
            ]
        )
    )
    return service


def shown(lines: list[str]) -> str:
    console = Console(file=StringIO(), width=200, highlight=False)
    for line in lines:
        console.print(line)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_an_answer_shows_title_outlet_date_marked_sentence_and_citation(held: Service) -> None:
    text = shown(list(printing.answer_lines(InProcess(held).search("When will the bridge close for weeks?"))))
    assert "1. Bridge [news]  Gazette · 2025-01-13" in text
    assert "»The [b]ridge will close for nine weeks.« Ferries run." in text
    assert f"[1] Gazette, Bridge [news], 2025-01-13, characters 0–{len(TEXT)}" in text
    assert "also reported by Courier, b.txt, characters 0–" in text
    assert "1 of 2 passages in 2 articles" in text


def test_no_hit_says_what_to_try(service: Service) -> None:
    assert "Try other words" in shown(list(printing.answer_lines(InProcess(service).search("anything"))))


def test_a_summary_names_what_was_rejected() -> None:
    summary = Summary()
    summary.add(Outcome("a.txt", "added", "a.txt", passages=3))
    summary.add(Outcome("rows.jsonl", "rejected", error=Unreadable("no text", origin="rows.jsonl", record=4)))
    assert list(printing.summary_lines(summary)) == [
        "Articles: 1 added, 1 rejected. Passages embedded or reused: 3.",
        "rejected: rows.jsonl, record 4: no text",
    ]
    assert list(printing.summary_lines(Summary())) == ["Articles: nothing to do. Passages embedded or reused: 0."]


def test_an_article_shows_what_is_known_of_it(held: Service) -> None:
    lines = list(printing.article_lines(InProcess(held).article("a.txt"), removed=False))
    assert "title:     Bridge [news]" in lines
    assert lines[-1] == TEXT
    assert list(printing.article_lines(InProcess(held).article("a.txt"), removed=True))[-1] == ""


def test_a_check_tells_the_new_place(held: Service) -> None:
    cited = InProcess(held).search("bridge close weeks", group="none").hits[0].citation
    assert next(printing.check_lines(InProcess(held).verify(cited.id))).startswith(
        f"unchanged: {cited.article_id}, characters 0–"
    )
    list(held.store([Draft(cited.article_id, "Now: " + TEXT)]))
    moved = list(printing.check_lines(InProcess(held).verify(cited.id)))
    assert moved[1].startswith(f"now at characters 5–{5 + len(TEXT)} at revision ")
    assert moved[2] == f"“{TEXT}”"
