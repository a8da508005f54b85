"""Drafts become articles, or errors that name the field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from index.articles.article import Article, Break, Draft, Markup
from index.articles.clean import clean
from index.errors import InvalidArticle

TEXT = "The council met on Monday and talked about the bridge for three hours."
NOTICE = "We use cookies to personalise adverts. You can accept or reject them."


def refused(draft: Draft) -> InvalidArticle:
    with pytest.raises(InvalidArticle) as caught:
        clean(draft)
    return caught.value


def test_a_plain_draft() -> None:
    assert clean(Draft("folder/a.txt", f"A bridge is closed\r\n\r\n{TEXT}\r\n")) == Article(
        id="folder/a.txt",
        text=f"A bridge is closed\n\n{TEXT}",
        title="A bridge is closed",
        language="en",
        breaks=(Break(0, "heading"), Break(20, "paragraph")),
        metadata={"provenance": {"title": "headline", "language": "detected"}},
    )


def test_everything_that_a_draft_can_say() -> None:
    draft = Draft(
        "upload",
        TEXT,
        id="council-1",
        title="  A\n bridge ",
        source="Aldermouth\tPost",
        author="Dora Pell; Colin Varga",
        published="2025-03-03 09:20",
        url=" HTTPS://Example.ORG/News?id=1#top ",
        language="en-GB",
        tags=("Bridges", "bridges ", "", "Council"),
        metadata={"edition": 7},
        place="record",
    )
    assert clean(draft) == Article(
        id="council-1",
        text=TEXT,
        title="A bridge",
        source="Aldermouth Post",
        author="Dora Pell; Colin Varga",
        published="2025-03-03T09:20:00+00:00",
        url="https://example.org/News?id=1",
        language="en",
        tags=("Bridges", "Council"),
        breaks=(Break(0, "paragraph"),),
        metadata={
            "edition": 7,
            "provenance": dict.fromkeys(
                ("title", "source", "author", "published", "url", "language", "tags"), "record"
            ),
        },
    )


def test_the_id_is_the_one_given_else_the_url_else_the_origin() -> None:
    draft = Draft("a.txt", TEXT, id="given", url="https://example.org/a")
    assert clean(draft).id == "given"
    assert clean(replace(draft, id=None)).id == "https://example.org/a"
    assert clean(replace(draft, id=None, url=None)).id == "a.txt"


@pytest.mark.parametrize(
    "url", ["ftp://example.org/a", "example.org", "http://", "http://[::1", "http://a b.org/", "x" * 9]
)
def test_a_url_that_is_no_web_address_is_kept_as_metadata(url: str) -> None:
    article = clean(Draft("a.txt", TEXT, url=url))
    assert (article.id, article.url) == ("a.txt", None)
    assert article.metadata == {"url": url, "provenance": {"language": "detected"}}


def test_a_url_too_long_for_an_id_is_kept_as_metadata() -> None:
    url = "https://example.org/" + "x" * 2100
    assert clean(Draft("a.txt", TEXT, url=url)).metadata["url"] == url


def test_a_language_that_is_no_code_is_kept_as_metadata_and_the_text_asked() -> None:
    article = clean(Draft("a.txt", TEXT, language="English"))
    assert article.language == "en"
    assert article.metadata == {"language": "English", "provenance": {"language": "detected"}}


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        ("", "1 to 2048 characters, not 0"),
        ("x" * 2049, "1 to 2048 characters, not 2049"),
        (" a", "spaces at its ends"),
        ("a\n", "spaces at its ends"),
        ("a\x07b", "control characters"),
    ],
)
def test_ids_that_cannot_be_used(identity: str, reason: str) -> None:
    error = refused(Draft("a.txt", TEXT, id=identity))
    assert error.detail | {"reason": ""} == {"field": "id", "origin": "a.txt", "record": None, "reason": ""}
    assert reason in error.message


def test_a_rejection_carries_file_record_and_reason() -> None:
    error = refused(Draft("folder/a#b.jsonl#12", " "))
    assert error.message == "folder/a#b.jsonl, record 12: text: there is no text in it"
    assert error.detail == {
        "field": "text",
        "origin": "folder/a#b.jsonl",
        "record": 12,
        "reason": "there is no text in it",
    }
    assert refused(Draft("a#b.txt", " ")).detail["origin"] == "a#b.txt"


def test_what_a_reader_left_out_is_reported_first() -> None:
    assert clean(Draft("a.pdf", TEXT, removed=("Page 1",))).removed == ("Page 1",)


def test_an_id_may_have_slashes_spaces_and_any_letters() -> None:
    assert clean(Draft("a.txt", TEXT, id="haber/2025 Şubat #1")).id == "haber/2025 Şubat #1"
    assert clean(Draft("a.txt", TEXT, id="x" * 2048)).id == "x" * 2048


@pytest.mark.parametrize("content", ["", " \n\t", "\u00a0\f\u3000", "\x07\ufeff"])
@pytest.mark.parametrize("markup", ["text", "markdown", "html"])
def test_an_article_needs_text(content: str, markup: Markup) -> None:
    error = refused(Draft("a.txt", content, markup=markup))
    assert error.message == "a.txt: text: there is no text in it"
    assert error.detail["field"] == "text"


def test_a_date_that_does_not_exist_is_refused() -> None:
    error = refused(Draft("a.txt", TEXT, published="2025-02-30"))
    assert error.message == "a.txt: published: '2025-02-30' is not a date or time: day is out of range for month"
    assert error.detail["field"] == "published"


def test_a_blank_date_is_none() -> None:
    assert clean(Draft("a.txt", TEXT, published=" ")).published is None


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("text", {"content": f"{TEXT}\x00"}),
        ("text", {"content": f"{TEXT}\ud800"}),
        ("id", {"id": "a\x00"}),
        ("title", {"title": "\udfff"}),
        ("source", {"source": "a\x00"}),
        ("author", {"author": "a\x00"}),
        ("published", {"published": "2025-01-01\x00"}),
        ("url", {"url": "https://example.org/\x00"}),
        ("language", {"language": "\x00"}),
        ("tags", {"tags": ("fine", "not\x00")}),
        ("metadata", {"metadata": {"a": {"b": "\x00"}}}),
        ("metadata", {"metadata": {"a": float("nan")}}),
        ("origin", {"origin": "a\x00.txt"}),
    ],
)
def test_what_cannot_be_stored_is_refused_by_name(field: str, change: dict[str, Any]) -> None:
    error = refused(replace(Draft("a.txt", TEXT), **change))
    assert error.detail["field"] == field
    assert "cannot be stored; remove it" in error.message


def test_notices_are_taken_out_and_reported() -> None:
    article = clean(Draft("a.txt", f"A bridge is closed\n\n{TEXT}\n\n{TEXT}\n\n\n\nX\n{NOTICE}\n\nAccept all\n"))
    assert article.text == f"A bridge is closed\n\n{TEXT}\n\n{TEXT}"
    assert article.removed == (f"X\n{NOTICE}\n\nAccept all",)


def test_notices_are_taken_out_of_markdown_and_pages_too() -> None:
    markdown = clean(Draft("a.md", f"# Bridge\n\n{TEXT}\n\n{TEXT}\n\n{NOTICE}", markup="markdown"))
    assert (markdown.text, markdown.removed) == (f"Bridge\n\n{TEXT}\n\n{TEXT}", (NOTICE,))
    page = clean(Draft("a.html", f"<h1>Bridge</h1><p>{TEXT}</p><p>{TEXT}</p><p>{NOTICE}</p>", markup="html"))
    assert (page.title, page.text, page.removed) == ("Bridge", f"{TEXT}\n\n{TEXT}", (NOTICE,))


def test_invitations_are_taken_out_of_every_kind_of_text() -> None:
    line = "Subscribe to our newsletter and miss nothing."
    for draft in (Draft("a.txt", f"{TEXT}\n\n{line}"), Draft("a.html", f"<p>{TEXT}</p><p>{line}</p>", markup="html")):
        article = clean(draft)
        assert (article.text, article.removed) == (TEXT, (line,))


def test_a_page_whose_only_text_is_its_headline_keeps_it() -> None:
    assert clean(Draft("a.html", "<h1>Bridge closed</h1>", markup="html")).text == "Bridge closed"


def test_links_among_the_paragraphs_of_a_page_are_reported() -> None:
    paragraphs = "".join(f"<p>{TEXT} {TEXT} {number}</p>" for number in range(6))
    link = "<p><a href='/b'>Council quarrels over the other bridge</a></p>"
    article = clean(Draft("a.html", f"<html><body><article>{paragraphs}{link}</article></body></html>", markup="html"))
    assert article.text == "\n\n".join(f"{TEXT} {TEXT} {number}" for number in range(6))
    assert article.removed == ("Council quarrels over the other bridge",)


def test_text_stays_as_it_was_written() -> None:
    text = "One  two\u00a0three e\u0301 ﬁ.\n\n\n    Four\tfive.\nSix."
    assert clean(Draft("a.txt", f"\n{text}\n ")).text == text


PAGE = """<html lang="de"><head><title>Seite</title><meta name="author" content="Maren Tiefensee">
<meta property="og:site_name" content="Anzeiger"><meta name="date" content="2024-12-16">
<meta name="keywords" content="Bahn,Ort">
<link rel="canonical" href="https://anzeiger.example.org/a"></head>
<body><h1>Ein Zug hält</h1><p>Kurz.</p></body></html>"""


def test_what_a_page_says_is_used() -> None:
    article = clean(Draft("a.html", PAGE, markup="html"))
    assert (article.id, article.url) == ("https://anzeiger.example.org/a", "https://anzeiger.example.org/a")
    assert (article.source, article.author, article.published) == ("Anzeiger", "Maren Tiefensee", "2024-12-16")
    assert (article.language, article.tags) == ("de", ("Bahn", "Ort"))


def test_what_the_draft_says_goes_before_the_page() -> None:
    draft = Draft(
        "a.html", PAGE, "html", title="T", source="S", author="A", published="2020-01-01", language="tr", tags=("x",)
    )
    article = clean(replace(draft, url="https://example.org/b"))
    assert (article.title, article.source, article.author, article.published) == ("T", "S", "A", "2020-01-01")
    assert (article.language, article.tags, article.id) == ("tr", ("x",), "https://example.org/b")


def test_each_field_says_where_it_was_found() -> None:
    draft = Draft("a.html", PAGE, "html", author="Ann Lee", metadata={"modified": "2025"}, place="feed")
    assert clean(draft).metadata["provenance"] == {
        "title": "title",
        "source": "meta og:site_name",
        "author": "feed",
        "published": "meta date",
        "modified": "feed",
        "url": "link canonical",
        "language": "html lang",
        "tags": "meta keywords",
    }


def test_a_provenance_of_the_drafts_own_is_kept_beside() -> None:
    article = clean(Draft("a.txt", "Ox.", metadata={"provenance": "a cellar in Ghent"}))
    assert article.metadata == {"given_provenance": "a cellar in Ghent", "provenance": {}}


def test_what_stands_around_a_headline_is_told_and_stays_in_the_text() -> None:
    text = f"By Dora Pell\nJanuary 13, 2025\n\nA bridge is closed\n\nPARIS, 14 January 2025 (Press) - {TEXT}"
    article = clean(Draft("a.txt", text))
    assert (article.title, article.author, article.published) == ("A bridge is closed", "Dora Pell", "2025-01-13")
    assert article.text == text
    assert article.metadata == {
        "dateline": "PARIS, 14 January 2025 (Press)",
        "provenance": {"title": "headline", "author": "byline", "published": "byline", "language": "detected"},
    }


def test_what_is_stated_goes_before_what_stands_around_a_headline() -> None:
    article = clean(Draft("a.txt", f"By Dora Pell\n\n{TEXT}", author="Ann Lee", published="2025-01-14", place="record"))
    assert (article.author, article.published, article.title) == ("Ann Lee", "2025-01-14", None)


def test_a_byline_goes_before_what_is_guessed_from_a_whole_page() -> None:
    paragraphs = "".join(f"<p>{TEXT} {TEXT} {number}</p>" for number in range(6))
    byline = "<p>Published: 13 January 2025</p>"
    html = f"<html><body><div>10 May 2024</div><article>{byline}{paragraphs}</article></body></html>"
    article = clean(Draft("a.html", html, "html"))
    assert article.published == "2025-01-13"
    assert article.metadata["provenance"] == {"published": "byline", "language": "detected"}


def test_a_heading_of_markdown_is_no_byline() -> None:
    article = clean(Draft("a.md", f"# By The Sea Side\n\n{TEXT}", markup="markdown"))
    assert (article.title, article.author) == ("By The Sea Side", None)


@pytest.mark.parametrize(
    ("draft", "published", "place"),
    [
        (Draft("notes/2025-01-13-bridge.txt", TEXT), "2025-01-13", "file name"),
        (Draft("notes/2025-01-13.txt", TEXT), "2025-01-13", "file name"),
        (Draft("a.txt", TEXT, url="https://example.org/news/2025/01/13/bridge"), "2025-01-13", "url"),
        (Draft("a.txt", TEXT, url="https://example.org/2025-01-13-bridge"), "2025-01-13", "url"),
        (Draft("2025-02-30.txt", TEXT), None, None),
        (Draft("b-2025-01-13.txt", TEXT), None, None),
        (Draft("2025-01-131.txt", TEXT), None, None),
        (Draft("a.txt", TEXT, url="https://example.org/2025/01/bridge-13"), None, None),
    ],
)
def test_the_day_in_an_address_or_a_name_is_the_last_resort(
    draft: Draft, published: str | None, place: str | None
) -> None:
    article = clean(draft)
    assert article.published == published
    assert article.metadata["provenance"].get("published") == place  # type: ignore[union-attr]


@pytest.mark.parametrize("markup", ["html", "markdown"])
def test_a_page_that_is_too_deep_is_refused(markup: Markup) -> None:
    error = refused(Draft("a.html", "<b>" * 50_000 + "x", markup=markup))
    assert error.message == "a.html: html: its elements are nested too deeply to be read whole"


MARKUPS: st.SearchStrategy[Markup] = st.sampled_from(["text", "markdown", "html"])
CONTENTS = (
    st.text()
    | st.text(alphabet="<>/pbrdivh1 &#x;[]()*_`\n-|>\"'=a\x00\ud800\f")
    | st.binary().map(lambda b: b.decode("latin-1"))
)


@given(CONTENTS, MARKUPS, st.none() | st.text(), st.none() | st.text())
def test_any_draft_gives_an_article_or_a_named_error(
    content: str, markup: Markup, short: str | None, url: str | None
) -> None:
    draft = Draft("o", content, markup, title=short, published=short, url=url, language=short, tags=(short or "",))
    try:
        article = clean(draft)
    except InvalidArticle as error:
        field = error.detail["field"]
        event(f"refused: {field}")
        return
    assert article.text == article.text.strip() != ""
    assert article.breaks[0].start == 0
    assert [mark.start for mark in article.breaks] == sorted(mark.start for mark in article.breaks)
    assert all(not article.text[mark.start].isspace() for mark in article.breaks)
    assert len(article.digest) == 64


PAGELESS = st.text().map(lambda text: text.replace("\f", ""))


@given(PAGELESS, PAGELESS)
def test_cleaning_its_own_text_changes_nothing_more(before: str, after: str) -> None:
    try:
        once = clean(Draft("o", before + TEXT + after))
    except InvalidArticle:
        return
    again = clean(Draft("o", once.text))
    assert (again.text, again.breaks) == (once.text, once.breaks)
