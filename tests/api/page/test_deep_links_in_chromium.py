"""A deep link opens a live page at the quote: Chromium itself scrolls to the text fragment that a citation carries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from index.articles.article import Article
from search.cite import cite
from tests.index.web.website import Page as SitePage
from tests.index.web.website import Site

FILLING = [f"Paragraph {number} of the report says little about anything at all." for number in range(60)]
QUOTES = [
    "The zeppelin hangar burnt down in 1937.",
    "Costs rose by 3.5 percent - more than planned, said the port's (acting) director & owner.",
    "🌉 The lighthouse keeper 🐈 counted 300 rockets.",
    "Iğdır'da yoğun kar yağışı nedeniyle okullar iki gün tatil edildi.",
    "يُغلق جسر الميناء تسعة أسابيع ابتداء من مارس.",
    "The first half of a long quotation stands here.\n\nIts second half is a paragraph of its own.",
]


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.mark.parametrize("quote", QUOTES)
def test_chromium_scrolls_to_the_quote(browser: Browser, site: Site, quote: str) -> None:
    paragraphs = [*FILLING, *quote.split("\n\n"), *FILLING]
    text = "\n\n".join(paragraphs)
    html = "".join(f"<p>{paragraph.replace('&', '&amp;')}</p>" for paragraph in paragraphs)
    site.pages["/report"] = SitePage(
        f"<!doctype html><meta charset=utf-8><title>Report</title>{html}".encode(),
        headers={"Content-Type": "text/html"},
    )
    start = text.index(quote)
    article = Article("report", text, url=f"http://127.0.0.1:{site.port}/report")
    link = cite(article, start, start + len(quote)).deep_link
    assert link is not None
    assert ":~:text=" in link
    context = browser.new_context(viewport={"width": 800, "height": 600})
    page = context.new_page()
    page.goto(link)
    page.wait_for_function("scrollY > 0")
    target = page.locator("p").filter(has_text=quote.split("\n\n", maxsplit=1)[0])
    box = target.bounding_box()
    context.close()
    assert box is not None
    assert 0 <= box["y"] <= 600
