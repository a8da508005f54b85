"""Paragraphs of pages of lines, and the lines along their edges."""

from __future__ import annotations

from index.articles.readers.pages import with_paragraphs, without_running_lines

BODIES = ["The boat sails at noon.", "She is back by six.", "Nobody was on board.", "The next one sails in May."]


def pages(head: str, foot: str) -> list[str]:
    return [f"{head.format(number)}\n{body}\n{foot.format(number)}" for number, body in enumerate(BODIES, 1)]


def test_heads_and_page_numbers_go_and_are_told() -> None:
    left, removed = without_running_lines(pages("The Gazette,  March 2025", "{} of 4"))
    assert left == BODIES
    assert removed == ("The Gazette,  March 2025", "1 of 4", "2 of 4", "3 of 4", "4 of 4")


def test_two_lines_may_run_at_an_edge() -> None:
    left, removed = without_running_lines(pages("The Gazette\n{}", "Imprint"))
    assert left == BODIES
    assert removed == ("The Gazette", "1", "2", "3", "4", "Imprint")


def test_lines_of_few_pages_and_a_page_of_one_line_stay() -> None:
    two = pages("The Gazette", "{}")[:2]
    assert without_running_lines(two) == (two, ())
    same = ["The same line."] * 5
    assert without_running_lines(same) == (same, ())
    different = [f"{word}\n{body}" for word, body in zip(("A", "B", "C", "D"), BODIES, strict=True)]
    assert without_running_lines(different) == (different, ())
    assert without_running_lines([]) == ([], ())


PAGE = """Night boat
The ferry company announced on Wednesday that a night
boat will run to the island from April.
It was dropped nine years ago, when the old boat failed
her inspection.
Islanders have had to look for a bed on the mainland and
have gone home early ever since"""


def test_a_page_of_lines_has_its_heading_and_its_paragraphs() -> None:
    assert with_paragraphs(PAGE).split("\n\n") == [
        "Night boat",
        "The ferry company announced on Wednesday that a night\nboat will run to the island from April.",
        "It was dropped nine years ago, when the old boat failed\nher inspection.",
        "Islanders have had to look for a bed on the mainland and\nhave gone home early ever since",
    ]


def test_nothing_but_blank_lines_is_put_in() -> None:
    assert with_paragraphs(PAGE).replace("\n\n", "\n") == PAGE


def test_few_lines_and_pages_with_blank_lines_stay_as_they_are() -> None:
    for page in ("", "One.", "One.\nTwo.\nThree.", "Short.\n\nThe second paragraph.\nMore.\nThe end."):
        assert with_paragraphs(page) == page
