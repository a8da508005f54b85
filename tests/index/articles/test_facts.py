"""Title, authors and dates of a page, each from the best place that has a usable value."""

from __future__ import annotations

import json

import lxml.html
import pytest

from index.articles.fact import Fact
from index.articles.facts import page_facts


def facts(head: str = "", body: str = "", **work: object) -> dict[str, Fact]:
    data = f"<script type='application/ld+json'>{json.dumps(work)}</script>" if work else ""
    return page_facts(lxml.html.document_fromstring(f"<html><head>{data}{head}</head><body>{body}</body></html>"))


def test_a_heading_that_says_what_the_data_say_is_the_title() -> None:
    head = "<title>Night boat returns to the island | Gazette</title>"
    body = "<h1>Gazette</h1><h1>Night boat returns to the island</h1>"
    assert facts(head, body)["title"] == Fact("Night boat returns to the island", "h1")


def test_without_such_a_heading_the_data_go_first_and_lose_the_name_of_the_site() -> None:
    head = "<title>Boat | Gazette</title><meta property='og:title' content='Night boat returns | The Gazette'>"
    assert facts(head, "<h1>The Gazette</h1>")["title"] == Fact("Night boat returns", "meta og:title")
    assert facts(head, headline=" A  boat ", **{"@type": "NewsArticle"})["title"] == Fact("A boat", "json-ld")
    assert facts("<title>Boat – Gazette</title>")["title"] == Fact("Boat", "title")
    assert "title" not in facts()


def test_a_dash_within_a_title_does_not_start_the_name_of_a_site() -> None:
    head = "<meta property='og:title' content='The boat is here — and the islanders like it'>"
    assert facts(head)["title"] == Fact("The boat is here — and the islanders like it", "meta og:title")


def test_authors_of_json_ld() -> None:
    people = [{"name": "Dora Pell"}, {"name": "Ann  Lee"}, "Dora Pell", "https://example.org/x", 7]
    assert facts(author=people, **{"@type": ["ReportageNewsArticle"]})["author"] == Fact(
        "Dora Pell; Ann Lee", "json-ld"
    )
    assert "author" not in facts(author={"@id": "x"}, **{"@type": "Article"})
    assert "author" not in facts(author="Dora Pell", **{"@type": "Person"})


def test_an_article_in_a_graph() -> None:
    graph = [{"@type": "WebSite"}, {"@type": "Article", "datePublished": "2025-03-05T10:00:00Z"}]
    found = facts(**{"@graph": graph})
    assert found["published"] == Fact("2025-03-05T10:00:00+00:00", "json-ld")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2025-03-05T10:00:00+0100", "2025-03-05T10:00:00+01:00"),
        ("2025-03-05T10:00:00", "2025-03-05"),
        ("2025/03/05", "2025-03-05"),
        ("March 5, 2025", "2025-03-05"),
        ("March 5, 2025, 07:47 PM", "2025-03-05"),
        ("Wed, 05 Mar 2025 10:00:00 GMT", "2025-03-05T10:00:00+00:00"),
    ],
)
def test_dates_with_a_time_only_where_its_zone_is_stated(written: str, expected: str) -> None:
    found = facts(f"<meta property='article:published_time' content='{written}'>")
    assert found["published"] == Fact(expected, "meta article:published_time")


def test_a_date_that_cannot_be_is_passed_over() -> None:
    head = "<meta itemprop='dateModified' content='2025-03-06'><meta name='pubdate' content='2025-03-05'>"
    found = facts(head, datePublished="0001-01-01T00:00:00Z", dateModified="soon", **{"@type": "Article"})
    assert (found["published"], found["modified"]) == (
        Fact("2025-03-05", "meta pubdate"),
        Fact("2025-03-06", "meta datemodified"),
    )


def test_time_elements_of_one_day() -> None:
    body = "<time datetime='2025-03-05T10:00:00Z'>now</time><time datetime='2025-03-05'>today</time><time>soon</time>"
    assert facts(body=body)["published"] == Fact("2025-03-05T10:00:00+00:00", "time")
    assert "published" not in facts(body=f"{body}<time datetime='2025-03-06'>tomorrow</time>")


