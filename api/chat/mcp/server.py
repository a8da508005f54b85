"""The protocol: tools, resources and the prompt as the SDK's server serves them, whatever carries the messages.

The SDK's low-level server, because the list of articles is paged and grows while it is served. Blocking work runs in
threads. What goes wrong inside a tool is a result that the model reads; all else is an error of the protocol.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, TypeVar

import anyio.to_thread
import mcp_types as types
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS
from pydantic import BaseModel

from api.chat.mcp import prompts, resources
from api.chat.mcp.tools import TOOLS, Tool
from api.service import Service
from index.errors import InvalidInput, NotFound, PinciteError

log = logging.getLogger("pincite")

T = TypeVar("T")
Asked = ServerRequestContext[Any]
Reach = Callable[[Asked], Service]
"""Finds the service that a request is for; raises a PinciteError where the caller may not use it."""

INSTRUCTIONS = (
    "A library of articles. `search_passages` answers a question with passages and citations that are exact to the "
    "character; cite them by their url. `list_sources` tells what there is; `fetch` gives a whole article; "
    "`get_citation` tells whether a quote still stands. If `answerable` is near 0, say that the library has no answer."
)
READ_ONLY = types.ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


def make_server(reach: Reach) -> Server[Any]:
    """The server; `reach` tells which service a request is for."""

    async def list_tools(_: Asked, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_tool(tool) for tool in TOOLS.values()])

    async def call_tool(asked: Asked, params: types.CallToolRequestParams) -> types.CallToolResult:
        if params.name not in TOOLS:
            raise MCPError(INVALID_PARAMS, f"There is no tool {params.name!r}; there are {', '.join(TOOLS)}.")
        try:
            return _result(await _working(lambda: TOOLS[params.name].call(reach(asked), params.arguments or {})))
        except PinciteError as error:
            return _failure(error.message)

    async def list_resources(asked: Asked, params: types.PaginatedRequestParams | None) -> types.ListResourcesResult:
        cursor = params.cursor if params else None
        page, following = await _answering(lambda: resources.listed(reach(asked), cursor))
        return types.ListResourcesResult(resources=[types.Resource(**one) for one in page], next_cursor=following)

    async def read_resource(asked: Asked, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        uri = str(params.uri)
        article = await _answering(lambda: resources.read(reach(asked), uri), {"uri": uri})
        contents = types.TextResourceContents(uri=uri, mime_type=resources.TYPE, text=article.text)
        return types.ReadResourceResult(contents=[contents])

    async def get_prompt(asked: Asked, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        if params.name != prompts.NAME:
            raise MCPError(INVALID_PARAMS, f"There is no prompt {params.name!r}; there is {prompts.NAME}.")
        question = (params.arguments or {}).get("question", "")
        text = await _answering(lambda: prompts.answer_with_citations(reach(asked), question))
        message = types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))
        return types.GetPromptResult(description=prompts.DESCRIPTION, messages=[message])

    return Server(
        "pincite",
        title="Pincite",
        version=version("pincite"),
        description="Semantic search over articles, with citations that can be checked to the character.",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=_list_templates,
        on_read_resource=read_resource,
        on_list_prompts=_list_prompts,
        on_get_prompt=get_prompt,
    )


async def serve_standard_streams(server: Server[Any]) -> None:
    """Serve over standard input and output until the input ends."""
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


async def _list_templates(_: Asked, __: types.PaginatedRequestParams | None) -> types.ListResourceTemplatesResult:
    template = types.ResourceTemplate(
        uri_template=resources.TEMPLATE,
        name="article",
        title="An article by its id",
        description="The text that all offsets of citations refer to. The id is percent-encoded.",
        mime_type=resources.TYPE,
    )
    return types.ListResourceTemplatesResult(resource_templates=[template])


async def _list_prompts(_: Asked, __: types.PaginatedRequestParams | None) -> types.ListPromptsResult:
    question = types.PromptArgument(name="question", description=prompts.QUESTION, required=True)
    prompt = types.Prompt(name=prompts.NAME, title=prompts.TITLE, description=prompts.DESCRIPTION, arguments=[question])
    return types.ListPromptsResult(prompts=[prompt])


async def _working(work: Callable[[], T]) -> T:
    """What `work` gives, in a thread; a failure that nobody foresaw goes to the log and not to the caller."""
    try:
        return await anyio.to_thread.run_sync(work)
    except PinciteError:
        raise
    except Exception as error:
        log.exception("A request of the Model Context Protocol failed")
        raise MCPError(INTERNAL_ERROR, "Pincite failed at this request; its log says why.") from error


async def _answering(work: Callable[[], T], data: object = None) -> T:
    """The same, errors as the protocol has them."""
    try:
        return await _working(work)
    except PinciteError as error:
        code = INVALID_PARAMS if isinstance(error, InvalidInput | NotFound) else INTERNAL_ERROR
        raise MCPError(code, error.message, data) from error


def _tool(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.takes.model_json_schema(),
        output_schema=tool.gives.model_json_schema(mode="serialization"),
        annotations=READ_ONLY,
    )


def _result(given: BaseModel) -> types.CallToolResult:
    """The same twice: as text for hosts that hand text to their model, and as JSON for those that read it."""
    text = types.TextContent(type="text", text=given.model_dump_json())
    return types.CallToolResult(content=[text], structured_content=given.model_dump(mode="json"))


def _failure(message: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=message)], is_error=True)
