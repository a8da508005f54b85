"""The protocol over HTTP, inside the application: stateless, so that any request may come to any process.

The SDK takes about a second to import, so it is imported in a thread while the application starts; requests that come
before it is there wait for it. Where it is not installed they are told what to install.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.failures import shape
from api.replies import reply_to
from api.routes.common import access_of_request
from api.service import Service
from index.errors import MissingExtra, PinciteError

PATHS = ("/mcp", "/mcp/")

log = logging.getLogger("pincite")


class McpEndpoint:
    """An ASGI application for `PATHS`; `running` must be open while it is asked.

    Which names and origins may ask is told for the whole application, by `api.middleware.origins`.

    Args:
        most_bytes: the largest request body.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._manager: asyncio.Future[Any] | None = None

    def routes(self) -> list[Route]:
        """The same at both paths, so that no client is redirected."""
        return [Route(path, self, include_in_schema=False) for path in PATHS]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve while this is open."""
        if find_spec("mcp") is None:
            yield
            return
        self._manager = asyncio.get_running_loop().create_future()
        done = asyncio.Event()
        serving = asyncio.create_task(self._serve(self._manager, done))
        try:
            yield
        finally:
            done.set()
            await serving
            self._manager = None

    async def _serve(self, ready: asyncio.Future[Any], done: asyncio.Event) -> None:
        try:
            manager = await asyncio.to_thread(self._made)
        except Exception as error:
            log.exception("MCP cannot be served")
            ready.set_exception(error)
            return
        async with manager.run():
            ready.set_result(manager)
            await done.wait()

    def _made(self) -> Any:
        # Only here: an extra, and slow to import.
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager  # noqa: PLC0415

        from api.chat.mcp.server import make_server  # noqa: PLC0415

        return StreamableHTTPSessionManager(
            make_server(lambda asked: service_of(cast("Request", asked.request))),
            json_response=True,
            stateless=True,
            max_request_body_size=self._most_bytes,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Only POST means something: a stream that waits for news would wait for ever, since a
        stateless server has none."""
        if scope["method"] != "POST":
            message = f"{scope['method']} {scope['path']}: this server keeps no sessions; POST each request."
            refusal = shape("method_not_allowed", message)
            await JSONResponse(refusal, 405, headers={"Allow": "POST"})(scope, receive, send)
            return
        try:
            if self._manager is None:
                raise MissingExtra("MCP needs an extra: pip install 'pincite[mcp]', then start the server again.")
            access_of_request(Request(scope)).require("search")
        except PinciteError as error:
            await reply_to(error)(scope, receive, send)
            return
        manager = await self._manager
        await manager.handle_request(scope, receive, send)


def service_of(request: Request) -> Service:
    """The service of the collection that is named in the header or in the address that the host was given."""
    named = request.headers.get("pincite-collection") or request.query_params.get("collection")
    return access_of_request(request).service(named)
