"""The pipeline over a real library with the deterministic embedder: order, explanations, choices, errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from index.articles.article import Draft
from index.cancelling import Token, cancelled_by, check
from index.embedding.hashing import HashingEmbedder
from index.errors import Cancelled, FingerprintMismatch, InvalidQuery
from index.ingest import ingest
from index.library.contract import Filters, Library, Snapshot, Stored
from index.library.opening import open_library
from search.explain import stages
from search.pipeline import Pipeline
from search.query import Query, Recency
from search.rerank import SLICE
from search.retrieve import Candidates
from search.score import CURVES

DRAFTS = [
    Draft(
        "bridge",
        "The bridge will close for nine weeks. Ferries will run instead.",
        published="2025-01-13",
        language="en",
    ),
    Draft("ferry", "Ferry tickets are free while the bridge is closed.", published="2024-01-13", language="en"),
    Draft("school", "The school roof was mended over the summer.", language="en"),
    Draft("brücke", "Die Brücke bleibt neun Wochen gesperrt.", published="2025-01-14", language="de"),
]


class WordReranker:
    """Judges by one word: passages that hold it are sure answers, the rest surely not."""

    name = "by one word"

    def __init__(self, word: str) -> None:
        self.word = word
        self.seen: list[str] = []

    def scores(self, question: str, passages: Sequence[str]) -> npt.NDArray[np.float32]:
        self.seen += passages
        return np.array([20.0 if self.word in passage else -20.0 for passage in passages], dtype=np.float32)


class Telling:
    """A snapshot that writes down which passages are read of it."""

    def __init__(self, snapshot: Snapshot, asked: list[list[int]]) -> None:
        self._snapshot, self._asked = snapshot, asked

    def passages(self, keys: Sequence[int]) -> list[Stored]:
        self._asked.append(list(keys))
        return self._snapshot.passages(keys)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._snapshot, name)


def passages_of(snapshot: Snapshot, article_id: str) -> list[Stored]:
    """The stored passages of an article."""
    return [one for one in snapshot.passages(list(range(100))) if one.article.id == article_id]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = open_library(tmp_path / "library", create=True)
    outcomes = list(ingest(DRAFTS, library, HashingEmbedder()))
    assert [outcome.fate for outcome in outcomes] == ["added"] * 4
    yield library
    library.close()


@pytest.fixture
def pipeline(library: Library) -> Pipeline:
    return Pipeline(library, HashingEmbedder)


def found(pipeline: Pipeline, text: str, **choices: object) -> list[str]:
    query = Query(text, **choices)  # type: ignore[arg-type]
    return [hit.passage.article_id for hit in pipeline.answer(query).hits]


def test_each_stage_explains_itself(pipeline: Pipeline) -> None:
    hit = pipeline.answer(Query("bridge closed ferry tickets", rerank=False)).hits[0]
    assert hit.passage.article_id == "ferry"
    assert (hit.scores.dense_rank, hit.scores.lexical_rank, hit.scores.fused_rank) == (1, 1, 1)
    assert hit.scores.fused == 1.0
    assert 0.5 < hit.score < 1
    assert (hit.scores.rerank, hit.scores.age_days, hit.scores.in_period) == (None, None, None)
    assert [stage.name for stage in stages(hit)] == ["meaning", "words", "joined", "result"]


def test_what_was_read_again_tells_more(library: Library) -> None:
    pipeline = Pipeline(library, HashingEmbedder, lambda: WordReranker("tickets"))
    hit = pipeline.answer(
        Query("Which ferry tickets were free last year?", as_of=datetime(2025, 1, 20, tzinfo=UTC))
    ).hits[0]
    assert (hit.passage.article_id, hit.scores.pair, hit.scores.rerank_rank) == ("ferry", 1.0, 1)
    assert hit.scores.in_period is True
    assert [(stage.name, stage.rank) for stage in stages(hit)] == [
        ("meaning", 1),
        ("words", 1),
        ("joined", 1),
        ("read as a pair", None),
        ("reread", 1),
        ("period", None),
        ("result", 1),
    ]


def test_a_question_is_not_embedded_for_who_has_left(library: Library) -> None:
    token = Token()

    class Leaving(HashingEmbedder):
        """The caller leaves while the question is embedded."""

        def embed_question(self, text: str) -> Any:
            token.cancel()
            check()
            pytest.fail("the question was embedded for nobody")

    with cancelled_by(token), pytest.raises(Cancelled):
        Pipeline(library, Leaving).answer(Query("bridge", mode="dense"))


def test_words_alone_need_no_model(library: Library) -> None:
    def no_model() -> HashingEmbedder:
        pytest.fail("a search by words loaded a model")

    answer = Pipeline(library, no_model).answer(Query("school roof", mode="lexical"))
    hit = answer.hits[0]
    assert (hit.passage.article_id, hit.scores.dense) == ("school", None)
    assert hit.scores.lexical is not None
    assert CURVES["lexical"].probability(1.0, 0.0) <= hit.score < 1


def test_meaning_alone_scores_by_cosine(pipeline: Pipeline) -> None:
    hit = pipeline.answer(Query("school roof", mode="dense")).hits[0]
    assert (hit.passage.article_id, hit.scores.lexical) == ("school", None)
    assert hit.scores.dense is not None
    assert hit.score > CURVES["dense"].probability(1.0, 0.0)


def test_rank_fusion_can_be_chosen(pipeline: Pipeline) -> None:
    first = pipeline.answer(Query("school roof", fusion="rrf", rerank=False)).hits[0]
    assert (first.passage.article_id, first.scores.fused) == ("school", pytest.approx(1.0))


def test_filters_reach_both_sides(pipeline: Pipeline) -> None:
    only_german = Filters(languages=("de",))
    for mode in ("hybrid", "dense", "lexical"):
        assert found(pipeline, "die Brücke Wochen", mode=mode, filters=only_german) == ["brücke"]


def test_reranking_lifts_what_the_reranker_likes_and_reads_only_its_languages(library: Library) -> None:
    reranker = WordReranker("weeks")
    pipeline = Pipeline(library, HashingEmbedder, lambda: reranker)
    assert found(pipeline, "bridge closed", rerank=False)[0] == "ferry"
    assert found(pipeline, "bridge closed", rerank=True)[0] == "bridge"
    assert not any("Brücke" in text for text in reranker.seen)
    hit = pipeline.answer(Query("bridge closed", rerank=True)).hits[0]
    assert (hit.scores.pair, hit.scores.rerank_rank, hit.scores.rerank) == (1.0, 1, hit.score)


def test_sentences_are_compared_where_there_is_no_reranker(pipeline: Pipeline) -> None:
    scores = pipeline.answer(Query("bridge closed")).hits[0].scores
    assert scores.pair is None
    assert scores.sentence is not None


def test_sentences_are_compared_in_languages_that_the_reranker_cannot_read(library: Library) -> None:
    pipeline = Pipeline(library, HashingEmbedder, lambda: WordReranker("weeks"))
    scores = {hit.passage.article_id: hit.scores for hit in pipeline.answer(Query("bridge bleibt")).hits}
    assert (scores["brücke"].pair, scores["bridge"].sentence) == (None, None)
    assert (scores["brücke"].sentence, scores["bridge"].pair) == (pytest.approx(0.5), 1.0)  # of two words one


def test_words_alone_are_read_again_without_the_embedder(library: Library) -> None:
    def no_model() -> HashingEmbedder:
        pytest.fail("words alone loaded the embedder")

    pipeline = Pipeline(library, no_model, lambda: WordReranker("weeks"))
    hits = pipeline.answer(Query("bridge bleibt", mode="lexical", rerank=True)).hits
    assert {hit.passage.article_id: hit.scores.pair is None for hit in hits}["brücke"]
    assert all(hit.scores.sentence is None for hit in hits)


def test_reading_again_stops_when_its_time_is_up(library: Library) -> None:
    reranker = WordReranker("weeks")
    Pipeline(library, HashingEmbedder, lambda: reranker, rerank_ms=0).answer(Query("bridge ferry school roof"))
    assert len(reranker.seen) <= SLICE


def test_words_alone_without_a_reranker_cannot_be_read_again(pipeline: Pipeline) -> None:
    with pytest.raises(InvalidQuery) as caught:
        pipeline.answer(Query("bridge", mode="lexical", rerank=True))
    assert caught.value.detail == {"field": "rerank"}


def test_a_citation_may_quote_the_sentence_that_answers(pipeline: Pipeline) -> None:
    hit = pipeline.answer(
        Query("When will ferries run?", quote="sentence", filters=Filters(article_ids=("bridge",)))
    ).hits[0]
    assert hit.citation.quote == "Ferries will run instead."
    assert (hit.citation.start, hit.citation.end) == hit.highlights[0]
    assert hit.passage.text == "The bridge will close for nine weeks. Ferries will run instead."


def test_recency_counts_from_the_clock_unless_told_otherwise(library: Library) -> None:
    pipeline = Pipeline(library, HashingEmbedder, now=lambda: datetime(2025, 1, 23, tzinfo=UTC))
    query = Query("bridge is closed", recency=Recency(10), rerank=False)
    hits = pipeline.answer(query).hits
    ages = {hit.passage.article_id: hit.scores.age_days for hit in hits}
    assert (ages["bridge"], ages["brücke"], ages["school"]) == (10.0, 9.0, None)
    assert [hit.passage.article_id for hit in hits] == ["ferry", "bridge", "brücke", "school"]
    plain = pipeline.answer(replace(query, recency=None)).hits
    assert [hit.passage.article_id for hit in plain] == ["ferry", "bridge", "school", "brücke"]
    assert hits[0].score == pytest.approx(plain[0].score / 2)  # after so many half-lives, all that age can take


def test_another_model_than_the_librarys_is_refused_by_both_names(library: Library) -> None:
    pipeline = Pipeline(library, lambda: HashingEmbedder(name="other"))
    with pytest.raises(FingerprintMismatch, match=r"hashing.*other"):
        pipeline.answer(Query("bridge"))


def test_pages_continue_the_ranking(pipeline: Pipeline) -> None:
    whole = found(pipeline, "bridge", group="none")
    assert found(pipeline, "bridge", group="none", limit=2, offset=1) == whole[1:3]
    assert [hit.rank for hit in pipeline.answer(Query("bridge", limit=2, offset=1)).hits] == [2, 3]


def test_the_card_tells_which_library_answered(pipeline: Pipeline) -> None:
    card = pipeline.answer(Query("bridge")).library
    assert (card.articles, card.passages, card.generation, card.model) == (4, 4, 1, "hashing")


def test_timings_name_the_stages(pipeline: Pipeline) -> None:
    assert set(pipeline.answer(Query("bridge")).timings_ms) == {"total", "retrieve", "rerank", "cite"}


def test_answerable_is_higher_where_the_answer_is(library: Library) -> None:
    asked, absent = Query("Will the bridge close for nine weeks?"), Query("Who painted the chapel ceiling?")
    with_reranker = Pipeline(library, HashingEmbedder, lambda: WordReranker("nine weeks"))
    assert 0 <= Pipeline(library, HashingEmbedder, lambda: WordReranker("chapel")).answer(absent).answerable < 0.1
    assert 0.5 < with_reranker.answer(asked).answerable <= 1
    by_words = [
        Pipeline(library, HashingEmbedder).answer(replace(query, rerank=False)).answerable for query in (absent, asked)
    ]
    assert by_words[0] < 0.5 < by_words[1]


def test_passages_are_read_once_and_only_where_they_are_asked_for(library: Library) -> None:
    with library.snapshot() as snapshot:
        asked: list[list[int]] = []
        keys = [one.key for name in ("bridge", "ferry", "school") for one in passages_of(snapshot, name)]
        candidates = Candidates(Telling(snapshot, asked))
        assert [one.article.id for one in candidates.of(keys[:2])] == ["bridge", "ferry"]
        assert [one.article.id for one in candidates.of([keys[2], 10**9, keys[0]])] == ["school", "bridge"]
        assert candidates.of([10**9]) == []
    assert asked == [keys[:2], [keys[2], 10**9]]


def test_candidates_beyond_those_that_are_compared_are_shown_when_stories_run_out(tmp_path: Path) -> None:
    copies = [
        Draft(f"copy {number}", "The harbour bridge will close for nine weeks.", language="en") for number in range(60)
    ]
    others = [Draft(f"other {number}", f"Bridge {number} in town {number}.", language="en") for number in range(12)]
    with closing(open_library(tmp_path / "copies", create=True)) as library:
        list(ingest([*copies, *others], library, HashingEmbedder()))
        asked = Query("When will the harbour bridge close?", rerank=False)
        pipeline = Pipeline(library, HashingEmbedder)
        shown = pipeline.answer(asked).hits
        apart = pipeline.answer(replace(asked, group="none", limit=72)).hits
    assert len(apart) == 72
    assert len(shown) == 10
    assert [hit.rank for hit in shown] == list(range(1, 11))
    assert len(shown[0].also_reported_by) == 49  # of the fifty that were compared
    assert [hit.passage.article_id for hit in shown[1:]] == [hit.passage.article_id for hit in apart[50:59]]
