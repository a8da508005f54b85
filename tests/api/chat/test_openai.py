"""OpenAI's conventions, judged by the `openai` client: vector stores are searched and paged, texts are embedded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
from openai import OpenAI

from api.chat.openai.attributes import LONGEST_VALUE, MOST_ATTRIBUTES, file_id
from api.keys import KeyRing
from index.embedding.hashing import HashingEmbedder
from tests.api.chat.serving import Served, filled, post, serving
from tests.api.conftest import BRIDGE

QUESTION = "When will the harbour bridge close?"
EN, TR = {"news/harbour bridge.txt", "reprint"}, {"tr/iğde"}


def client_of(served: Served, key: str = "none") -> OpenAI:
    return OpenAI(base_url=f"{served.url}/v1", api_key=key, max_retries=0)


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[OpenAI]:
    with client_of(served) as client:
        yield client


def found(client: OpenAI, **choices: Any) -> set[str]:
    results = client.vector_stores.search("default", query="bridge snow", **choices)
    return {str((result.attributes or {})["article_id"]) for result in results}


# Searching


def test_a_result_is_a_passage_with_its_citation(client: OpenAI) -> None:
    page = client.vector_stores.search("default", query=QUESTION, max_num_results=2)
    assert page.object == "vector_store.search_results.page"  # type: ignore[attr-defined]
    assert page.search_query == [QUESTION]  # type: ignore[attr-defined]
    assert len(page.data) == 2
    first = page.data[0]
    assert first.filename == "Harbour bridge to close"
    assert 0 < first.score <= 1
    assert first.content[0].type == "text"
    about = first.attributes
    assert about is not None
    assert set(about) == {
        *("citation_id", "revision", "start", "end", "deep_link"),
        *("article_id", "title", "source", "author", "published", "url", "language", "tags"),
    }
    text = client.vector_stores.files.content(first.file_id, vector_store_id="default").data[0].text or ""
    assert text[int(about["start"]) : int(about["end"])] == first.content[0].text
    assert (about["source"], about["published"], about["tags"]) == ("Harbour Gazette", "2025-01-13", "transport")


def test_attributes_keep_to_the_limits(tmp_path: Path) -> None:
    long = BRIDGE | {"title": "T" * 600, "url": "https://gazette.example/" + "u" * 600, "tags": ["t" * 400, "u" * 400]}
    with serving(filled(tmp_path / "library", [long])) as served, client_of(served) as client:
        (result,) = client.vector_stores.search("default", query=QUESTION).data
        about = result.attributes or {}
    assert len(about) <= MOST_ATTRIBUTES
    assert all(len(str(value)) <= LONGEST_VALUE for value in about.values())
    assert about["title"] == "T" * 511 + "…"
    assert not {"url", "deep_link"} & set(about)


def test_several_questions_are_joined_each_passage_once(client: OpenAI) -> None:
    page = client.vector_stores.search("default", query=[QUESTION, "Iğdır kar", QUESTION])
    assert page.search_query == [QUESTION, "Iğdır kar"]  # type: ignore[attr-defined]
    ids = [(result.attributes or {})["article_id"] for result in page.data]
    assert sorted(map(str, ids)) == sorted(EN | TR)
    scores = [result.score for result in page.data]
    assert scores == sorted(scores, reverse=True)


def test_weak_results_are_left_out(client: OpenAI) -> None:
    every = client.vector_stores.search("default", query=QUESTION).data
    least = every[0].score
    strong = client.vector_stores.search("default", query=QUESTION, ranking_options={"score_threshold": least}).data
    assert 0 < len(strong) < len(every)
    assert all(result.score >= least for result in strong)


def test_ranking_options_and_rewriting_are_taken(client: OpenAI) -> None:
    options: Any = {"ranker": "none", "score_threshold": 0.0}
    assert found(client, ranking_options=options, rewrite_query=True) == EN | TR


def test_marks_in_a_programs_question_are_no_operators(client: OpenAI) -> None:
    page = client.vector_stores.search("default", query='"no such phrase" -bridge source:nobody bridge')
    assert len(page.data) == 3


def eq(key: str, value: Any) -> dict[str, Any]:
    return {"type": "eq", "key": key, "value": value}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (eq("source", "island courier"), {"reprint"}),
        ({"type": "ne", "key": "source", "value": "Island Courier"}, {"news/harbour bridge.txt", "tr/iğde"}),
        ({"type": "in", "key": "language", "value": ["tr", "de"]}, TR),
        ({"type": "nin", "key": "language", "value": ["tr", "de"]}, EN),
        ({"type": "nin", "key": "language", "value": []}, EN | TR),
        ({"type": "in", "key": "language", "value": []}, set()),
        (eq("tags", "transport"), {"news/harbour bridge.txt"}),
        (eq("tag", "island"), {"reprint"}),
        (eq("author", "Tom Oyelaran"), EN),
        (eq("article_id", "reprint"), {"reprint"}),
        (eq("published", "2025-01-13"), {"news/harbour bridge.txt"}),
        (eq("published", "2025-01-14"), {"reprint"}),
        ({"type": "ne", "key": "published", "value": "2025-01-13"}, {"reprint", "tr/iğde"}),
        ({"type": "gt", "key": "published", "value": "2025-01-13"}, {"reprint"}),
        ({"type": "gte", "key": "published", "value": "2025-01-13"}, EN),
        ({"type": "lt", "key": "published", "value": "2025-01-13"}, TR),
        ({"type": "lte", "key": "published", "value": "2025-01-13"}, TR | {"news/harbour bridge.txt"}),
        ({"type": "gt", "key": "published", "value": "2025-01-13T00:00:00Z"}, {"reprint"}),
        ({"type": "gte", "key": "published", "value": 1736839800}, {"reprint"}),
        ({"type": "gt", "key": "published", "value": 1736839800.0}, set()),
        ({"type": "and", "filters": [eq("language", "en"), eq("tag", "island")]}, {"reprint"}),
        ({"type": "or", "filters": [eq("language", "tr"), eq("tag", "island")]}, {"reprint", "tr/iğde"}),
        (
            {
                "type": "and",
                "filters": [
                    {"type": "or", "filters": [eq("language", "tr"), eq("source", "Harbour Gazette")]},
                    {"type": "ne", "key": "language", "value": "tr"},
                ],
            },
            {"news/harbour bridge.txt"},
        ),
    ],
)
def test_filters_are_mapped(client: OpenAI, filters: dict[str, Any], expected: set[str]) -> None:
    assert found(client, filters=filters) == expected


def nested(depth: int) -> dict[str, Any]:
    filters = eq("language", "en")
    for _ in range(depth - 1):
        filters = {"type": "and", "filters": [filters]}
    return filters


def test_filters_nest_as_deep_as_is_said(client: OpenAI) -> None:
    assert found(client, filters=nested(8)) == EN
    with pytest.raises(openai.UnprocessableEntityError, match="nested more than 8 deep"):
        found(client, filters=nested(9))


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"filters": eq("colour", "red")}, "There is no key 'colour' to filter by; there are source, language"),
        ({"filters": {"type": "gt", "key": "source", "value": "a"}}, "source is a text and cannot be compared by gt"),
        ({"filters": eq("source", 7)}, "source is a text; 7 is none"),
        ({"filters": eq("source", ["a"])}, "source: eq takes one value"),
        ({"filters": {"type": "in", "key": "source", "value": "a"}}, "source: in takes a list"),
        ({"filters": {"type": "in", "key": "source", "value": ["a"] * 1001}}, "1,001 values; at most 1,000"),
        ({"filters": eq("published", "soon")}, "published: 'soon' is no date"),
        ({"filters": eq("published", True)}, "published: True is no date"),
        ({"filters": {"type": "like", "key": "source", "value": "a"}}, "filters"),
        ({"filters": {"type": "and", "filters": []}}, "filters"),
        ({"max_num_results": 51}, "max_num_results"),
        ({"max_num_results": 0}, "max_num_results"),
        ({"ranking_options": {"score_threshold": 2}}, "ranking_options.score_threshold"),
        ({"ranking_options": {"ranker": "best"}}, "ranking_options.ranker"),
        ({"extra_body": {"colour": "red"}}, "colour"),
    ],
)
def test_what_cannot_be_used_is_named(client: OpenAI, choices: dict[str, Any], words: str) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        found(client, **choices)
    assert refused.value.code == "invalid_input"
    assert words in str(refused.value)


@pytest.mark.parametrize("query", ["", [], [""], ["x"] * 9])
def test_a_question_is_needed(client: OpenAI, query: Any) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="query"):
        client.vector_stores.search("default", query=query)


# Stores and files


def test_collections_are_vector_stores_and_a_key_opens_its_own(tmp_path: Path) -> None:
    sports = {"id": "cup", "title": "Cup final", "text": "The cup final ended in a draw."}
    for name in ("sports", "arts"):
        filled(tmp_path / "collections" / name, [sports]).close()
    ring = KeyRing(tmp_path / "keys.json")
    everywhere, bound = (ring.create(name, ["search"], [name])[1] for name in ("*", "sports"))
    with serving(filled(tmp_path / "library"), keys=ring, folder=tmp_path / "collections") as guarded:
        client = client_of(guarded, everywhere)
        assert [store.id for store in client.vector_stores.list()] == ["arts", "default", "sports"]
        assert [store.id for store in client.vector_stores.list(limit=1)] == ["arts", "default", "sports"]
        store = client.vector_stores.retrieve("sports")
        assert (store.name, store.status, store.file_counts.total) == ("sports", "completed", 1)
        assert store.metadata == {"passages": "1", "generation": "1", "model": "hashing"}
        found = client.vector_stores.search("sports", query="cup").data
        assert [(one.attributes or {})["article_id"] for one in found] == ["cup"]

        narrow = client_of(guarded, bound)
        assert [store.id for store in narrow.vector_stores.list()] == ["sports"]
        for name in ("default", "nowhere"):
            with pytest.raises(openai.NotFoundError, match=f"There is no collection '{name}'") as missing:
                narrow.vector_stores.search(name, query="cup")
            assert missing.value.code == "collection_not_found"
        with pytest.raises(openai.AuthenticationError) as refused:
            client_of(guarded, "wrong").vector_stores.list()
        assert refused.value.code == "key_required"


def test_files_are_paged_and_read(client: OpenAI) -> None:
    files = list(client.vector_stores.files.list("default", limit=2))
    assert [(file.attributes or {})["article_id"] for file in files] == sorted(EN | TR)
    first = client.vector_stores.files.retrieve(files[0].id, vector_store_id="default")
    assert (first, first.status, first.vector_store_id) == (files[0], "completed", "default")
    content = client.vector_stores.files.content(first.id, vector_store_id="default")
    assert [one.text for one in content] == [BRIDGE["text"]]
    assert list(client.vector_stores.files.list("default", filter="failed")) == []


@pytest.mark.parametrize("name", ["news", file_id("nowhere"), "file-%%%", "file-_w"])
def test_files_that_are_not_there_are_not_found(client: OpenAI, name: str) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.vector_stores.files.retrieve(name, vector_store_id="default")
    assert missing.value.code == "article_not_found"


def test_pages_go_forward_only(client: OpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="pages go forward only"):
        client.vector_stores.list(before="default")


# Embeddings


def test_the_client_reads_vectors_in_its_own_encoding(client: OpenAI) -> None:
    """It asks for base64 where nothing is said, and decodes it."""
    texts = ["The bridge closes.", "Ferries run."]
    expected = HashingEmbedder().embed_passages(texts)
    reply = client.embeddings.create(model="hashing", input=texts)
    np.testing.assert_allclose([one.embedding for one in reply.data], expected, atol=1e-7)
    assert [one.index for one in reply.data] == [0, 1]
    plain = client.embeddings.create(model="hashing", input=texts, encoding_format="float")
    np.testing.assert_allclose([one.embedding for one in plain.data], expected, atol=1e-7)
    tokens = sum(len(HashingEmbedder().tokens(text)) for text in texts)
    assert (reply.model, reply.usage.prompt_tokens, reply.usage.total_tokens) == ("hashing", tokens, tokens)


def test_questions_are_embedded_as_questions(client: OpenAI) -> None:
    body = {"input_type": "query"}
    reply = client.embeddings.create(model="hashing", input=QUESTION, extra_body=body)
    np.testing.assert_allclose(reply.data[0].embedding, HashingEmbedder().embed_question(QUESTION), atol=1e-7)


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"model": "text-embedding-3-small"}, "This server runs hashing, not 'text-embedding-3-small'"),
        ({"dimensions": 3}, "cannot be shortened"),
        ({"input": [1, 2]}, "input holds tokens"),
        ({"input": [[1, 2], [3]]}, "input holds tokens"),
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a"] * 2049}, "input"),
    ],
)
def test_what_cannot_be_embedded_is_named(client: OpenAI, choices: dict[str, Any], words: str) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        client.embeddings.create(**{"model": "hashing", "input": "x"} | choices)
    assert words in str(refused.value)


def test_a_text_whose_end_would_not_be_read_is_refused(client: OpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        client.embeddings.create(model="hashing", input=["short", "word " * 20_000])
    assert (refused.value.status_code, refused.value.code) == (413, "too_large")
    assert "input.1 has 20,000 tokens" in str(refused.value)


# Reranking


class ByWords:
    """A reranker that counts the words that question and passage share."""

    name = "by-words"

    def scores(self, question: str, passages: Any) -> Any:
        wanted = set(question.lower().split())
        return np.array([4.0 * len(wanted & set(text.lower().split())) - 4 for text in passages], np.float32)


@pytest.fixture(scope="module")
def reranking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    service = filled(tmp_path_factory.mktemp("rerank") / "library", [], ByWords())
    with serving(service) as served:
        yield f"{served.url}/v1/rerank"


ASKED: dict[str, Any] = {
    "model": "by-words",
    "query": "bridge closed",
    "documents": ["ferries", {"text": "the bridge is closed"}, "a bridge"],
}


def test_documents_are_ranked(reranking: str) -> None:
    reply = post(reranking, json=ASKED).json()
    assert set(reply) == {"model", "results"}
    assert [one["index"] for one in reply["results"]] == [1, 2, 0]
    assert all(set(one) == {"index", "relevance_score"} for one in reply["results"])
    scores = [one["relevance_score"] for one in reply["results"]]
    assert 1 >= scores[0] > scores[1] > scores[2] >= 0


def test_the_best_come_with_their_documents_where_that_is_asked_for(reranking: str) -> None:
    (best,) = post(reranking, json=ASKED | {"top_n": 1, "return_documents": True}).json()["results"]
    assert (best["index"], best["document"]) == (1, {"text": "the bridge is closed"})


@pytest.mark.parametrize(
    ("choices", "field"),
    [
        ({"model": "rerank-v3.5"}, "model"),
        ({"documents": []}, "documents"),
        ({"query": ""}, "query"),
        ({"top_n": 0}, "top_n"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_reranked_is_named(reranking: str, choices: dict[str, Any], field: str) -> None:
    reply = post(reranking, json=ASKED | choices)
    assert (reply.status_code, reply.json()["error"]["detail"]["field"]) == (422, field)


def test_without_a_reranker_it_is_said_how_to_get_one(served: Served) -> None:
    reply = post(f"{served.url}/v1/rerank", json=ASKED)
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "model_unknown")
    assert "PINCITE_RERANKER" in reply.json()["error"]["message"]
