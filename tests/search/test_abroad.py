"""Passages in another language than the question: found, raised, and counted as if words had found them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index.articles.article import Draft
from index.embedding.hashing import HashingEmbedder
from index.ingest import ingest
from index.library.analysis import primary
from index.library.contract import Filters, Scored, Snapshot, Vectors
from index.library.opening import open_library
from search.abroad import RAISED, RAISED_BY_LANGUAGE, WORDS_ABROAD, nearest, other_languages
from search.fuse import weighted_sum
from search.query import Query
from search.rerank import Reading
from search.retrieve import retrieve
from search.score import CURVES, Scale, standings

ENGLISH = "How long will the harbour bridge be closed for?"
CHINESE = "港口大桥将关闭多长时间？"
FRENCH = "Combien de temps le pont du port sera-t-il fermé au public ?"

DRAFTS = [
    Draft("bridge", "The harbour bridge will close for nine weeks.", language="en"),
    Draft("school", "The school roof was mended over the summer.", language="en"),
    Draft("brücke", "Die Brücke bleibt neun Wochen gesperrt.", language="de"),
    Draft("köprü", "Köprü dokuz hafta kapalı kalacak.", language="tr"),
    Draft("桥", "大桥将关闭九个星期。", language="zh"),
    Draft("unknown", "Brücke bridge köprü."),
]


@pytest.fixture
def snapshot(tmp_path: Path) -> Iterator[Snapshot]:
    library = open_library(tmp_path / "library", create=True)
    list(ingest(DRAFTS, library, HashingEmbedder()))
    with library.snapshot() as snapshot:
        yield snapshot
    library.close()


def vector(text: str) -> Vectors:
    return HashingEmbedder().embed_question(text)


def by_article(snapshot: Snapshot, found: list[Scored]) -> dict[str, float]:
    names = {one.key: one.passage.article_id for one in snapshot.passages([key for key, _ in found])}
    return {names[key]: score for key, score in found}


def test_other_languages_are_those_of_the_articles_but_the_questions(snapshot: Snapshot) -> None:
    assert set(other_languages("en", snapshot)) == {"de", "tr", "zh"}
    assert set(other_languages("de", snapshot)) == {"en", "tr", "zh"}
    assert other_languages(None, snapshot) == other_languages("fr", snapshot) == ()


def test_what_is_in_another_language_is_raised(snapshot: Snapshot) -> None:
    asked = vector("bridge Brücke weeks")
    plain = by_article(snapshot, snapshot.dense(asked, 10, Filters()))
    found, abroad = nearest(ENGLISH, asked, snapshot, 10, Filters())
    assert by_article(snapshot, found) == pytest.approx(
        plain | {name: plain[name] + RAISED for name in ("brücke", "köprü", "桥")}
    )
    assert {one.passage.article_id for one in snapshot.passages(sorted(abroad))} == {"brücke", "köprü", "桥"}
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_chinese_is_nearer_to_itself_so_that_others_are_raised_more(snapshot: Snapshot) -> None:
    _, abroad = nearest(CHINESE, vector("bridge"), snapshot, 10, Filters(article_ids=("bridge", "桥")))
    assert list(abroad.values()) == [RAISED_BY_LANGUAGE["zh"]]


def test_what_is_abroad_is_looked_for_beyond_the_nearest(snapshot: Snapshot) -> None:
    german = next(one for one in snapshot.passages(snapshot_keys(snapshot)) if one.article.language == "de")
    home = vector("The harbour bridge will close for nine weeks.")
    asked = home + 0.99 * snapshot.vectors([german.key])[0]
    asked = (asked / np.linalg.norm(asked)).astype(np.float32)
    assert list(by_article(snapshot, snapshot.dense(asked, 1, Filters()))) == ["bridge"]
    assert list(by_article(snapshot, nearest(ENGLISH, asked, snapshot, 1, Filters())[0])) == ["brücke"]


def snapshot_keys(snapshot: Snapshot) -> list[int]:
    return [key for key, _ in snapshot.dense(vector("bridge"), 10, Filters())]


@pytest.mark.parametrize(
    ("question", "filters"),
    [("bridge", Filters()), (FRENCH, Filters()), (ENGLISH, Filters(languages=("de",)))],
    ids=["language unknown", "nothing at home", "only abroad asked for"],
)
def test_nothing_is_raised_where_there_is_nothing_to_weigh_it_against(
    snapshot: Snapshot, question: str, filters: Filters
) -> None:
    asked = vector("bridge Brücke weeks")
    assert nearest(question, asked, snapshot, 10, filters) == (snapshot.dense(asked, 10, filters), {})


def test_a_language_with_its_region_is_that_language(tmp_path: Path) -> None:
    library = open_library(tmp_path / "library", create=True)
    told = [Draft("a", "O porto fecha.", language="pt-BR"), Draft("b", "The harbour closes.", language="en-GB")]
    list(ingest(told, library, HashingEmbedder()))
    with library.snapshot() as snapshot:
        assert [primary(one) for one in other_languages("pt", snapshot)] == ["en"]
        assert other_languages("de", snapshot) == ()
    library.close()


def test_without_a_vector_nothing_is_found(snapshot: Snapshot) -> None:
    assert nearest(ENGLISH, None, snapshot, 10, Filters()) == ([], {})


def test_filters_hold_abroad_too(snapshot: Snapshot) -> None:
    only = Filters(article_ids=("bridge", "köprü"))
    found, _ = nearest(ENGLISH, vector("bridge Brücke"), snapshot, 10, only)
    assert set(by_article(snapshot, found)) == {"bridge", "köprü"}


def test_words_count_abroad_as_far_as_meaning_does() -> None:
    dense, lexical = [Scored(1, 0.9), Scored(2, 0.8), Scored(3, 0.5)], [Scored(3, 7.0), Scored(2, 3.0)]
    assert weighted_sum(dense, lexical, 0.5, abroad={1, 2}) == pytest.approx(
        {1: 0.5 + 0.5 * WORDS_ABROAD, 2: 0.5 * 0.75 + 0.5 * WORDS_ABROAD * 0.75, 3: 0.5}
    )


def test_words_that_do_find_something_abroad_count_whole() -> None:
    dense, lexical = [Scored(1, 0.9), Scored(2, 0.5)], [Scored(2, 7.0), Scored(1, 3.0)]
    assert weighted_sum(dense, lexical, 0.5, abroad={2}) == pytest.approx({1: 0.5, 2: 0.5})


def test_retrieving_says_what_was_raised(snapshot: Snapshot) -> None:
    for mode in ("hybrid", "dense"):
        found = retrieve(Query(ENGLISH, mode=mode), snapshot, vector)  # type: ignore[arg-type]
        raised = {one.passage.article_id for one in snapshot.passages(sorted(found.abroad))}
        assert raised == {"brücke", "köprü", "桥"}
    assert retrieve(Query(ENGLISH, mode="lexical"), snapshot, vector).abroad == {}


def test_a_sentence_abroad_is_raised_too() -> None:
    scale, reading = Scale(usual=0.7, best=0.9), {1: Reading(likeness=0.8)}
    ranking = [Scored(1, 1.0), Scored(2, 0.0)]
    at_home = standings(ranking, reading, scale, "hybrid")[1].sum
    abroad = standings(ranking, reading, scale, "hybrid", abroad={1: RAISED})[1].sum
    assert abroad - at_home == pytest.approx(CURVES["sentences"].weight * RAISED / 0.2)
