"""What the pages on OpenAI, Dify, Open WebUI and Anthropic tell people to paste works as it stands there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from anthropic.types import CitationsSearchResultLocation
from openai import OpenAI

from api.chat.conditions import KEYS
from api.chat.dify.conditions import OPERATORS
from api.chat.openwebui import TOOLS
from index.embedding.hashing import HashingEmbedder
from tests.api.chat.pages import blocks, page, pasted
from tests.api.chat.serving import Served, get, post
from tests.api.conftest import BRIDGE

LOCAL = "http://localhost:8000"


def here(address: str, served: Served) -> str:
    assert address.startswith(LOCAL)
    return address.replace(LOCAL, served.url)


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Any, ...]]]:
    lines: list[tuple[Any, ...]] = []
    monkeypatch.setattr("builtins.print", lambda *words: lines.append(words))
    return lines


def test_openais_program_runs(served: Served, printed: list[tuple[Any, ...]]) -> None:
    (program,) = blocks("openai", "python")
    program = here_in(program, served).replace("multilingual-e5-small", "hashing").replace("0.1}", "0.0}")
    variables: dict[str, Any] = {}
    exec(program, variables)
    with variables["client"] as client:
        assert isinstance(client, OpenAI)
    assert printed[0] == ("default", 3)
    assert [link for _, link, _ in printed[1:]] == [
        result.attributes["deep_link"] for result in variables["results"].data
    ]
    assert len(printed) == 3
    assert len(variables["vectors"].data[0].embedding) == HashingEmbedder().dimensions


def here_in(program: str, served: Served) -> str:
    assert LOCAL in program
    return program.replace(LOCAL, served.url)


@pytest.mark.parametrize("host", ["openai", "dify"])
def test_every_key_to_filter_by_is_on_the_page(host: str) -> None:
    assert [key for key in KEYS if key != "tags" and f"`{key}`" not in page(host)] == []


def test_difys_settings_reach_the_route(served: Served) -> None:
    endpoint = here(pasted("dify", "API Endpoint"), served) + "/retrieval"
    headers = {"authorization": f"Bearer {pasted('dify', 'API Key')}"}
    assert post(endpoint, headers=headers).json() == {"records": []}
    setting = {"top_k": int(pasted("dify", "Top K")), "score_threshold": float(pasted("dify", "Score Threshold"))}
    body = {"knowledge_id": pasted("dify", "External Knowledge ID"), "query": "bridge", "retrieval_setting": setting}
    assert post(endpoint, headers=headers, json=body).json()["records"][0]["title"] == "Harbour bridge to close"


def test_every_comparison_of_dify_is_on_the_page() -> None:
    assert [operator for operator in OPERATORS if f"`{operator}`" not in page("dify")] == []


def test_open_webuis_tools_are_where_the_page_says(served: Served) -> None:
    document = get(here(pasted("openwebui", "URL"), served) + pasted("openwebui", "OpenAPI Spec")).json()
    offered = {one["operationId"] for methods in document["paths"].values() for one in methods.values()}
    assert offered == set(TOOLS)
    assert all(f"`{name}`" in page("openwebui") for name in TOOLS)


def test_open_webuis_search_is_where_the_page_says(served: Served) -> None:
    address = here(pasted("openwebui", "External Web Search URL"), served)
    assert post(address, json={"query": "bridge", "count": 1}).json()[0]["title"].startswith("Harbour bridge")


def test_open_webuis_reranker_is_where_the_page_says(served: Served) -> None:
    address = here(pasted("openwebui", "External Reranker URL"), served)
    asked = {"model": pasted("openwebui", "Reranking Model"), "query": "x", "documents": ["a"], "top_n": 1}
    assert post(address, json=asked).json()["error"]["code"] == "model_unknown"  # this server has none


def test_anthropics_program_asks_and_leads_back(served: Served) -> None:
    program, way_back = blocks("anthropic", "python")
    asking = here_in(program, served).partition("\nmessage = ")[0].replace("import anthropic\n", "")
    variables: dict[str, Any] = {"httpx": httpx}
    exec(asking + way_back, variables)
    found = variables["found"]
    cited = CitationsSearchResultLocation(
        type="search_result_location",
        source=found["content"][0]["source"],
        title="",
        cited_text="The harbour bridge will close for nine weeks from March. ",
        search_result_index=0,
        start_block_index=0,
        end_block_index=1,
    )
    article_id, start, end = variables["place"](found, cited)
    assert (article_id, BRIDGE["text"][start:end]) == (BRIDGE["id"], cited.cited_text)
