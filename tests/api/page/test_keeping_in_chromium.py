"""Keeping the library on its page: what is in it, adding by file and URL, deleting; and the door where keys are on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.api.page.conftest import Open, Served, key_for, serving
from tests.index.web.website import Page as SitePage
from tests.index.web.website import Site

NEWS = "Two more boats will sail between the old town and the island this spring, the port said."


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


def fates(page: Page) -> list[list[str]]:
    return [line.split("\n") for line in page.locator(".fates li").all_inner_texts()]


def test_charts_tell_what_is_there(reading: Served, open_page: Open) -> None:
    page = open_page(f"{reading.address}/library")
    expect(page.locator(".sum")).to_have_text("5 articles in 5 passages, read by hashing.")
    bars = page.locator(".timeline rect")
    assert [bar.text_content() for bar in bars.all()] == [
        "December 2024: 1 article",
        "January 2025: 3 articles",
        "February 2025: 1 article",
    ]
    outlets = page.get_by_role("region", name="By outlet").get_by_role("listitem")
    assert outlets.first.inner_text().split() == ["Harbour", "Gazette", "2", "articles"]
    page.get_by_role("region", name="By language").get_by_role("link", name="Turkish").click()
    expect(page.locator(".chips")).to_contain_text("Turkish")


def test_files_are_added_and_rejections_say_why(writing: Served, open_page: Open, tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text(f"Ferry line adds boats\n\n{NEWS}\n")
    (tmp_path / "broken.json").write_text("{not json")
    page = open_page(f"{writing.address}/library")
    page.locator("[data-files]").set_input_files([tmp_path / "ferry.txt", tmp_path / "broken.json"])
    expect(page.locator(".sum")).to_contain_text("2 articles")
    added = dict(fates(page))
    assert added["Added"] == "ferry.txt"
    assert added["Rejected"].startswith("broken.json")
    page.get_by_role("link", name="Ferry line adds boats").click()
    expect(page.locator("article.text > p").last).to_have_text(NEWS)


def test_files_are_dropped(writing: Served, open_page: Open) -> None:
    page = open_page(f"{writing.address}/library")
    dropped = page.evaluate_handle(
        "text => { const data = new DataTransfer(); data.items.add(new File([text], 'ferry.txt')); return data; }", NEWS
    )
    page.locator("[data-drop]").dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.locator(".fates li")).to_contain_text(["ferry.txt"])
    expect(page.locator(".sum")).to_contain_text("2 articles")


def test_a_url_is_read_by_the_server(writing: Served, open_page: Open, site: Site) -> None:
    site.pages["/ferry"] = SitePage(
        f"<html><head><title>Ferries</title></head><body><article><h1>Ferries</h1><p>{NEWS}</p></article></body></html>".encode(),
        headers={"Content-Type": "text/html"},
    )
    page = open_page(f"{writing.address}/library")
    page.get_by_label("or read from the web").fill(f"http://127.0.0.1:{site.port}/ferry")
    page.get_by_role("button", name="Read").click()
    expect(page.locator(".sum")).to_contain_text("2 articles")
    assert fates(page) == [["Added", f"http://127.0.0.1:{site.port}/ferry"]]


def test_a_url_that_may_not_be_read_says_why(reading: Served, open_page: Open) -> None:
    page = open_page(f"{reading.address}/library")
    page.get_by_label("or read from the web").fill("http://127.0.0.1:1/")
    page.get_by_role("button", name="Read").click()
    expect(page.locator(".fates li.rejected")).to_contain_text("127.0.0.1")
    expect(page.locator(".progress")).to_be_hidden()


def test_deleting_asks_first(writing: Served, open_page: Open) -> None:
    page = open_page(f"{writing.address}/library")
    page.get_by_role("button", name="Delete Harbour bridge to close").click()
    dialog = page.get_by_role("dialog", name="Delete this article?")
    expect(dialog).to_contain_text("Harbour bridge to close")
    assert page.evaluate("document.activeElement.textContent") == "Keep it"
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert httpx.get(f"{writing.address}/v1/status").json()["articles"] == 1
    page.get_by_role("button", name="Delete Harbour bridge to close").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nothing is here yet.")).to_be_visible()
    assert httpx.get(f"{writing.address}/v1/status").json()["articles"] == 0


def test_an_article_is_deleted_where_it_is_read(writing: Served, open_page: Open) -> None:
    page = open_page(f"{writing.address}/articles/news%2Fharbour%20bridge.txt")
    page.get_by_role("button", name="Delete this article").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_url("**/library")
    expect(page.get_by_text("Nothing is here yet.")).to_be_visible()


def log_in(page: Page, key: str) -> None:
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Log in").click()


def test_a_key_is_asked_for_kept_for_the_tab_and_forgotten(locked: Served, open_page: Open) -> None:
    page = open_page(f"{locked.address}/?q=harbour+bridge", allowed=("401",))
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert "Harbour Gazette" not in page.content()
    log_in(page, "pincite_000000000000_wrong")
    expect(page.get_by_role("alert")).to_contain_text("This key opens nothing here.")
    key = key_for(locked, "search")
    log_in(page, key)
    expect(page.locator(".hits h2").first).to_have_text("Harbour bridge to close")
    page.reload()
    expect(page.locator(".hits h2").first).to_have_text("Harbour bridge to close")
    assert page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    assert key not in page.content()
    other = page.context.new_page()
    other.goto(locked.address)
    expect(other.get_by_role("heading", name="Log in")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('pincite.key')") is None


def test_a_key_that_only_searches_keeps_nothing(locked: Served, open_page: Open) -> None:
    page = open_page(f"{locked.address}/library", allowed=("401",))
    log_in(page, key_for(locked, "search"))
    expect(page.get_by_text("This key reads only")).to_be_visible()
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    expect(page.locator("[data-adding]")).to_have_count(0)


def test_a_key_that_writes_adds_and_deletes(locked: Served, open_page: Open, tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text(NEWS)
    page = open_page(f"{locked.address}/library", allowed=("401",))
    log_in(page, key_for(locked, "search", "write"))
    page.locator("[data-files]").set_input_files([tmp_path / "ferry.txt"])
    expect(page.locator(".sum")).to_contain_text("6 articles")
    page.get_by_role("button", name="Delete Fireworks").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".sum")).to_contain_text("5 articles")


def test_without_script_the_browser_asks_for_the_key(locked: Served, open_page: Open) -> None:
    key = key_for(locked, "search")
    page = open_page(
        f"{locked.address}/?q=harbour+bridge",
        java_script_enabled=False,
        http_credentials={"username": "me", "password": key},
        allowed=("401",),
    )
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    page.get_by_role("link", name="log in").click()
    expect(page.locator(".hits h2").first).to_have_text("Harbour bridge to close")
    page.locator("a[data-hit]").first.click()
    expect(page.locator("#cited")).to_be_visible()


def test_collections_are_chosen_and_kept_on_every_link(tmp_path: Path, open_page: Open) -> None:
    with serving(tmp_path) as served:
        assert httpx.put(f"{served.address}/v1/collections/ferries").status_code == 201
        body = {"id": "ferry", "title": "Ferry line adds boats", "text": NEWS}
        httpx.post(f"{served.address}/v1/articles?collection=ferries", json=body)
        page = open_page(f"{served.address}/library")
        expect(page.locator(".sum")).to_contain_text("0 articles")
        page.get_by_label("Collection").select_option("ferries")
        expect(page.locator(".sum")).to_contain_text("1 article")
        page.get_by_role("link", name="Search", exact=True).click()
        page.get_by_role("searchbox").fill("boats to the island")
        page.keyboard.press("Enter")
        expect(page.locator("a[data-hit]")).to_have_count(1)
        page.get_by_label("Collection").select_option("default")
        expect(page.get_by_role("searchbox")).to_have_value("boats to the island")
        expect(page.locator("a[data-hit]")).to_have_count(0)
        page.get_by_label("Collection").select_option("ferries")
        page.locator("a[data-hit]").first.click()
        page.locator("article.text").wait_for()
        assert "collection=ferries" in page.url
        page.get_by_role("button", name="Delete this article").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        page.wait_for_url("**/library?collection=ferries")
        expect(page.locator(".sum")).to_contain_text("0 articles")
