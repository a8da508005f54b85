"""The LangChain retriever: LangChain's own standard tests, over HTTP and in this process, and what is ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from api.in_process import InProcess
from index.errors import InvalidInput, InvalidQuery, Unreachable
from tests.api.conftest import BRIDGE

pytest.importorskip("langchain_tests", reason="install the extra dev")

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.documents import Document
from langchain_core.load import dumps
from langchain_core.retrievers import BaseRetriever
from langchain_tests.integration_tests import RetrieversIntegrationTests

from api.retrievers.langchain import PinciteRetriever

QUESTION = "harbour bridge, or snow at schools?"


class Standard(RetrieversIntegrationTests):
    """LangChain's standard tests. They ask for three documents, so nothing is folded."""

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return PinciteRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return self.asked | {"options": {"group": "none"}}

    @property
    def retriever_query_example(self) -> str:
        return QUESTION

    asked: dict[str, Any]


@pytest.mark.anyio
class TestOverHttp(Standard):
    @pytest.fixture(autouse=True)
    def _ask(self, server: str) -> None:
        self.asked = {"server": server}


@pytest.mark.anyio
class TestInProcess(Standard):
    @pytest.fixture(autouse=True)
    def _ask(self, in_process: InProcess) -> None:
        self.asked = {"pincite": in_process}


@pytest.fixture(params=["http", "in process"])
def made(request: pytest.FixtureRequest) -> Callable[..., PinciteRetriever]:
    if request.param == "http":
        address = request.getfixturevalue("server")
        return lambda **more: PinciteRetriever(server=address, **more)
    library = request.getfixturevalue("in_process")
    return lambda **more: PinciteRetriever(pincite=library, **more)


def test_a_document_carries_its_citation(made: Callable[..., PinciteRetriever]) -> None:
    (document,) = made(k=1).invoke("When will the harbour bridge close?")
    cited = document.metadata["citation"]
    assert document.id == f"{BRIDGE['id']}#0"
    assert document.page_content == BRIDGE["text"][cited["start"] : cited["end"]] == cited["quote"]
    assert (cited["source"], cited["deep_link"][:36]) == ("Harbour Gazette", "https://gazette.example/bridge#:~:te")
    assert document.metadata["source"] == "https://gazette.example/bridge"
    assert (document.metadata["title"], document.metadata["published"]) == ("Harbour bridge to close", "2025-01-13")
    assert 0 < document.metadata["score"] <= 1
    assert [other["article_id"] for other in document.metadata["also_reported_by"]] == ["reprint"]
    assert json.loads(json.dumps(document.metadata)) == document.metadata


def test_options_are_given_once_or_with_a_call(made: Callable[..., PinciteRetriever]) -> None:
    def ids(documents: list[Document]) -> list[str]:
        return [document.metadata["citation"]["article_id"] for document in documents]

    retriever = made(options={"group": "none", "languages": ["en"]})
    assert sorted(ids(retriever.invoke(QUESTION))) == [BRIDGE["id"], "reprint"]
    assert ids(retriever.invoke(QUESTION, sources=["Island Courier"])) == ["reprint"]
    assert len(retriever.invoke(QUESTION, k=1)) == 1
    with pytest.raises(TypeError, match="search has no option colour"):
        retriever.invoke(QUESTION, colour="red")
    with pytest.raises(InvalidInput, match="limit"):
        retriever.invoke(QUESTION, k=1000)


def test_many_ask_at_once_with_threads_and_with_asyncio(made: Callable[..., PinciteRetriever]) -> None:
    retriever = made(k=1)
    assert len({found[0].id for found in retriever.batch([QUESTION] * 6)}) == 1

    async def ask() -> list[list[Document]]:
        return await asyncio.gather(*(retriever.ainvoke(QUESTION, k=1) for _ in range(6)))

    for _ in range(2):  # each time in an event loop of its own
        assert len({found[0].id for found in asyncio.run(ask())}) == 1


class Heard(BaseCallbackHandler):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def on_retriever_start(self, serialized: object, query: str, **_: object) -> None:
        self.told.append(query)

    def on_retriever_end(self, documents: Any, **_: object) -> None:
        self.told.append(len(documents))

    def on_retriever_error(self, error: BaseException, **_: object) -> None:
        self.told.append(type(error))


def test_callbacks_hear_of_it(made: Callable[..., PinciteRetriever]) -> None:
    heard = Heard()
    made(k=1).invoke(QUESTION, config={"callbacks": [heard]})
    assert heard.told == [QUESTION, 1]
    with pytest.raises(InvalidInput):
        made(k=1).invoke("", config={"callbacks": [heard]})
    assert heard.told[2:] == ["", InvalidQuery]


def test_it_goes_into_a_chain(made: Callable[..., PinciteRetriever]) -> None:
    chain = made(k=1) | (lambda documents: documents[0].page_content)
    assert chain.invoke("When will the harbour bridge close?") == BRIDGE["text"]


def test_a_server_that_is_not_there_is_our_own_error_and_the_key_is_not_shown() -> None:
    retriever = PinciteRetriever(server="http://127.0.0.1:9", api_key="secret")
    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:9 cannot be reached"):
        retriever.invoke("x")
    assert "secret" not in repr(retriever) + dumps(retriever)
