"""The parts of the page that are plain functions, each with the value it must give."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from starlette.requests import Request

from api.page.address import Address, article_path
from api.page.answers import KEPT, SECONDS, Answers
from api.page.assets import asset_path, assets, version
from api.page.charts import MOST_BARS, shares, timeline
from api.page.languages import language_name
from api.page.passages import Piece, blocks, excerpt, target_of
from api.page.paths import is_asset, is_page
from api.page.words import Judgement, count, day, doubtful, judgement, month
from api.payload import article_draft
from api.service import Service
from index.articles.article import Article, Break
from index.articles.passage import Passage
from index.embedding.contract import Span
from index.library.contract import Facet
from search.answer import Answer, Hit, LibraryCard, Scores
from search.cite import cite
from search.query import Query
from search.understanding.asking import Understood
from tests.api.conftest import BRIDGE


def address(query: str) -> Address:
    return Address.of(Request({"type": "http", "query_string": query.encode(), "headers": []}))


# Addresses


def test_an_address_keeps_what_it_knows_and_leaves_the_rest() -> None:
    found = address("q=a+b&source=X&source=Y&utm_source=mail&mode=&language=tr")
    assert found.pairs == (("q", "a b"), ("source", "X"), ("source", "Y"), ("language", "tr"))
    assert found.get("q") == "a b"
    assert found.get("mode") == ""
    assert found.all("source") == ["X", "Y"]
    assert found.at("/") == "/?q=a+b&source=X&source=Y&language=tr"
    assert Address().at("/library") == "/library"


def test_filters_are_put_in_and_taken_out() -> None:
    found = address("q=a&offset=10&source=X")
    assert found.toggled("source", "Y").at("/") == "/?q=a&source=X&source=Y"
    assert found.toggled("source", "x").at("/") == "/?q=a"
    assert found.has("source", "x")
    assert found.set(offset=None, q="b").pairs == (("source", "X"), ("q", "b"))
    assert found.hidden(["q"]) == (("offset", "10"), ("source", "X"))
    assert address("q=a&collection=c&source=X").kept().pairs == (("collection", "c"),)


def test_an_address_becomes_a_search() -> None:
    found = address("q=a&source=X&limit=5&published_after=2025-01-01&cite=z").parameters()
    assert (found.q, found.source, found.limit) == ("a", ["X"], 5)
    assert address("").parameters().q == ""
    with pytest.raises(ValidationError):
        address("q=a&limit=many").parameters()


def test_an_id_may_hold_anything() -> None:
    assert article_path("https://a.example/b?c=1#d") == "/articles/https%3A%2F%2Fa.example%2Fb%3Fc%3D1%23d"
    assert article_path("../x y") == "/articles/..%2Fx%20y"


@pytest.mark.parametrize(
    ("path", "page", "asset"),
    [
        ("/", True, False),
        ("/library", True, False),
        ("/log-in", True, False),
        ("/articles/a/b", True, False),
        ("/static/1/page.css", True, True),
        ("/v1/articles", False, False),
        ("/articles", False, False),
        ("/metrics", False, False),
    ],
)
def test_which_paths_are_the_pages(path: str, page: bool, asset: bool) -> None:
    assert (is_page(path), is_asset(path)) == (page, asset)


# Marked text

TEXT = "Title\n\n🎆 One sentence. The answer 🐈 is here.\nMore of it.\n\nThe end. "
ANSWER = Span(TEXT.index("The answer"), TEXT.index("\nMore"))


def test_an_article_is_shown_block_by_block_with_marks() -> None:
    article = Article("a", TEXT, breaks=(Break(0, "heading"), Break(7, "paragraph"), Break(58, "paragraph")))
    assert TEXT[7] == "🎆"
    found = blocks(article, Span(7, 56), ANSWER)
    assert [(block.kind, block.start) for block in found] == [("heading", 0), ("paragraph", 7), ("paragraph", 58)]
    assert found[0].pieces == (Piece("Title", ""),)
    assert found[1].pieces == (
        Piece("🎆 One sentence. ", "cited"),
        Piece("The answer 🐈 is here.", "answer"),
        Piece("\nMore of it.", "cited"),
    )
    assert found[2].pieces[-1] == Piece("The end.", "")
    assert target_of(found) == (1, 1)
    assert target_of(blocks(article, Span(7, 56))) == (1, 0)
    assert target_of(blocks(article)) is None


def test_nothing_of_a_text_is_lost_but_white_space_around_blocks() -> None:
    for cited in (None, Span(0, len(TEXT)), Span(3, 30)):
        shown = "\n".join("".join(piece.text for piece in block.pieces) for block in blocks(Article("a", TEXT), cited))
        assert shown.split() == TEXT.split()
        assert all(TEXT[block.start :].startswith(block.pieces[0].text) for block in blocks(Article("a", TEXT), cited))


def test_a_text_without_breaks_has_paragraphs_at_empty_lines() -> None:
    assert [block.start for block in blocks(Article("a", TEXT))] == [0, 7, TEXT.index("The end")]
    assert blocks(Article("a", " \n ")) == []


def test_an_excerpt_is_the_answer_with_its_surroundings() -> None:
    assert excerpt("Before. Answer. After.", 100, [Span(108, 115)]) == [
        Piece("Before. ", ""),
        Piece("Answer.", "answer"),
        Piece(" After.", ""),
    ]
    long = "word " * 100 + "Answer." + " word" * 100
    shown = excerpt(long, 0, [Span(500, 507)])
    assert shown[0] == Piece("… ", "")
    assert shown[-1] == Piece(" …", "")
    assert Piece("Answer.", "answer") in shown
    assert all(set(piece.text.split()) <= {"word", "Answer.", "…"} for piece in shown)
    assert len("".join(piece.text for piece in shown)) < 480


def test_an_excerpt_without_an_answer_is_the_beginning() -> None:
    assert excerpt("Short.", 7, []) == [Piece("Short.", "")]
    assert excerpt("A\n\n\nB", 0, []) == [Piece("A\nB", "")]
    assert excerpt("word " * 200, 0, [])[-1] == Piece(" …", "")


def test_what_is_skipped_is_not_shown_nor_is_it_called_left_out() -> None:
    assert excerpt("Title\nText.", 0, [], skip=5) == [Piece("Text.", "")]
    assert excerpt("Title\nText.", 0, [Span(0, 5)], skip=5)[0] == Piece("Title", "answer")


# Words


@pytest.mark.parametrize(
    ("score", "words", "strength"),
    [
        (1.0, "Very likely answers this", 4),
        (0.75, "Very likely answers this", 4),
        (0.5, "Likely answers this", 3),
        (0.25, "May answer this", 2),
        (0.249, "Related", 1),
        (0.0, "Related", 1),
    ],
)
def test_scores_in_words(score: float, words: str, strength: int) -> None:
    assert judgement(score) == Judgement(words, strength)


def answer(answerable: float, *ranks: float | None) -> Answer:
    cited = cite(Article("a", "Some text."), 0, 4)
    passage = Passage("a", 0, 0, 10, "Some text.")
    hits = tuple(Hit(1, 0.5, Scores(rerank=rank), passage, (), cited) for rank in ranks)
    return Answer(Query("q"), Understood("q"), answerable, hits, LibraryCard(1, 1, 1, None))


def test_doubt_is_told_where_it_means_something() -> None:
    assert doubtful(answer(0.34, 0.5))
    assert not doubtful(answer(0.35, 0.5))
    assert not doubtful(answer(0.1, None)), "what was not read is not known well"
    assert doubtful(answer(0.9)), "nothing at all was found"


def test_days_months_numbers_and_languages() -> None:
    assert day("2025-01-13") == "13 January 2025"
    assert day("2025-12-01T23:30:00+01:00") == "1 December 2025"
    assert (day(None), day("soon")) == ("", "soon")
    assert (month("2025-01"), month("2025")) == ("January 2025", "2025")
    assert (count(1, "article"), count(1204, "article")) == ("1 article", "1,204 articles")
    assert count(2, "stretch", "stretches") == "2 stretches"
    assert (language_name("tr"), language_name("TR"), language_name("tlh")) == ("Turkish", "Turkish", "tlh")


# Charts


def test_a_timeline_keeps_the_place_of_empty_months() -> None:
    found = timeline([Facet("2025-02", 4), Facet("2024-12", 1)])
    assert [(bar.label, bar.articles, bar.x, bar.height) for bar in found.bars] == [
        ("2024-12", 1, 0, 18.0),
        ("2025-01", 0, 15, 0.0),
        ("2025-02", 4, 30, 72.0),
    ]
    assert (found.unit, found.width) == ("month", 42)


def test_a_long_time_is_told_by_years() -> None:
    found = timeline([Facet("2025-02", 4), Facet("2019-12", 1), Facet("2019-01", 1)])
    assert found.unit == "year"
    assert [(bar.label, bar.articles) for bar in found.bars] == [
        ("2019", 2), ("2020", 0), ("2021", 0), ("2022", 0), ("2023", 0), ("2024", 0), ("2025", 4),
    ]  # fmt: skip
    ages = timeline([Facet("2025-02", 4), Facet("0001-12", 1)])
    assert len(ages.bars) == MOST_BARS
    assert ages.bars[-1].label == "2025"


def test_no_articles_make_no_bars() -> None:
    assert timeline([]).bars == []
    assert shares([]) == []
    assert [length for _, length in shares([Facet("a", 8), Facet("b", 2)])] == [100.0, 25.0]


# Answers that are kept


def test_an_answer_is_kept_until_the_library_changes_or_time_passes(service: Service) -> None:
    list(service.store([article_draft(dict(BRIDGE))]))
    now = [0.0]
    answers = Answers(lambda: now[0])
    first = answers.get(service, Query("harbour"))
    assert first.query.explain
    assert answers.get(service, Query("harbour")) is first
    now[0] = SECONDS + 1
    second = answers.get(service, Query("harbour"))
    assert second is not first
    service.delete([BRIDGE["id"]])
    assert answers.get(service, Query("harbour")).hits == ()


def test_only_the_last_answers_are_kept(service: Service) -> None:
    answers = Answers()
    first = answers.get(service, Query("question"))
    for number in range(KEPT):
        answers.get(service, Query(f"question {number}"))
    assert answers.get(service, Query("question")) is not first


# Files


def test_styles_and_scripts_are_small_and_have_a_lasting_name() -> None:
    kept = assets()
    assert {"page.css", "page.js", "icon.svg"} <= set(kept)
    assert sum(len(asset.content) for asset in kept.values()) < 100_000
    assert asset_path("page.css") == f"/static/{version()}/page.css"
    with pytest.raises(KeyError):
        asset_path("../routes.py")
