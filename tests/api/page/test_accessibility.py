"""axe-core finds nothing to complain of, on any page, in either scheme, narrow and wide, whatever is unfolded."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.api.page.conftest import Open, Served, key_for

ASKED = "/?q=How+long+will+the+harbour+bridge+close%3F"
PAGES = {
    "home": "/",
    "answers": ASKED,
    "no answer": "/?q=%22zeppelin+hangar%22&source=Harbour+Gazette",
    "library": "/library",
    "article": "/articles/news%2Fharbour%20bridge.txt",
    "right to left": "/articles/ar%2Fjisr",
}


def violations(page: Page) -> list[str]:
    found = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_no_page_has_a_violation(reading: Served, open_page: Open, path: str, scheme: str) -> None:
    page = open_page(reading.address + path, color_scheme=scheme)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert violations(page) == []


def test_nor_has_an_article_with_a_cited_place_on_a_telephone(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address + ASKED, viewport={"width": 360, "height": 740})
    assert violations(page) == []
    page.locator("a[data-hit]").first.click()
    page.locator("#cited").wait_for()
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert violations(page) == []


def test_nor_have_dialogs_and_failures(reading: Served, open_page: Open) -> None:
    page = open_page(f"{reading.address}/library")
    page.get_by_role("button", name="Delete Fireworks").click()
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Keyboard").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator("[data-files]").set_input_files({"name": "a.json", "mimeType": "application/json", "buffer": b"{"})
    page.locator(".fates li").wait_for()
    assert violations(page) == []
    page = open_page(f"{reading.address}/articles/nowhere", allowed=("404",))
    assert violations(page) == []
    page = open_page(f"{reading.address}/?q=after%3Asometime+bridge", allowed=("422",))
    assert violations(page) == []


def test_nor_has_the_door(locked: Served, open_page: Open) -> None:
    page = open_page(locked.address, allowed=("401",))
    page.get_by_label("API key").wait_for()
    assert violations(page) == []
    page.get_by_label("API key").fill(key_for(locked, "search"))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Log out").wait_for()
    assert violations(page) == []