def test_json_ld_that_is_no_json_says_nothing() -> None:
    assert facts("<script type='application/ld+json'>{broken</script>") == {}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p class='byline'>By Dora Pell and Ann Lee</p>", "Dora Pell; Ann Lee"),
        ("<a rel='author'> Dora  Pell </a><a rel='author'>Ann Lee</a>", "Dora Pell"),
        ("<div class='author'>All stories</div><span itemprop='author'>Dora Pell</span>", "Dora Pell"),
        ("<div class='author'>Editorial</div>", None),
        ("<div class='author-bio'>Dora Pell writes about ferries and the people who wait for them.</div>", None),
    ],
)
def test_an_element_that_is_marked_as_the_authors_counts_if_it_is_names(body: str, expected: str | None) -> None:
    assert facts(body=body).get("author") == (Fact(expected, "byline") if expected else None)


def test_an_author_in_a_meta_tag_is_more_than_an_account() -> None:
    head = "<meta name='author' content='gazette_admin'><meta name='parsely-author' content='Dora Pell'>"
    assert facts(head)["author"] == Fact("Dora Pell", "meta parsely-author")


def test_where_outlet_address_language_and_tags_stand() -> None:
    head = """<meta property='og:site_name' content='The Gazette'><meta property='og:url' content='https://a.example/b'>
    <meta property='article:tag' content='ferries'><meta property='article:tag' content='islands'>
    <meta property='article:section' content='Arts, Culture'><meta property='og:locale' content='en_GB'>
    <meta property='og:image' content='https://a.example/b.jpg'><meta name='description' content='The boat is back.'>"""
    assert facts(head) == {
        "source": Fact("The Gazette", "meta og:site_name"),
        "url": Fact("https://a.example/b", "meta og:url"),
        "language": Fact("en_GB", "meta og:locale"),
        "tags": Fact("ferries,islands", "meta article:tag"),
        "sections": Fact("Arts, Culture", "meta article:section"),
        "description": Fact("The boat is back.", "meta description"),
        "image": Fact("https://a.example/b.jpg", "meta og:image"),
    }


def test_what_json_ld_says_of_outlet_sections_and_tags() -> None:
    work = {"@type": "Article", "publisher": {"name": "The  Gazette"}, "keywords": ["ferries", " islands ", 7]}
    found = facts(articleSection="Travel", **work)
    assert found["source"] == Fact("The Gazette", "json-ld")
    assert (found["tags"], found["sections"]) == (Fact("ferries,islands", "json-ld"), Fact("Travel", "json-ld"))
    assert "source" not in facts(publisher={"@id": "x"}, **{"@type": "Article"})


def test_an_address_that_names_a_whole_site_is_nobodys() -> None:
    head = "<link rel='canonical' href='https://gazette.example/'><meta property='og:url' content='{}'>"
    found = facts(head.format("https://www.gazette.example/boat"))
    assert found["url"] == Fact("https://www.gazette.example/boat", "meta og:url")
    assert found["source"] == Fact("gazette.example", "meta og:url")
    assert facts(head.format("/boat")) == {}


def test_a_canonical_address_within_the_site_is_made_whole_by_the_base() -> None:
    head = "<base href='https://gazette.example.org/news/'><link rel='canonical' href='../boat.html'>"
    assert facts(head)["url"] == Fact("https://gazette.example.org/boat.html", "link canonical")
    assert "url" not in facts("<link rel='canonical' href='../boat.html'>")
    assert "url" not in facts("<base href='http://[x'><link rel='canonical' href='/boat.html'>")


def test_several_authors_in_one_meta_tag_are_parted() -> None:
    head = "<meta name='author' content='By Dora Pell, Ann Lee and Bo Ek'>"
    assert facts(head)["author"] == Fact("Dora Pell; Ann Lee; Bo Ek", "meta author")
    assert (
        facts("<meta name='author' content='the staff of the Gazette'>")["author"].value == "the staff of the Gazette"
    )
