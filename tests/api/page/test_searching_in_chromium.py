"""Searching, as people do it: with a mouse, with the keyboard alone, without script, in the dark and on a telephone."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.api.page.conftest import Open, Served

QUESTION = "How long will the harbour bridge close?"
ASKED = "/?q=How+long+will+the+harbour+bridge+close%3F"


def ask(page: Page, question: str) -> None:
    page.get_by_role("searchbox", name="Question").fill(question)
    page.keyboard.press("Enter")
    page.locator(".hits > li").first.wait_for()


def state(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def titles(page: Page) -> list[str]:
    return page.locator(".hits h2").all_inner_texts()


def test_enter_answers_with_outlet_date_title_and_the_sentence_marked(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address)
    ask(page, QUESTION)
    hit = page.locator(".hit").first
    assert hit.locator(".kicker").inner_text().split("\n") == ["Harbour Gazette", "13 January 2025"]
    assert titles(page)[0] == "Harbour bridge to close"
    assert hit.locator("mark").inner_text() == "The harbour bridge will close for nine weeks from March."
    assert hit.locator(".verdict").inner_text().strip() in {
        "Very likely answers this",
        "Likely answers this",
        "May answer this",
        "Related",
    }
    assert state(page) == {"q": [QUESTION]}
    assert page.title() == f"{QUESTION} · Pincite"
    expect(page.locator("#said")).to_contain_text("best first, of 5 articles")


def test_back_and_forward_bring_searches_back(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address)
    ask(page, QUESTION)
    ask(page, "fireworks over the bay")
    expect(page.locator(".hits h2").first).to_have_text("Fireworks 🎆 over the bay")
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value(QUESTION)
    expect(page.locator(".hits h2").first).to_have_text("Harbour bridge to close")
    page.go_back()
    expect(page.get_by_role("heading", name="Ask your articles")).to_be_visible()
    page.go_forward()
    expect(page.locator(".hits h2").first).to_have_text("Harbour bridge to close")
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value(QUESTION)


def test_also_reported_by_unfolds(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address + ASKED)
    page.get_by_text("Also reported by 1 other article").click()
    other = page.locator(".also li").first
    expect(other).to_contain_text("Island Courier")
    other.get_by_role("link").click()
    expect(page.locator("article.text .kicker")).to_contain_text("Island Courier")
    expect(page.locator("#cited")).to_be_visible()


def test_filters_have_counts_and_narrow_the_search(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address + ASKED)
    filters = page.get_by_role("complementary", name="Filters")
    outlets = filters.get_by_role("region", name="Outlet").get_by_role("link")
    assert outlets.first.inner_text().split() == ["Harbour", "Gazette", "2", "articles"]
    filters.get_by_role("link", name="Island Courier").click()
    page.locator(".chips").wait_for()
    assert state(page) == {"q": [QUESTION], "source": ["Island Courier"]}
    assert {text.strip() for text in page.locator(".hit .outlet").all_inner_texts()} == {"Island Courier"}
    assert filters.get_by_role("link", name="Island Courier").get_attribute("aria-current") == "true"
    assert outlets.first.inner_text().split()[-2] == "2", "other outlets are still counted"
    page.get_by_role("link", name="Take away the filter Island Courier").click()
    expect(page.locator(".chips")).to_have_count(0)
    assert state(page) == {"q": [QUESTION]}


def test_language_tag_and_dates_narrow_it_too(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address + ASKED)
    filters = page.get_by_role("complementary", name="Filters")
    filters.get_by_role("link", name="Turkish").click()
    expect(page.locator(".hits h2").first).to_have_text("Iğdır'da kar yağışı")
    page.get_by_role("link", name="Take away the filter Turkish").click()
    page.get_by_role("link", name="festival").click()
    expect(page.locator(".hits h2").first).to_have_text("Fireworks 🎆 over the bay")
    page.get_by_role("link", name="Take away the filter festival").click()
    filters.get_by_label("from").fill("2025-01-14")
    filters.get_by_label("before").fill("2025-01-15")
    filters.get_by_role("button", name="Apply").click()
    expect(page.locator(".chips")).to_contain_text("from 14 January 2025 before 15 January 2025")
    expect(page.locator(".hits > li")).to_have_count(1)
    assert page.locator(".hit .outlet").all_inner_texts() == ["Island Courier"]
    assert state(page) == {"q": [QUESTION], "published_after": ["2025-01-14"], "published_before": ["2025-01-15"]}


def test_mode_and_recency_are_tucked_away_and_in_the_address(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address + ASKED)
    expect(page.get_by_label("Look for")).to_be_hidden()
    page.get_by_text("How to search").click()
    page.get_by_label("Look for").select_option("words")
    page.get_by_label("Prefer newer").select_option("strongly")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url("**mode=lexical**")
    assert state(page) == {"q": [QUESTION], "mode": ["lexical"], "half_life_days": ["7"]}
    expect(page.get_by_label("Look for")).to_be_visible()
    expect(page.get_by_label("Prefer newer")).to_have_value("7")


def test_why_this_answer_tells_the_stages(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address + ASKED)
    page.get_by_text("Why this answer").first.click()
    table = page.locator(".why table").first
    rows = dict(
        zip(table.locator("tbody th").all_inner_texts(), table.locator("tbody tr").all_inner_texts(), strict=True)
    )
    assert list(rows)[:3] == ["meaning", "words", "joined"]
    assert rows["words"].split("\t")[1] == "1"
    assert rows["result"].split("\t")[1] == "1"
    assert "cosine of question and passage" in rows["meaning"]


def test_no_answer_says_so_and_what_to_try(reading: Served, open_page: Open) -> None:
    page = open_page(f"{reading.address}/?q=%22zeppelin+hangar%22&source=Harbour+Gazette")
    expect(page.get_by_text("The library has no answer to this.")).to_be_visible()
    expect(page.get_by_text("Leave out quotation marks and minus signs.")).to_be_visible()
    page.get_by_role("link", name="Ask without filters").click()
    page.wait_for_url(lambda url: "source" not in url)


def test_a_question_that_cannot_be_read_says_why(reading: Served, open_page: Open) -> None:
    page = open_page(f"{reading.address}/?q=bridge+after%3Asometime", allowed=("422",))
    expect(page.get_by_role("alert")).to_contain_text("after:sometime is no date")
    expect(page.get_by_role("searchbox")).to_have_value("bridge after:sometime")


def test_the_keyboard_alone_is_enough(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address)
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.locator(".hits > li").first.wait_for()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "Harbour bridge to close"
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator(".neighbours .place")).to_have_text("Answer 1 of 4")
    page.keyboard.press("j")
    expect(page.locator(".neighbours .place")).to_have_text("Answer 2 of 4")
    page.keyboard.press("k")
    expect(page.locator(".neighbours .place")).to_have_text("Answer 1 of 4")
    page.keyboard.press("u")
    page.locator(".hits").wait_for()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.get_by_label("Use single keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") != "q"


def test_tab_reaches_everything_in_the_order_it_is_read(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address + ASKED)
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.innerText || document.activeElement.id"))
    assert seen[:8] == [
        "Skip to the content",
        "Pincite.",
        "Search",
        "Library",
        "q",
        "Search",
        "How to search",
        "Harbour bridge to close",
    ]
    page.keyboard.press("Home")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_without_script_searching_and_reading_work(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address, java_script_enabled=False)
    page.get_by_role("searchbox").fill(QUESTION)
    page.get_by_role("button", name="Search", exact=True).click()
    assert titles(page)[0] == "Harbour bridge to close"
    page.get_by_role("link", name="Island Courier 1").click()
    assert page.locator(".hit .outlet").all_inner_texts() == ["Island Courier"]
    page.get_by_text("Why this answer").click()
    expect(page.locator(".why table")).to_be_visible()
    page.locator("a[data-hit]").click()
    expect(page.locator("#cited")).to_be_in_viewport()
    page.get_by_text("BibTeX").click()
    expect(page.locator('[data-reference="bibtex"] pre')).to_contain_text("@article{islandcourier2025harbour")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.get_by_role("link", name="Library").click()
    expect(page.get_by_text("need script")).to_be_visible()
    expect(page.get_by_text("Drop files here")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 768, 1920])
@pytest.mark.parametrize("path", ["/", ASKED, "/articles/emoji", "/library"])
def test_nothing_sticks_out_at_any_width(reading: Served, open_page: Open, width: int, path: str) -> None:
    page = open_page(reading.address + path, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_filters_are_one_step_away_on_a_telephone(reading: Served, open_page: Open) -> None:
    page = open_page(reading.address + ASKED, viewport={"width": 360, "height": 740})
    expect(page.locator(".filters")).not_to_be_in_viewport()
    page.get_by_role("link", name="Filters").click()
    expect(page.locator(".filters")).to_be_in_viewport()


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_the_scheme_is_the_systems(reading: Served, open_page: Open, scheme: str, dark: bool) -> None:
    page = open_page(reading.address, color_scheme=scheme)
    red = int(page.evaluate("getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/)[0]"))
    assert (red < 64) is dark


def test_text_from_right_to_left_runs_that_way(reading: Served, open_page: Open) -> None:
    page = open_page(f"{reading.address}/?q=متى+يُغلق+جسر+الميناء؟&language=ar")
    direction = "getComputedStyle(document.querySelector({0!r})).direction"
    assert page.evaluate(direction.format(".passage")) == "rtl"
    assert page.evaluate(direction.format("#q")) == "rtl"
    page.locator("a[data-hit]").first.click()
    page.locator("article.text").wait_for()
    assert page.evaluate(direction.format("article.text h1")) == "rtl"
    assert page.evaluate(direction.format("article.text > p")) == "rtl"
    assert page.evaluate(direction.format(".apparatus h2")) == "ltr"
    assert page.locator("article.text").get_attribute("lang") == "ar"
