"""A set is asked in several modes; its figures against values worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from index.embedding.contract import Span
from search.evaluation import runner
from search.evaluation.dataset import Dataset, Question, read_dataset
from search.evaluation.runner import Asking
from search.evaluation.spans import place_all
from search.pipeline import Pipeline
from search.query import Recency
from tests.search.evaluation.judged_set import Write

Stock = Callable[[Dataset], Pipeline]


def run(dataset: Dataset, pipeline: Pipeline, mode: str) -> tuple[dict[str, float], dict[str, int | None], int]:
    asked: list[None] = []
    golds, lost = place_all(dataset.golds, dataset.texts, dataset.texts.get)
    assert lost == 0
    result = runner.run(dataset, golds, Asking(mode), pipeline.answer, lambda: asked.append(None))
    return dict(result.figures), dict(result.first_relevant), len(asked)


def test_lexical_figures_by_hand(write: Write, stock: Stock) -> None:
    dataset = read_dataset(write())
    figures, firsts, asked = run(dataset, stock(dataset), "lexical")
    # q1 and q2 find their only document first. q3 finds the fox, then the river (DCG 1/log2(3) = 0.6309), and not the
    # bee (the best order has 1 + 0.6309); the span of q3 is in its second passage. Nothing at all is found for u1, u2.
    times = {name: figures.pop(name) for name in ("latency_median_ms", "latency_p95_ms")}
    assert figures == pytest.approx(
        {
            "ndcg@10": (1 + 1 + 0.6309 / 1.6309) / 3,
            "mrr@10": (1 + 1 + 0.5) / 3,
            "recall@10": (1 + 1 + 0.5) / 3,
            "recall@100": (1 + 1 + 0.5) / 3,
            "span_hit@1": 2 / 3,
            "span_hit@5": 1.0,
            "abstention_auroc": 1.0,
        },
        abs=5e-5,
    )
    assert 0 < times["latency_median_ms"] <= times["latency_p95_ms"]
    assert firsts == {"q1": 1, "q2": 1, "q3": 2}
    assert asked == runner.questions_in(dataset) == 3 + 3 + 2


def test_dense_figures_by_hand(write: Write, stock: Stock) -> None:
    dataset = read_dataset(write(unanswerable_jsonl=None, answers_jsonl=None))
    figures, _, asked = run(dataset, stock(dataset), "dense")
    # Every document is ranked: for q3 the fox, the river, and then, having no word of it, the owl and the bee as they
    # were stored: (1/log2(3) + 1/log2(5)) / (1 + 1/log2(3)) = 1.0616 / 1.6309.
    assert figures["ndcg@10"] == pytest.approx((1 + 1 + 0.6509) / 3, abs=5e-5)
    assert figures["recall@10"] == 1.0
    assert sorted(figures) == ["latency_median_ms", "latency_p95_ms", "mrr@10", "ndcg@10", "recall@10", "recall@100"]
    assert asked == 3 + 3


def test_the_modes_are_those_of_queries() -> None:
    question = Question("q", "frozen river")
    asked = {name: Asking(name).query(question) for name in runner.MODES}
    assert {name: (query.mode, query.rerank, query.limit, query.group) for name, query in asked.items()} == {
        "lexical": ("lexical", False, 10, "story"),
        "dense": ("dense", False, 10, "story"),
        "hybrid": ("hybrid", False, 10, "story"),
        "hybrid+rerank": ("hybrid", True, 10, "story"),
        "default": ("hybrid", None, 10, "story"),
    }


def test_newer_articles_are_preferred_from_the_questions_date() -> None:
    moment = datetime(2022, 6, 17, tzinfo=UTC)
    query = Asking("dense", 30.0).query(Question("q", "frozen river", moment))
    assert query.recency == Recency(30.0, moment)
    assert Asking("dense").query(Question("q", "frozen river", moment)).recency is None


def test_a_hundred_documents_are_ranked_over_several_pages(write: Write, stock: Stock) -> None:
    corpus = [{"_id": f"d{number:03}", "text": f"River number {number} froze."} for number in range(130)]
    dataset = read_dataset(write(corpus_jsonl=corpus, qrels_tsv="q3\td000\t1\n", answers_jsonl=None))
    pipeline = stock(dataset)
    ranked = runner.rank(dataset.questions[0], Asking("lexical"), pipeline.answer, 100)
    # All are alike to BM25, so they come as they were stored.
    assert ranked.documents == [f"d{number:03}" for number in range(100)]
    assert ranked.passages[:1] == [("d000", Span(0, 21))]
    assert len(ranked.passages) == runner.FIRST_PAGE


def test_paging_ends_with_the_last_new_document(write: Write, stock: Stock) -> None:
    paragraph = "The river froze. " + "Ice and snow lay on the banks of the river for many weeks. " * 14
    corpus = [{"_id": name, "text": "\n\n".join([paragraph] * 60)} for name in ("long", "longer")]
    dataset = read_dataset(write(corpus_jsonl=corpus, qrels_tsv="q3\tlong\t1\n", answers_jsonl=None))
    ranked = runner.rank(dataset.questions[0], Asking("lexical"), stock(dataset).answer, 2)
    assert sorted(ranked.documents) == ["long", "longer"]
    deeper = runner.rank(dataset.questions[0], Asking("lexical"), stock(dataset).answer, 100)
    assert sorted(deeper.documents) == ["long", "longer"]
