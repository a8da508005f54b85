"""Search result blocks, judged by the types of Anthropic's SDK; and the way back from what Claude cites."""

from __future__ import annotations

from typing import Any

import pytest
from anthropic.types import (
    CitationsSearchResultLocation,
    MessageParam,
    SearchResultBlockParam,
    ToolResultBlockParam,
)
from pydantic import TypeAdapter

from tests.api.chat.serving import Served, get, post
from tests.api.conftest import BRIDGE

QUESTION = "When will the harbour bridge close?"
SENTENCES = [
    "The harbour bridge will close for nine weeks from March. ",
    "Ferries will run every half hour meanwhile.\n\n",
    "Mayor Ines Calder said that two percent of the budget was not enough for repairs.",
]


@pytest.fixture(scope="module")
def answer(served: Served) -> dict[str, Any]:
    reply = post(f"{served.url}/v1/search?format=anthropic", json={"query": QUESTION, "group": "none"})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def test_the_blocks_are_what_the_sdk_sends(answer: dict[str, Any]) -> None:
    for block in answer["content"]:
        assert TypeAdapter(SearchResultBlockParam).validate_python(block, extra="forbid")
    tool_result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": answer["content"]}
    assert TypeAdapter(ToolResultBlockParam).validate_python(tool_result)
    assert TypeAdapter(MessageParam).validate_python({"role": "user", "content": answer["content"]})


def test_there_is_one_block_a_sentence(answer: dict[str, Any]) -> None:
    first = answer["content"][0]
    assert [block["text"] for block in first["content"]] == SENTENCES
    assert first["title"] == "Harbour bridge to close"
    assert first["source"].startswith("https://gazette.example/bridge#:~:text=")
    assert first["citations"] == {"enabled": True}
    assert 0 <= answer["answerable"] <= 1


def test_every_block_leads_back_to_its_place(served: Served, answer: dict[str, Any]) -> None:
    assert len(answer["content"]) == len(answer["places"]) == 3
    for result, place in zip(answer["content"], answer["places"], strict=True):
        article = get(f"{served.url}/v1/articles/{place['article_id']}").json()
        assert article["revision"] == place["revision"]
        texts = [article["text"][span["start"] : span["end"]] for span in place["blocks"]]
        assert texts == [block["text"] for block in result["content"]]
        assert get(f"{served.url}/v1/citations/{place['citation_id']}").json()["status"] == "unchanged"


def test_what_claude_cites_is_found_again(answer: dict[str, Any]) -> None:
    cited = CitationsSearchResultLocation(
        type="search_result_location",
        source=answer["content"][0]["source"],
        title=answer["content"][0]["title"],
        cited_text=SENTENCES[1] + SENTENCES[2],
        search_result_index=0,
        start_block_index=1,
        end_block_index=3,
    )
    spans = answer["places"][cited.search_result_index]["blocks"][cited.start_block_index : cited.end_block_index]
    assert BRIDGE["text"][spans[0]["start"] : spans[-1]["end"]] == cited.cited_text


def test_an_article_from_no_page_has_a_source_too(served: Served) -> None:
    reply = post(f"{served.url}/v1/search?format=anthropic", json={"query": "Iğdır kar yağışı", "limit": 1})
    assert reply.json()["content"][0]["source"] == "pincite://articles/tr%2Fi%C4%9Fde"


def test_the_usual_format_is_ours_and_others_are_refused(served: Served) -> None:
    url = f"{served.url}/v1/search?format="
    assert "hits" in post(f"{url}pincite", json={"query": QUESTION}).json()
    reply = post(f"{url}xml", json={"query": QUESTION})
    assert (reply.status_code, reply.json()["error"]["detail"]["field"]) == (422, "format")
