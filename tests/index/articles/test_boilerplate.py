"""What sites put between paragraphs: found in many languages, and never an article's own text."""

from __future__ import annotations

import pytest

from index.articles.blocks import Block
from index.articles.boilerplate import find

BODY = [
    Block("The council met on Monday and talked about the bridge for three hours, without coming to a decision."),
    Block(
        "It will meet again next week. Until then, lorries have to go the long way round by the mill, said the mayor."
    ),
]
LONG = [*BODY, *BODY, *BODY]


def removed(*lines: str, after: int = 2) -> list[str]:
    blocks = [*LONG[:after], *map(Block, lines), *LONG[after:]]
    return [blocks[number].text for run in find(blocks) for number in run]


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement",
        "Share this article",
        "Share on Facebook",
        "12 Comments",
        "Related: Bridge closed for a second year",
        "Subscribe to our newsletter and never miss a story.",
        "Follow us on Twitter and Facebook",
        "If you buy through our links, we may earn a commission.",
        "CLICK HERE TO GET THE GAZETTE APP",
        "Lesen Sie auch: Brücke bleibt gesperrt",
        "Abonnieren Sie unseren Newsletter.",
        "ANZEIGE",
        "Lire aussi : le pont reste fermé",
        "Inscrivez-vous à notre newsletter",
        "Lea también: El puente sigue cerrado",
        "Suscríbete a nuestro boletín",
        "Leggi anche: il ponte resta chiuso",
        "Iscriviti alla newsletter",
        "Leia também: ponte continua fechada",
        "Assine nossa newsletter",
        "Читайте также: мост закрыт",
        "Подпишитесь на нашу рассылку",
        "Реклама",
        "Bültenimize abone olun, bülten her sabah gelsin.",
        "REKLAM",
        "اقرأ أيضا: الجسر مغلق",
        "اشترك في النشرة البريدية",
    ],
)
def test_lines_that_say_what_they_are(line: str) -> None:
    assert removed(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Comments from the mayor were not to be had on Monday.",
        "Related families lived on both sides of the bridge.",
        "“Subscribe to our newsletter,” said the mayor.",
        "The newsletter of the parish told of the closure first.",
        "He follows the river on Facebook as well.",
        "Get out of the house, she said.",
        "Copyright law does not cover bridges.",
        "Source: the mayor's office",
        "Further on, the river is shallow",
    ],
)
def test_sentences_and_headings_stay(line: str) -> None:
    assert removed(line) == []


def test_headlines_below_a_line_that_announces_them() -> None:
    lines = ("Related stories", "Mill burns down", "Why do rivers rise?")
    assert removed(*lines) == list(lines)
    assert removed(*lines, after=6) == list(lines)


def test_credits_and_contacts_at_the_end() -> None:
    lines = (
        "Source: news agencies",
        "___",
        "© 2025 The Gazette",
        "Dora Pell may be reached at dora@gazette.example.org.",
    )
    assert removed(*lines, after=6) == list(lines)
    assert removed(*lines) == []


def test_an_address_alone_at_the_end() -> None:
    assert removed("https://gazette.example.org/bridge-closed", after=6) == [
        "https://gazette.example.org/bridge-closed"
    ]
    assert removed("https://gazette.example.org/bridge-closed") == []


def test_headings_at_the_end_of_a_page_head_nothing() -> None:
    blocks = [*LONG, Block("___"), *(Block(f"Mill number {number} burns down", "heading") for number in range(9))]
    assert find(blocks) == []
    assert find(blocks, of_page=True) == [range(6, 16)]


def test_nothing_counts_when_it_would_be_half_of_the_text() -> None:
    assert find([Block("Share this article"), Block("Related: A bridge"), Block("Short text.")]) == []
    assert find([]) == []
