"""The sample articles that a first run indexes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from index.articles.article import Article, Draft
from index.articles.clean import clean
from index.articles.cut import cut
from index.articles.readers import read_paths


@pytest.fixture(scope="module")
def articles(seeds: Path) -> list[Article]:
    found = list(read_paths([seeds]))
    assert [item for item in found if not isinstance(item, Draft)] == []
    return [clean(item) for item in found if isinstance(item, Draft)]


def one(articles: list[Article], words: str) -> Article:
    (found,) = [article for article in articles if words in (article.title or "")]
    return found


def test_there_are_samples_of_every_format(seeds: Path, articles: list[Article]) -> None:
    suffixes = Counter(path.suffix for path in seeds.rglob("*") if path.is_file())
    assert suffixes == {".md": 9, ".txt": 2, ".html": 2, ".json": 2, ".jsonl": 2}
    assert len({article.id for article in articles}) == len(articles) == 21


def test_every_sample_is_small_and_known_by_title_and_language(articles: list[Article]) -> None:
    assert all(100 <= len(article.text.split()) <= 350 for article in articles)
    assert [article.id for article in articles if article.title is None] == []
    assert Counter(article.language for article in articles) == {"en": 19, "tr": 1, "de": 1}


def test_two_outlets_report_one_event(articles: list[Article]) -> None:
    ledger, gazette = one(articles, "Rutte tells European lawmakers"), one(articles, "Two percent is not nearly enough")
    assert (ledger.source, ledger.published) == ("Continental Ledger", "2025-01-13T16:40:00+01:00")
    assert (gazette.source, gazette.published) == ("The Harbour Gazette", "2025-01-14")
    assert "spending two percent of gross domestic product on defence was not nearly enough" in gazette.text


def test_the_turkish_notice_is_gone_and_the_article_whole(articles: list[Article]) -> None:
    ferry = one(articles, "Night ferry")
    assert ferry.text.startswith("Night ferry to Tarrow Island returns after nine years\n\nThe last boat of the day")
    assert ferry.text.endswith("have wished the service well all the same.")
    (notice,) = ferry.removed
    assert notice.startswith("X\nWeb sitemizde")
    assert notice.endswith("Tümünü kabul et")


def test_nothing_else_is_taken_for_a_notice(articles: list[Article]) -> None:
    assert [article.title for article in articles if article.removed] == [one(articles, "Night ferry").title]


def test_a_page_loses_its_menus_and_adverts(articles: list[Article]) -> None:
    reef = one(articles, "Glass sponge reef")
    assert (reef.author, reef.published, reef.tags) == (
        "Priya Lindqvist",
        "2024-09-05T08:00:00+00:00",
        ("oceans", "sponges", "deep sea"),
    )
    for around in ("Advertisement", "Sponsored", "Related stories", "newsletter", "All rights reserved", "Shop"):
        assert around not in reef.text


def test_the_correction_says_what_it_replaces(articles: list[Article]) -> None:
    budget = one(articles, "Council sets aside")
    assert budget.metadata["supersedes"] == "the version of 1 March 2025"
    assert budget.text.startswith("Correction, 3 March: This article replaces the version of 1 March")


def test_every_passage_is_exact(articles: list[Article], words: Callable[[str], list[tuple[int, int]]]) -> None:
    for article in articles:
        for passage in cut(article, words, room=300):
            assert article.text[passage.start : passage.end] == passage.text
