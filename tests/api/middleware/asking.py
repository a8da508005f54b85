"""Asks an ASGI application as a server would, with the sender in the test's hands."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.types import ASGIApp, Message, Scope


class Asking:
    """One request to an application. `send` is what the sender sends; the reply is in `status`, `headers`, `json`."""

    def __init__(self, app: ASGIApp, method: str, path: str, headers: dict[str, str] | None = None) -> None:
        pairs = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        self.scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": pairs,
            "state": {},
        }
        self._app = app
        self._sent: asyncio.Queue[Message] = asyncio.Queue()
        self.replies: list[Message] = []
        self.task: asyncio.Task[None] | None = None

    def body(self, content: bytes, *, more: bool = False) -> Asking:
        """Send a piece of the body."""
        self._sent.put_nowait({"type": "http.request", "body": content, "more_body": more})
        return self

    def leave(self) -> None:
        """Close the connection."""
        self._sent.put_nowait({"type": "http.disconnect"})

    def begin(self) -> Asking:
        """Hand the request to the application."""
        self.task = asyncio.ensure_future(self._run())
        return self

    async def _run(self) -> None:
        async def send(message: Message) -> None:
            self.replies.append(message)

        await self._app(self.scope, self._sent.get, send)

    async def done(self) -> Asking:
        """Wait until the application has ended."""
        assert self.task is not None
        await asyncio.wait_for(self.task, 30)
        return self

    @property
    def status(self) -> int | None:
        """The reply's status, None where there was no reply."""
        return next((one["status"] for one in self.replies if one["type"] == "http.response.start"), None)

    @property
    def headers(self) -> dict[str, str]:
        """The reply's headers."""
        start = next(one for one in self.replies if one["type"] == "http.response.start")
        return {name.decode(): value.decode() for name, value in start["headers"]}

    @property
    def json(self) -> Any:
        """The reply's body."""
        return json.loads(b"".join(one.get("body", b"") for one in self.replies[1:]))
