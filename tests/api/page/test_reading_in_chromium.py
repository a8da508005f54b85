"""Reading: the quote in its place, what is known of the article, and citations that can be taken along."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, quote, urlsplit

import httpx
from playwright.sync_api import Page, expect

from search.cite import decode
from tests.api.conftest import BRIDGE
from tests.api.page.conftest import EMOJI, Open, Served

ASKED = "/?q=How+long+will+the+harbour+bridge+close%3F"


def read_first(page: Page) -> None:
    page.locator("a[data-hit]").first.click()
    page.locator("article.text").wait_for()


def test_the_cited_place_is_marked_and_scrolled_to(writing: Served, open_page: Open) -> None:
    paragraphs = "\n\n".join(f"Paragraph {number} says little about anything at all." for number in range(80))
    long = {
        "id": "long",
        "title": "Long",
        "text": f"{paragraphs}\n\nThe zeppelin hangar burnt down in 1937.",
        "language": "en",
    }
    writing.store(long)
    page = open_page(f"{writing.address}/?q=zeppelin+hangar")
    read_first(page)
    expect(page.locator("mark.answer")).to_have_text("The zeppelin hangar burnt down in 1937.")
    expect(page.locator("mark.answer")).to_be_in_viewport()
    assert page.evaluate("scrollY") > 500
    page.go_back()
    page.locator(".hits").wait_for()
    page.go_forward()
    page.locator("article.text").wait_for()
    expect(page.locator("mark.answer")).to_be_in_viewport()


def test_hits_follow_each_other(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address + ASKED)
    read_first(page)
    place = page.locator(".neighbours .place")
    expect(place).to_have_text("Answer 1 of 4")
    expect(page.get_by_role("link", name="Previous")).to_have_count(0)
    page.get_by_role("link", name="Next").click()
    expect(place).to_have_text("Answer 2 of 4")
    page.get_by_role("link", name="Previous").click()
    expect(place).to_have_text("Answer 1 of 4")
    page.get_by_role("link", name="All answers").click()
    expect(page.get_by_role("searchbox")).to_have_value("How long will the harbour bridge close?")


def test_metadata_says_where_it_was_found(reading: Served, open_page: Open) -> None:
    page = open_page(f"{reading.address}/articles/{quote(BRIDGE['id'], safe='')}")
    facts = dict(
        zip(page.locator(".facts dt").all_inner_texts(), page.locator(".facts dd").all_inner_texts(), strict=True)
    )
    assert facts["Outlet from record"] == "Harbour Gazette"
    assert facts["Author from record"] == "Mara Lindqvist; Tom Oyelaran"
    assert facts["Published from record"] == "13 January 2025"
    assert facts["Language from record"] == "English"
    assert facts["desk"] == "city"
    assert re.fullmatch("[0-9a-f]{16}", facts["Revision"])
    assert page.locator("article.text .author").inner_text() == "Mara Lindqvist, Tom Oyelaran"


def test_citations_are_copied_in_every_format(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address + ASKED)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    read_first(page)
    copied = {}
    for name in ("Plain text", "Markdown", "BibTeX", "CSL-JSON (Zotero)", "W3C annotation"):
        reference = page.locator(".reference").filter(has_text=name)
        reference.get_by_text(name, exact=True).click()
        reference.get_by_role("button", name="Copy").click()
        expect(reference.get_by_role("button", name="Copied")).to_be_visible()
        copied[name] = page.evaluate("navigator.clipboard.readText()")
    assert "Harbour Gazette, 2025-01-13, characters 0–" in copied["Plain text"]
    assert copied["Markdown"].startswith("> The harbour bridge will close for nine weeks from March.")
    assert copied["BibTeX"].startswith("@article{harbourgazette2025harbour,\n")
    assert json.loads(copied["CSL-JSON (Zotero)"])[0]["container-title"] == "Harbour Gazette"
    assert json.loads(copied["W3C annotation"])["type"] == "Annotation"
    (cited,) = parse_qs(urlsplit(page.url).query)["cite"]
    for form, name in (("plain", "Plain text"), ("bibtex", "BibTeX"), ("annotation", "W3C annotation")):
        assert httpx.get(f"{reading.address}/v1/citations/{cited}/{form}").text == copied[name]


def test_c_copies_the_plain_citation(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address + ASKED)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    read_first(page)
    page.keyboard.press("c")
    expect(page.locator("#said")).to_have_text("Plain text copied.")
    assert page.evaluate("navigator.clipboard.readText()").startswith("“The harbour bridge will close")


def test_a_citation_is_saved(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address + ASKED)
    read_first(page)
    page.get_by_text("BibTeX").click()
    with page.expect_download() as download:
        page.locator('[data-reference="bibtex"]').get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "citation.bib"
    assert download.value.path().read_text().startswith("@article{harbourgazette2025harbour,")


def test_the_live_page_opens_at_the_quote(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address + ASKED)
    read_first(page)
    link = page.get_by_role("link", name="Open the live page at the quote")
    assert link.get_attribute("href").startswith("https://gazette.example/bridge#:~:text=")
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_whether_the_quote_still_stands(writing: Served, open_page: Open) -> None:
    page = open_page(writing.address + ASKED)
    read_first(page)
    cited = page.url
    expect(page.locator(".standing")).to_have_text("Stands as it was cited.")
    put = f"{writing.address}/v1/articles/{quote(BRIDGE['id'], safe='')}"
    httpx.put(put, json=BRIDGE | {"text": f"Correction.\n\n{BRIDGE['text']}"})
    page.reload()
    expect(page.locator(".standing")).to_contain_text("Stands, but elsewhere in the article")
    expect(page.locator("#cited")).to_contain_text("The harbour bridge will close")
    httpx.put(put, json=BRIDGE | {"text": "The harbour bridge will stay open after all."})
    page.reload()
    expect(page.locator(".standing")).to_contain_text("No longer stands in the article")
    expect(page.locator("mark")).to_have_count(0)
    httpx.delete(put)
    page = open_page(cited, allowed=("404",))
    expect(page.get_by_role("heading", name="Not here")).to_be_visible()


def test_offsets_are_code_points_where_there_are_emoji(reading: Served, open_page: Open) -> None:
    page = open_page(f"{reading.address}/?q=Who+counted+rockets%3F&source=Harbour+Gazette&tag=festival")
    read_first(page)
    expected = "🌉 The lighthouse keeper 🐈 counted 300 rockets."
    assert page.locator("mark.answer").inner_text().strip() == expected
    (cited,) = parse_qs(urlsplit(page.url).query)["cite"]
    reference = decode(cited)
    assert EMOJI["text"][reference.start : reference.end].startswith("🎆🎇 Fireworks")


def test_what_is_selected_can_be_cited(reading: Served, open_page: Open) -> None:
    page = open_page(f"{reading.address}/articles/emoji")
    page.evaluate(
        """() => {
          const text = document.querySelector("article.text > p").firstChild;
          const at = text.data.indexOf("🐈");
          getSelection().setBaseAndExtent(text, at, text, at + "🐈 counted 300 rockets".length);
        }"""
    )
    page.get_by_role("button", name="Cite this").click()
    expect(page.locator("#cited")).to_have_text("🐈 counted 300 rockets")
    start = EMOJI["text"].index("🐈")
    assert parse_qs(urlsplit(page.url).query) == {"start": [str(start)], "end": [str(start + 21)]}
    page.get_by_text("Plain text", exact=True).click()
    expect(page.locator('[data-reference="plain"] pre')).to_contain_text(f"characters {start}–{start + 21}")
