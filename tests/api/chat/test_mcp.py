"""The Model Context Protocol, judged by the SDK's own client in both eras of the protocol, over HTTP and over pipes."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import httpx2
import mcp_types as types
import pytest
from jsonschema import Draft202012Validator
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from api.keys import KeyRing
from api.settings import Settings
from index.embedding.catalogue import SMALL_EMBEDDER
from tests.api.chat.serving import Served, filled, get, post, request, serving
from tests.api.conftest import BRIDGE

ERAS = pytest.mark.parametrize("era", ["auto", "legacy"])
QUESTION = "When will the harbour bridge close?"
SENTENCE = "The harbour bridge will close for nine weeks from March."


def asked(server: Any, era: str, use: Callable[[Client], Awaitable[Any]]) -> Any:
    """What `use` gives with a client that is connected."""

    async def connected() -> Any:
        async with Client(server, mode=era) as client:
            return await use(client)

    return asyncio.run(connected())


def called(served: Served, era: str, tool: str, **arguments: Any) -> types.CallToolResult:
    result: types.CallToolResult = asked(f"{served.url}/mcp", era, lambda client: client.call_tool(tool, arguments))
    return result


def given(result: types.CallToolResult) -> dict[str, Any]:
    """The one text item as JSON, which must be the structured content too."""
    assert not result.is_error, result.content
    (item,) = result.content
    assert isinstance(item, types.TextContent)
    found: dict[str, Any] = json.loads(item.text)
    assert result.structured_content == found
    return found


@ERAS
def test_the_tools_are_listed_as_read_only_with_schemas(served: Served, era: str) -> None:
    listed = asked(f"{served.url}/mcp", era, lambda client: client.list_tools())
    assert [tool.name for tool in listed.tools] == [
        *("search", "fetch", "search_passages", "get_citation", "list_sources"),
    ]
    for tool in listed.tools:
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.destructive_hint is False
        assert tool.description
        for schema in (tool.input_schema, tool.output_schema):
            Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object"
    search, fetch = listed.tools[:2]
    assert (list(search.input_schema["properties"]), search.input_schema["required"]) == (["query"], ["query"])
    assert search.input_schema["properties"]["query"]["type"] == "string"
    assert (list(fetch.input_schema["properties"]), fetch.input_schema["required"]) == (["id"], ["id"])


@ERAS
def test_search_and_fetch_are_what_chatgpt_asks_for(served: Served, era: str) -> None:
    results = given(called(served, era, "search", query=QUESTION))
    assert set(results) == {"results"}
    first = results["results"][0]
    assert set(first) == {"id", "title", "url"}
    assert first["title"] == "Harbour bridge to close · Harbour Gazette"
    assert first["url"].startswith("https://gazette.example/bridge#:~:text=")

    document = given(called(served, era, "fetch", id=first["id"]))
    assert set(document) == {"id", "title", "text", "url", "metadata"}
    assert (document["id"], document["text"]) == (first["id"], BRIDGE["text"])
    assert document["url"] == first["url"]
    about = document["metadata"]
    assert document["text"][about["start"] : about["end"]] == about["quote"]
    assert (about["source"], about["published"]) == ("Harbour Gazette", "2025-01-13")


def test_an_article_is_fetched_by_its_own_id_too(served: Served) -> None:
    document = given(called(served, "auto", "fetch", id="tr/iğde"))
    assert document["title"] == "Iğdır'da kar yağışı"
    assert document["url"] == "pincite://articles/tr%2Fi%C4%9Fde"
    assert "quote" not in document["metadata"]


@ERAS
def test_passages_come_with_all_that_a_citation_needs(served: Served, era: str) -> None:
    filters = {"languages": ["en"], "none_of": [{"sources": ["Island Courier"]}]}
    found = given(called(served, era, "search_passages", query=QUESTION, filters=filters, quote="sentence", limit=3))
    assert 0 <= found["answerable"] <= 1
    assert [passage["article_id"] for passage in found["passages"]] == ["news/harbour bridge.txt"]
    first = found["passages"][0]
    assert (first["rank"], first["quote"], first["start"], first["end"]) == (1, SENTENCE, 0, 56)
    assert first["text"].startswith(SENTENCE)
    assert first["explain"] is None


def test_passages_take_every_option_of_searching_over_http(served: Served) -> None:
    listed = asked(f"{served.url}/mcp", "auto", lambda client: client.list_tools())
    properties = next(tool for tool in listed.tools if tool.name == "search_passages").input_schema["properties"]
    body = get(f"{served.url}/openapi.json").json()["components"]["schemas"]["SearchIn"]
    assert set(properties) == set(body["properties"])


@ERAS
def test_a_citation_is_checked(served: Served, era: str) -> None:
    cited = given(called(served, era, "search_passages", query=QUESTION))["passages"][0]
    check = given(called(served, era, "get_citation", id=cited["id"]))
    assert (check["status"], check["citation"]["quote"]) == ("unchanged", cited["quote"])


@ERAS
def test_sources_are_listed_with_their_articles(served: Served, era: str) -> None:
    assert given(called(served, era, "list_sources")) == {
        "articles": 3,
        "passages": 3,
        "sources": [
            {"name": "Doğu Postası", "articles": 1},
            {"name": "Harbour Gazette", "articles": 1},
            {"name": "Island Courier", "articles": 1},
        ],
        "languages": [{"name": "en", "articles": 2}, {"name": "tr", "articles": 1}],
        "authors": [{"name": "Mara Lindqvist", "articles": 2}, {"name": "Tom Oyelaran", "articles": 2}],
        "tags": [{"name": "island", "articles": 1}, {"name": "transport", "articles": 1}],
        "months": [{"name": "2025-01", "articles": 2}, {"name": "2024-12", "articles": 1}],
    }


@ERAS
@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("search", {}, "query: Field required."),
        ("search", {"query": ""}, "query: String should have at least 1 character."),
        ("search", {"query": "x", "colour": "red"}, "colour: Extra inputs are not permitted."),
        ("search", {"query": "before:soon x"}, "before"),
        ("fetch", {"id": "nowhere"}, "There is no article 'nowhere' in this library."),
        ("search_passages", {"query": "x", "limit": 0}, "limit: Input should be greater than or equal to 1."),
        ("get_citation", {"id": "x"}, "This is not a citation id of Pincite."),
        ("list_sources", {"limit": 1001}, "limit"),
    ],
)
def test_what_cannot_be_done_is_told_to_the_model(
    served: Served, era: str, tool: str, arguments: dict[str, Any], words: str
) -> None:
    result = called(served, era, tool, **arguments)
    assert result.is_error
    assert isinstance(result.content[0], types.TextContent)
    assert words in result.content[0].text


@ERAS
def test_unknown_names_are_errors_of_the_protocol(served: Served, era: str) -> None:
    async def use(client: Client) -> None:
        with pytest.raises(MCPError, match="There is no tool 'dance'"):
            await client.call_tool("dance", {})
        with pytest.raises(MCPError, match="There is no prompt 'dance'"):
            await client.get_prompt("dance", {})
        with pytest.raises(MCPError, match="There is no article 'nowhere'"):
            await client.read_resource("pincite://articles/nowhere")
        with pytest.raises(MCPError, match="Resources of this server are named"):
            await client.read_resource("file:///etc/passwd")
        with pytest.raises(MCPError, match="This cursor was not made by Pincite"):
            await client.list_resources(cursor="!")

    asked(f"{served.url}/mcp", era, use)


@ERAS
def test_articles_are_resources(served: Served, era: str) -> None:
    async def use(client: Client) -> None:
        listed = await client.list_resources()
        assert [(one.uri, one.title, one.description) for one in listed.resources] == [
            (
                "pincite://articles/news%2Fharbour%20bridge.txt",
                "Harbour bridge to close",
                "Harbour Gazette, Mara Lindqvist; Tom Oyelaran, 2025-01-13",
            ),
            (
                "pincite://articles/reprint",
                "Harbour bridge to close",
                "Island Courier, Mara Lindqvist; Tom Oyelaran, 2025-01-14T08:30:00+01:00",
            ),
            ("pincite://articles/tr%2Fi%C4%9Fde", "Iğdır'da kar yağışı", "Doğu Postası, 2024-12-02"),
        ]
        assert listed.next_cursor is None
        (content,) = (await client.read_resource(listed.resources[0].uri)).contents
        assert isinstance(content, types.TextResourceContents)
        assert (content.text, content.mime_type) == (BRIDGE["text"], "text/plain")
        templates = await client.list_resource_templates()
        assert [one.uri_template for one in templates.resource_templates] == ["pincite://articles/{id}"]

    asked(f"{served.url}/mcp", era, use)


@ERAS
def test_the_prompt_brings_numbered_passages_and_how_to_cite_them(served: Served, era: str) -> None:
    async def use(client: Client) -> str:
        (prompt,) = (await client.list_prompts()).prompts
        assert (prompt.name, [one.name for one in prompt.arguments or []]) == ("answer_with_citations", ["question"])
        with pytest.raises(MCPError, match="The argument question is missing"):
            await client.get_prompt("answer_with_citations", {})
        (message,) = (await client.get_prompt("answer_with_citations", {"question": QUESTION})).messages
        assert isinstance(message.content, types.TextContent)
        return message.content.text

    text = asked(f"{served.url}/mcp", era, use)
    assert f"Question: {QUESTION}" in text
    assert "[1] Harbour bridge to close, Harbour Gazette, 2025-01-13\nhttps://gazette.example/bridge#:~:text=" in text
    assert SENTENCE in text


# How it is reached

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


def posted(url: str, **headers: str) -> httpx.Response:
    accepted = {"accept": "application/json, text/event-stream"}
    return post(url, json=INITIALIZE, headers=accepted | headers, follow_redirects=False)


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
def test_both_paths_answer_at_once(served: Served, path: str) -> None:
    reply = posted(served.url + path)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json")
    told = reply.json()["result"]
    assert told["serverInfo"]["name"] == "pincite"
    assert set(told["capabilities"]) >= {"tools", "resources", "prompts"}
    assert "mcp-session-id" not in reply.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"host": "localhost"}, 200),
        ({"origin": "http://localhost.evil.example"}, 403),
    ],
)
def test_foreign_hosts_and_origins_are_refused(served: Served, headers: dict[str, str], status: int) -> None:
    assert posted(f"{served.url}/mcp", **headers).status_code == status


def test_a_server_that_is_named_is_reached_by_its_name_and_pages_of_named_origins_may_ask(tmp_path: Path) -> None:
    settings = Settings(hosts="pincite.example", origins="https://chat.example, http://localhost:6274")
    with serving(filled(tmp_path / "library"), settings) as named:
        url = f"{named.url}/mcp"
        assert posted(url, host="pincite.example").status_code == 200
        assert posted(url, host="evil.example").status_code == 421
        assert posted(url, origin="http://localhost:6274").status_code == 200
        assert posted(url, origin="https://evil.example").status_code == 403
        allowed = posted(url, origin="https://chat.example")
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == "https://chat.example"
        asking = {"origin": "https://chat.example", "access-control-request-method": "POST"}
        preflight = request("OPTIONS", url, headers=asking | {"access-control-request-headers": "authorization"})
        assert preflight.status_code == 200
        assert "Authorization" in preflight.headers["access-control-allow-headers"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_nobody_waits_for_news_that_a_stateless_server_never_has(served: Served, method: str) -> None:
    reply = request(method, f"{served.url}/mcp", headers={"accept": "text/event-stream"})
    assert (reply.status_code, reply.headers["allow"]) == (405, "POST")
    assert reply.json()["error"]["code"] == "method_not_allowed"


def test_keys_are_asked_for_and_open_their_own_collection_only(tmp_path: Path) -> None:
    sports = {"id": "cup", "title": "Cup final", "text": "The cup final ended in a draw.", "source": "Sports Desk"}
    filled(tmp_path / "collections" / "sports", [sports]).close()
    ring = KeyRing(tmp_path / "keys.json")
    everywhere, bound = (ring.create(name, ["search"], [name])[1] for name in ("*", "sports"))
    writer = ring.create("writer", ["write"], ["*"])[1]

    def sources(key: str, query: str = "") -> list[str]:
        async def use() -> list[str]:
            async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as http:
                transport = streamable_http_client(f"{guarded.url}/mcp{query}", http_client=http)
                async with Client(transport) as client:
                    result = await client.call_tool("list_sources", {})
                    if result.is_error:
                        return [result.content[0].text]  # type: ignore[union-attr]
                    return [one["name"] for one in result.structured_content["sources"]]

        return asyncio.run(use())

    with serving(filled(tmp_path / "library"), keys=ring, folder=tmp_path / "collections") as guarded:
        refused = posted(f"{guarded.url}/mcp")
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "key_required")
        assert refused.headers["www-authenticate"].startswith("Bearer")
        forbidden = posted(f"{guarded.url}/mcp", authorization=f"Bearer {writer}")
        assert (forbidden.status_code, forbidden.json()["error"]["code"]) == (403, "scope_required")
        assert sources(everywhere) == ["Doğu Postası", "Harbour Gazette", "Island Courier"]
        assert sources(everywhere, "?collection=sports") == ["Sports Desk"]
        assert sources(bound) == ["Sports Desk"]
        assert sources(bound, "?collection=default") == ["There is no collection 'default'."]
        assert sources(everywhere, "?collection=nowhere") == ["There is no collection 'nowhere'."]


def test_long_lists_come_page_by_page_and_long_articles_in_part(tmp_path: Path) -> None:
    book = {"id": "book", "text": "Filler words stand here. " * 6_000 + "The owl has three chicks."}
    many = [{"id": f"a{number:03}", "text": f"Report number {number}."} for number in range(150)]
    with serving(filled(tmp_path / "library", [*many, book])) as large:

        async def use(client: Client) -> list[str]:
            first = await client.list_resources()
            second = await client.list_resources(cursor=first.next_cursor)
            assert (len(first.resources), second.next_cursor) == (100, None)
            return [one.name for one in (*first.resources, *second.resources)]

        assert asked(f"{large.url}/mcp", "auto", use) == [*(one["id"] for one in many), "book"]
        found = given(called(large, "auto", "search", query='"three chicks" owl'))["results"][0]
        document = given(called(large, "auto", "fetch", id=found["id"]))
        about = document["metadata"]
        assert (len(document["text"]), about["text_length"]) == (100_000, 150_025)
        start, end = about["start"] - about["text_start"], about["end"] - about["text_start"]
        assert document["text"][start:end] == about["quote"]
        assert "The owl has three chicks." in about["quote"]


def test_without_the_extra_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    monkeypatch.setattr("api.chat.mcp.serving.find_spec", lambda name: None)
    with serving(filled(tmp_path / "library")) as bare:
        reply = posted(f"{bare.url}/mcp")
    assert (reply.status_code, reply.json()["error"]["code"]) == (501, "missing_extra")
    assert "pip install 'pincite[mcp]'" in reply.json()["error"]["message"]


# Over standard input and output


@pytest.mark.model
@ERAS
def test_the_command_serves_over_standard_input_and_output(tmp_path: Path, era: str) -> None:
    library = str(tmp_path / "library")
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "bridge.txt").write_text("The harbour bridge will close for nine weeks from March.\n")
    pincite = ["-m", "api.cli", "--library", library, "--model", SMALL_EMBEDDER]
    subprocess.run([sys.executable, *pincite, "index", str(tmp_path / "articles")], check=True, capture_output=True)

    async def use(client: Client) -> str:
        result = await client.call_tool("search_passages", {"query": "When is the bridge shut?"})
        found: str = given(result)["passages"][0]["article_id"]
        return found

    command = StdioServerParameters(command=sys.executable, args=[*pincite, "mcp"], env=dict(os.environ))
    assert asked(stdio_client(command), era, use) == "articles/bridge.txt"
