"""The LlamaIndex retriever on LlamaIndex's own base class: nodes, callbacks, instrumentation, query engines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from api.in_process import InProcess
from index.errors import InvalidInput, Unreachable
from tests.api.conftest import BRIDGE

pytest.importorskip("llama_index.core", reason="install the extra dev")

from llama_index.core.callbacks import CallbackManager, CBEventType, LlamaDebugHandler
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import IndexNode, MetadataMode, NodeWithScore, QueryBundle, TextNode

from api.retrievers.llama_index import PinciteRetriever

QUESTION = "When will the harbour bridge close?"


@pytest.fixture(params=["http", "in process"])
def made(request: pytest.FixtureRequest) -> Callable[..., PinciteRetriever]:
    if request.param == "http":
        address = request.getfixturevalue("server")
        return lambda **more: PinciteRetriever(address, **more)
    library: InProcess = request.getfixturevalue("in_process")
    return lambda **more: PinciteRetriever(pincite=library, **more)


def test_a_node_is_the_passage_with_its_citation(made: Callable[..., PinciteRetriever]) -> None:
    retriever = made(similarity_top_k=1)
    assert isinstance(retriever, BaseRetriever)
    (found,) = retriever.retrieve(QUESTION)
    node, cited = found.node, found.metadata["citation"]
    assert isinstance(node, TextNode)
    assert found.score == found.metadata["score"]
    assert 0 < found.score <= 1
    assert (node.node_id, node.ref_doc_id) == (f"{BRIDGE['id']}#0", BRIDGE["id"])
    assert node.text == BRIDGE["text"][node.start_char_idx : node.end_char_idx] == cited["quote"]
    assert (cited["source"], cited["start"]) == ("Harbour Gazette", 0)
    assert [other["article_id"] for other in found.metadata["also_reported_by"]] == ["reprint"]


def test_language_models_read_title_date_and_address_only(made: Callable[..., PinciteRetriever]) -> None:
    (found,) = made(similarity_top_k=1).retrieve(QUESTION)
    assert found.node.get_content(MetadataMode.LLM).splitlines()[:3] == [
        "source: https://gazette.example/bridge",
        "title: Harbour bridge to close",
        "published: 2025-01-13",
    ]
    assert "citation" not in found.node.get_content(MetadataMode.EMBED)


def test_nodes_survive_being_written_down(made: Callable[..., PinciteRetriever]) -> None:
    (found,) = made(similarity_top_k=1).retrieve(QueryBundle(QUESTION))
    assert TextNode.from_json(found.node.to_json()) == found.node


def test_options_are_given_by_name(made: Callable[..., PinciteRetriever]) -> None:
    found = made(similarity_top_k=5, group="none", sources=["Island Courier"]).retrieve(QUESTION)
    assert [one.node.ref_doc_id for one in found] == ["reprint"]
    with pytest.raises(InvalidInput, match="limit"):
        made(similarity_top_k=1000).retrieve(QUESTION)


def test_asyncio_is_not_held_up(made: Callable[..., PinciteRetriever]) -> None:
    async def ask() -> list[list[NodeWithScore]]:
        return await asyncio.gather(*(made(similarity_top_k=1).aretrieve(QUESTION) for _ in range(6)))

    assert {found[0].node_id for found in asyncio.run(ask())} == {f"{BRIDGE['id']}#0"}


def test_callbacks_hear_of_it(made: Callable[..., PinciteRetriever]) -> None:
    heard = LlamaDebugHandler(print_trace_on_end=False)
    made(similarity_top_k=1, callback_manager=CallbackManager([heard])).retrieve(QUESTION)
    ((begun, ended),) = heard.get_event_pairs(CBEventType.RETRIEVE)
    assert begun.payload == {"query_str": QUESTION}
    assert ended.payload is not None
    assert len(ended.payload["nodes"]) == 1


def test_it_drives_a_query_engine_and_is_retrieved_from_in_turn(made: Callable[..., PinciteRetriever]) -> None:
    retriever = made(similarity_top_k=1)
    answer = RetrieverQueryEngine.from_args(retriever, llm=MockLLM()).query(QUESTION)
    assert [node.node.ref_doc_id for node in answer.source_nodes] == [BRIDGE["id"]]
    assert BRIDGE["text"].splitlines()[0] in str(answer)

    class Above(BaseRetriever):
        def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
            return [NodeWithScore(node=IndexNode(text="news", index_id="news", obj=retriever), score=1.0)]

    assert [found.node.ref_doc_id for found in Above().retrieve(QUESTION)] == [BRIDGE["id"]]


def test_a_server_that_is_not_there_is_our_own_error() -> None:
    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:9 cannot be reached"):
        PinciteRetriever("http://127.0.0.1:9").retrieve("x")
