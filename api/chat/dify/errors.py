"""Errors under `/dify` in Dify's shape, wherever in the application they arise: `{"error_code", "error_msg"}`.

Plain ASGI, in front of everything else. Bad keys are told with 403 and not 401, because that is the status that Dify
shows to whoever registers an address as "authorization failed".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX = "/dify/"
NO_KEY, BAD_KEY, NO_KNOWLEDGE = 1001, 1002, 2001


class DifyErrors:
    """Translates error replies under `PREFIX`; all others pass as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and translate the reply if it is an error."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        begun: list[Message] = []
        body = b""

        async def translated(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start" and message["status"] >= 400:
                begun.append(message)
            elif not begun:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    await _send_error(begun[0], body, Headers(scope=scope), send)

        await self._app(scope, receive, translated)


async def _send_error(begun: Message, body: bytes, asked: Headers, send: Send) -> None:
    status = 403 if begun["status"] == 401 else begun["status"]
    ready = json.dumps(dify_error(json.loads(body)["error"], status, asked)).encode()
    start: Message = {**begun, "status": status}
    headers = MutableHeaders(scope=start)
    headers["content-length"] = str(len(ready))
    if "www-authenticate" in headers:
        del headers["www-authenticate"]
    await send(start)
    await send({"type": "http.response.body", "body": ready})


def dify_error(error: Mapping[str, Any], status: int, asked: Headers) -> dict[str, Any]:
    """Dify's shape of one of our errors, answered with this status to a request with these headers."""
    codes = {"key_required": _about_key(asked), "scope_required": BAD_KEY, "collection_not_found": NO_KNOWLEDGE}
    return {"error_code": codes.get(error["code"], status), "error_msg": error["message"]}


def _about_key(asked: Headers) -> int:
    scheme, _, key = asked.get("authorization", "").partition(" ")
    return BAD_KEY if scheme.lower() == "bearer" and key.strip() else NO_KEY
