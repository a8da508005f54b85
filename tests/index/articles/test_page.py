"""Pages: the article on them, and what they say of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.articles.fact import Fact
from index.articles.page import read_page

PARAGRAPHS = [
    "The ferry company announced on Wednesday that a night boat will run to the island from the first week of April.",
    "It was dropped nine years ago, when the old boat failed her inspection and no money was found for another one.",
    "Islanders who wanted to see a film on the mainland have had to look for a bed there ever since, or go home early.",
]
PAGE = """<!DOCTYPE html><html lang="en-GB"><head><title>Night boat returns | Gazette</title>
<meta property="og:site_name" content="The Gazette"><meta property="og:title" content="Night boat returns">
<meta name="author" content="Dora Pell"><meta name="keywords" content="ferries, islands">
<meta name="description" content="The boat is back.">
<meta property="article:published_time" content="2025-03-05T10:00:00Z">
<link rel="canonical" href="https://gazette.example.org/night-boat"></head>
<body><nav><ul><li><a href="/a">News</a></li><li><a href="/b">Sport</a></li></ul></nav>
<div class="advert"><a href="/x">Buy one telescope, get one free</a></div>
<article><h1>Night boat returns</h1>{text}</article>
<section class="comments"><h3>Comments</h3><p>First! What a fine boat that is, I cannot wait to go.</p></section>
<aside><h3>Related stories</h3><ul><li><a href="/c">Harbour dredged at last</a></li></ul></aside>
<footer>All rights reserved</footer></body></html>"""


def test_the_article_and_nothing_else() -> None:
    page = read_page(PAGE.format(text="".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)))
    assert [(block.kind, block.text) for block in page.blocks] == [
        ("heading", "Night boat returns"),
        *(("paragraph", paragraph) for paragraph in PARAGRAPHS),
    ]


def test_what_a_page_says_of_itself() -> None:
    page = read_page(PAGE.format(text="".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)))
    assert page.facts == {
        "title": Fact("Night boat returns", "h1"),
        "source": Fact("The Gazette", "meta og:site_name"),
        "author": Fact("Dora Pell", "meta author"),
        "published": Fact("2025-03-05T10:00:00+00:00", "meta article:published_time"),
        "url": Fact("https://gazette.example.org/night-boat", "link canonical"),
        "language": Fact("en-GB", "html lang"),
        "tags": Fact("ferries, islands", "meta keywords"),
        "description": Fact("The boat is back.", "meta description"),
    }


def test_a_day_that_stands_somewhere_on_a_page() -> None:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    html = f"<html><body><article>{text}</article><div class='date'>March 5, 2025</div></body></html>"
    assert read_page(html).facts == {"published": Fact("2025-03-05", "page")}


def test_a_fragment_is_read_whole() -> None:
    page = read_page("<p>A short <em>fragment</em>.</p><p>Two paragraphs.</p>")
    assert [block.text for block in page.blocks] == ["A short fragment.", "Two paragraphs."]
    assert page.facts == {}


def test_a_fragment_has_no_menus_so_its_lists_are_the_articles() -> None:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    page = read_page(f"{text}<h2>What next</h2><ul><li>1. Repair the boat</li><li>• Hire a crew</li></ul>{text}")
    assert [(block.text, block.gap) for block in page.blocks][3:7] == [
        ("What next", "\n\n"),
        ("1. Repair the boat", "\n\n"),
        ("• Hire a crew", "\n"),
        (PARAGRAPHS[0], "\n\n"),
    ]


def test_a_day_in_a_fragment_is_a_day_in_its_text() -> None:
    assert read_page(f"<p>{PARAGRAPHS[0]}</p><p>The old boat sailed last on March 5, 2016.</p>").facts == {}


def test_numbers_and_bullets_that_are_text_stay_and_those_that_are_drawn_are_none() -> None:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    steps = (
        "<ol><li>Repair the old boat in the yard</li><li>2) Hire a crew of four</li></ol><p>3. Sail to the island.</p>"
    )
    page = read_page(f"<html><body><article>{text}{steps}{text}</article></body></html>")
    assert [block.text for block in page.blocks][3:6] == [
        "Repair the old boat in the yard",
        "2) Hire a crew of four",
        "3. Sail to the island.",
    ]


def test_a_page_without_text() -> None:
    assert read_page("<html><body></body></html>").blocks == []


def test_a_page_too_deep_for_trafilatura_keeps_its_text_and_metadata() -> None:
    page = read_page(PAGE.format(text="<div>" * 400 + "Deep down." + "</div>" * 400))
    assert "Deep down." in [block.text for block in page.blocks]
    assert page.facts["title"] == Fact("Night boat returns", "h1")


def test_nothing_is_fetched_or_printed(capfd: object) -> None:
    read_page("<html><body><iframe src='https://example.org/x'></iframe></body></html>")
    assert capfd.readouterr() == ("", "")  # type: ignore[attr-defined]


def test_a_turkish_page_in_an_old_encoding(data: Path) -> None:
    page = read_page((data / "agac.html").read_bytes().decode("cp1254"))
    assert [block.text for block in page.blocks if block.kind == "heading"] == [
        "Şehir parkına yüz ağaç",
        "Gölge için on yıl",
    ]
    assert [page.facts[name].value for name in ("source", "author", "language")] == [
        "Körfez Postası",
        "Defne Arıkan",
        "tr",
    ]


@pytest.mark.parametrize(
    "head", ["<!doctype html><title>Harbour bridge to close</title>", "<html><head><title>x</title>"]
)
def test_a_page_may_leave_out_the_tags_of_its_body(head: str) -> None:
    paragraphs = [
        "The bridge will close for nine weeks from March. " * 3,
        "Ferries will run every half hour until then. " * 3,
    ]
    html = f"{head}<article><h1>Harbour bridge to close</h1>" + "".join(f"<p>{text}</p>" for text in paragraphs)
    assert [block.text for block in read_page(html).blocks][-2:] == [text.strip() for text in paragraphs]


def page_of(body: str) -> str:
    return f"<!doctype html><html lang='en'><head><title>Lighthouses</title></head><body>{body}</body></html>"


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Night boat returns</h1><div>" + "<br><br>".join(PARAGRAPHS) + "</div>",
        "<h1>Night boat returns</h1>" + "".join(f"<div>{paragraph}</div>" for paragraph in PARAGRAPHS),
    ],
)
def test_a_page_without_paragraph_elements_keeps_its_paragraphs(body: str) -> None:
    assert [block.text for block in read_page(page_of(body)).blocks] == ["Night boat returns", *PARAGRAPHS]


def test_headings_between_paragraphs_stay_where_nothing_marks_the_article() -> None:
    parts = "".join(f"<h2>Part {number}</h2><p>{text}</p>" for number, text in enumerate(PARAGRAPHS))
    blocks = read_page(
        page_of(f"<h1>Boats</h1><p>Three things are to be told of the boats that go to the island.</p>{parts}")
    ).blocks
    assert [block.text for block in blocks if block.kind == "heading"] == ["Part 0", "Part 1", "Part 2"]


@pytest.mark.parametrize("element", ["noscript", "template"])
def test_an_article_for_readers_without_scripts_is_read(element: str) -> None:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    page = read_page(page_of(f"<div id='app'></div><{element}>{text}</{element}>"))
    assert [block.text for block in page.blocks] == PARAGRAPHS


def test_a_year_in_the_text_is_no_date_of_publication() -> None:
    storm = "The lighthouse has stood dark since the storm of 1998, and nobody has lit it again in all of that time."
    text = "".join(f"<p>{paragraph}</p>" for paragraph in [storm, *PARAGRAPHS])
    assert "published" not in read_page(page_of(text)).facts
