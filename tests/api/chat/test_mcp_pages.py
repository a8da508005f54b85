"""What docs/chat/chatgpt.md and claude.md tell people to paste works as it stands there."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
from pathlib import Path

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from api.chat.mcp.tools import TOOLS
from api.keys import KeyRing
from api.settings import Settings
from tests.api.chat.pages import blocks, page, pasted
from tests.api.chat.serving import filled, serving


async def tools(client: Client) -> list[str]:
    return [tool.name for tool in (await client.list_tools()).tools]


async def tools_over_pipes(args: list[str]) -> list[str]:
    parameters = StdioServerParameters(command=sys.executable, args=["-m", "api.cli", *args], env=dict(os.environ))
    async with Client(stdio_client(parameters)) as client:
        return await tools(client)


async def tools_over_http(url: str, headers: dict[str, str]) -> list[str]:
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        return await tools(client)


def test_chatgpts_address_and_hosts_are_those_of_a_server_with_keys(tmp_path: Path) -> None:
    (start,) = blocks("chatgpt", "bash")
    host = start.split()[0].removeprefix("PINCITE_HOSTS=")
    url = pasted("chatgpt", "MCP server URL")
    assert url == f"https://{host}/mcp"
    ring = KeyRing(tmp_path / "keys.json")
    key = ring.create("chatgpt", ["search"], ["*"])[1]
    with serving(filled(tmp_path / "library"), Settings(hosts=host), keys=ring) as served:
        for query in ("", "?collection=default"):
            headers = {"Authorization": f"Bearer {key}", "Host": host}
            here = url.replace(f"https://{host}", served.url) + query
            assert asyncio.run(tools_over_http(here, headers))[:2] == ["search", "fetch"]
    assert all(f"`{name}`" in page("chatgpt") for name in TOOLS)


def test_claudes_settings_start_a_server(tmp_path: Path) -> None:
    filled(tmp_path / "library").close()
    config = json.loads(blocks("claude", "json")[0])["mcpServers"]["pincite"]
    added, over_http = blocks("claude", "bash")
    assert shlex.split(added)[5:] == [config["command"], *config["args"]]
    assert Path(config["command"]).name == "pincite"
    args = [str(tmp_path / "library") if one.startswith("/home/me") else one for one in config["args"]]
    assert asyncio.run(tools_over_pipes(args)) == list(TOOLS)

    *_, url, _, header = shlex.split(over_http)
    name, value = header.split(": ")
    with serving(filled(tmp_path / "other")) as served:
        here = url.replace("http://localhost:8000", f"http://localhost:{served.port}")
        assert asyncio.run(tools_over_http(here, {name: value})) == list(TOOLS)


def test_the_resource_template_and_the_prompt_on_claudes_page_exist(tmp_path: Path) -> None:
    with serving(filled(tmp_path / "library")) as served:

        async def use() -> tuple[str, str]:
            async with Client(f"{served.url}/mcp") as client:
                templates = await client.list_resource_templates()
                prompts = await client.list_prompts()
                return templates.resource_templates[0].uri_template, prompts.prompts[0].title or ""

        template, prompt = asyncio.run(use())
    assert f"`{template}`" in page("claude")
    assert f'"{prompt}"' in page("claude")
