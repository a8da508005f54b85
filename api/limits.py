"""What is refused before it is read: request bodies over the limit.

Plain ASGI, so that nothing is buffered first. FastAPI's own limit does the same, but answers in plain text; here every
error has one shape.
"""

from __future__ import annotations

from contextlib import suppress

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.failures import shape


class BodyLimit:
    """Answers 413 to a request whose body is larger than `most` bytes, whether it says so or not."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what is read of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _announced(scope) > self._most:
            await self._refuse(scope, receive, send)
        else:
            await self._count(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = 0
        started = False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise _TooMuch
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            # Whatever the application makes of the broken-off body, the answer is ours.
            if started or read <= self._most:
                started = True
                await send(message)

        with suppress(_TooMuch):
            await self._app(scope, counted, watched)
        if read > self._most and not started:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = f"The request body is larger than {self._most:,} bytes. Send less at once."
        await JSONResponse(shape("too_large", message, {"limit_bytes": self._most}), 413)(scope, receive, send)


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


class _TooMuch(Exception):
    """More was read than allowed: stops the application's reading."""
