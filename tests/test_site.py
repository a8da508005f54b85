"""The documentation as a site: it builds without warnings, shows what GitHub shows, loads nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import html
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(path for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
COUNTED = ("h2", "h3", "li", "pre", "table", "tr", "a", "img", "code", "blockquote")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


def in_site(path: Path) -> str:
    """Where a page of the repository is in the site."""
    name = path.relative_to(ROOT).as_posix().removeprefix("docs/").replace(".md", ".html")
    return "index.html" if name == "README.html" else name


def text_of(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_has_the_same_parts_in_the_site_and_on_github(site: Path, page: Path) -> None:
    on_github = html.fromstring(MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(page.read_text()))
    (shown,) = html.parse(site / in_site(page)).xpath("//div[@role='main']")
    for tag in COUNTED:
        expected = [text_of(one) for one in on_github.iter(tag)]
        assert [text_of(one) for one in shown.iter(tag) if "headerlink" not in one.get("class", "")] == expected


def test_every_link_leads_to_a_file_of_the_site(site: Path) -> None:
    for page in site.rglob("*.html"):
        links = [link for *_, link, _ in html.parse(page).getroot().iterlinks()]
        local = {link.partition("#")[0].partition("?")[0] for link in links if not re.match(r"\w+:", link)} - {""}
        assert [link for link in local if page.name != "404.html" and not (page.parent / link).exists()] == []


def test_files_outside_the_folder_of_documents_are_in_the_site(site: Path) -> None:
    there = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert {"index.html", "ARCHITECTURE.html", "CHANGELOG.html", "LICENSE", "deploy/pincite.service"} <= there
    assert {"benchmarks/results/evaluation.html", "benchmarks/results/evaluation.svg"} <= there
    assert [name for name in there if name.endswith(".py")] == []


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        root = html.parse(page).getroot()
        loaded = root.xpath("//script/@src | //link[@rel='stylesheet']/@href | //img/@src | //source/@srcset")
        assert [one for one in loaded if re.match(r"(https?:)?//", one)] == []


def test_every_kind_of_page_is_in_the_navigation(site: Path) -> None:
    (bar,) = html.parse(site / "index.html").xpath("//div[@id='navbar-collapse']")
    assert [text_of(one) for one in bar.xpath(".//a[contains(@class, 'dropdown-toggle')]")][:3] == [
        "How to",
        "Reference",
        "Explanation",
    ]
    assert bar.xpath(".//a[@href='tutorial.html']")
