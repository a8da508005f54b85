"""Citations in other formats, each with the exact text that it becomes, and read back by the format's own rules."""

from __future__ import annotations

import json

import pytest
from markdown_it import MarkdownIt

from index.articles.article import Article
from search.answer import Citation
from search.cite import cite
from search.references import MEDIA_TYPES, Format, web_address, written

TEXT = "Ferries stop. 🌉 The bridge\nwill close for 9 weeks. So it goes."
BRIDGE = Article(
    "news/bridge.txt",
    TEXT,
    title="Harbour bridge to close",
    source="Harbour Gazette",
    author="Mara Lindqvist; Tom Oyelaran",
    published="2025-01-13T09:30:00+01:00",
    url="https://gazette.example/bridge?a=1&b=2",
)
BARE = Article("news/bare.txt", TEXT)
START, END = 14, 50


def citation(article: Article = BRIDGE, start: int = START, end: int = END) -> Citation:
    return cite(article, start, end)


def test_the_quote_is_as_expected() -> None:
    assert citation().quote == "🌉 The bridge\nwill close for 9 weeks."


def test_plain() -> None:
    assert written(citation(), "plain") == (
        "“🌉 The bridge will close for 9 weeks.” (Mara Lindqvist; Tom Oyelaran, “Harbour bridge to close”, "
        "Harbour Gazette, 2025-01-13T09:30:00+01:00, characters 14–50, https://gazette.example/bridge?a=1&b=2)"
    )
    assert written(citation(BARE), "plain") == "“🌉 The bridge will close for 9 weeks.” (characters 14–50)"


def test_markdown() -> None:
    link = "https://gazette.example/bridge?a=1&b=2#:~:text=%F0%9F%8C%89%20The%20bridge,close%20for%209%20weeks."
    assert citation().deep_link == link
    assert written(citation(), "markdown") == (
        "> 🌉 The bridge\n> will close for 9 weeks.\n>\n"
        f"> — Mara Lindqvist; Tom Oyelaran, [“Harbour bridge to close”](<{link}>), *Harbour Gazette*, "
        "2025-01-13T09:30:00+01:00, characters 14–50"
    )


def test_bibtex() -> None:
    assert written(citation(), "bibtex") == (
        "@article{harbourgazette2025harbour,\n"
        "  author = {Mara Lindqvist and Tom Oyelaran},\n"
        "  title = {{Harbour bridge to close}},\n"
        "  journal = {Harbour Gazette},\n"
        "  year = {2025},\n"
        "  month = {1},\n"
        "  day = {13},\n"
        "  url = {https://gazette.example/bridge?a=1&b=2},\n"
        f"  note = {{“🌉 The bridge will close for 9 weeks.”, characters 14–50, revision {BRIDGE.revision}}},\n"
        "}"
    )


def test_csl_json() -> None:
    assert json.loads(written(citation(), "csl-json")) == [
        {
            "id": citation().id,
            "type": "article-newspaper",
            "title": "Harbour bridge to close",
            "container-title": "Harbour Gazette",
            "author": [{"literal": "Mara Lindqvist"}, {"literal": "Tom Oyelaran"}],
            "issued": {"date-parts": [[2025, 1, 13]]},
            "URL": "https://gazette.example/bridge?a=1&b=2",
            "annote": "🌉 The bridge\nwill close for 9 weeks.",
            "note": f"characters 14–50, revision {BRIDGE.revision}",
        }
    ]
    assert set(json.loads(written(citation(BARE), "csl-json"))[0]) == {"id", "type", "annote", "note"}


def test_annotation() -> None:
    assert json.loads(written(citation(), "annotation")) == {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": f"urn:pincite:citation:{citation().id}",
        "type": "Annotation",
        "motivation": "highlighting",
        "target": {
            "source": "https://gazette.example/bridge?a=1&b=2",
            "selector": [
                {
                    "type": "TextQuoteSelector",
                    "exact": "🌉 The bridge\nwill close for 9 weeks.",
                    "prefix": "Ferries stop. ",
                    "suffix": " So it goes.",
                },
                {"type": "TextPositionSelector", "start": 14, "end": 50},
            ],
        },
    }
    bare = json.loads(written(citation(BARE), "annotation"))
    assert bare["target"]["source"] == "urn:pincite:article:news%2Fbare.txt"


def test_latex_is_escaped() -> None:
    nasty = Article("x", r"50% of \input{/etc/passwd} & $5 #1 a_b ~^", title="{A}", author="Smith and Sons; Li, Bo")
    found = written(citation(nasty, 0, len(nasty.text)), "bibtex")
    assert "author = {{Smith and Sons} and {Li, Bo}}" in found
    assert r"title = {{\{A\}}}" in found
    assert (
        r"“50\% of \textbackslash{}input\{/etc/passwd\} \& \$5 \#1 a\_b \textasciitilde{}\textasciicircum{}”" in found
    )


@pytest.mark.parametrize("title", ["", "💥", "日本"])
def test_a_key_of_bibtex_is_letters_and_digits(title: str) -> None:
    found = written(citation(Article("論文", TEXT, title=title or None)), "bibtex")
    assert found.startswith(f"@article{{pincite{BRIDGE.revision[:8]},\n")


@pytest.mark.parametrize(
    "text",
    [
        "# no heading",
        "[a](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "**not bold** and `no code`",
        "1. no list\n- nor this\n+ nor this",
        "![x](https://evil.example/pixel.gif)",
        "&lt;b&gt; &amp;",
        "a\n===\nb\n---",
        "| a | b |\n|---|---|",
    ],
)
def test_markdown_shows_the_text_as_it_is(text: str) -> None:
    article = Article("x", text, title=text.split("\n", maxsplit=1)[0], source="*Out[let](x)*")
    html = MarkdownIt("commonmark", {"html": True}).render(written(citation(article, 0, len(text)), "markdown"))
    for tag in ("<h1", "<h2", "<a ", "<img", "<strong", "<code", "<li", "<table", "<b>"):
        assert tag not in html
    assert html.count("<em>") == 1


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://a.example/b", True),
        ("HTTP://a.example", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\tscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example", False),
        ("https:evil", False),
        ("https://\x00", False),
        ("https://a.example/\nb", False),
        ("vbscript:x", False),
        ("file:///etc/passwd", False),
        ("", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(address: str | None, safe: bool) -> None:
    assert (web_address(address) == address) is (safe or address is None)
    article = Article("x", TEXT, title="T", url=address or None)
    assert ("](<" in written(citation(article), "markdown")) is safe


def test_every_format_has_a_media_type() -> None:
    forms: list[Format] = ["plain", "markdown", "bibtex", "csl-json", "annotation"]
    assert list(MEDIA_TYPES) == forms
    assert all(written(citation(), form) for form in forms)
