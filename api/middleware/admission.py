"""Admission: a request is let in when there is room, waits in a bounded queue when there soon is, and is told to come
again otherwise. Health is asked outside of all this, and never waits.

A request that took its time-out is answered so, and one whose sender left is not answered; either way its work is
cancelled, and the permit comes back when that has really ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware.bodies import Body, Gone, read_into
from api.middleware.permits import Kind, Permits
from api.page.paths import is_asset
from api.replies import reply_to
from index.cancelling import Token, cancelled_by
from index.errors import PinciteError, TimedOut

FREE = frozenset({"/healthz", "/readyz", "/metrics", "/openapi.json"})
LARGEST_QUESTION = 2**22
"""The most bytes of a body that asks something."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one kind of request may take: bytes of its body, and seconds; None for as many as it needs."""

    bytes: int
    body_seconds: float
    seconds: float | None


def kind_of(scope: Scope) -> Kind | None:
    """Whether a request reads or stores; None for what needs no permit."""
    if scope["path"] in FREE or is_asset(scope["path"]):
        return None
    stores = scope["method"] in {"POST", "PUT", "PATCH", "DELETE"} and scope["path"].startswith("/v1/articles")
    return "write" if stores else "read"


class Admission:
    """Lets requests in. Reading and storing have permits of their own, so that neither waits for the other.

    Args:
        app: what is behind.
        permits: the permits of each kind.
        limits: the limits of each kind.
    """

    def __init__(self, app: ASGIApp, permits: Mapping[Kind, Permits], limits: Mapping[Kind, Limits]) -> None:
        self._app, self._permits, self._limits = app, permits, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer why not."""
        kind = kind_of(scope) if scope["type"] == "http" else None
        if kind is None:
            await self._app(scope, receive, send)
            return
        permits, limits = self._permits[kind], self._limits[kind]
        try:
            with permits.place(), Body() as body:
                await read_into(body, scope, receive, limits.bytes, limits.body_seconds)
                await _Visit(self._app, scope, receive, send, body).run(permits, limits)
        except Gone:
            return
        except PinciteError as error:
            await reply_to(error)(scope, receive, send)


class _Visit:
    """One request that has a place."""

    def __init__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, body: Body) -> None:
        self._app, self._scope, self._receive, self._send, self._body = app, scope, receive, send, body
        self._token = Token()
        self._gone = asyncio.Event()
        self._started = self._answered = self._silent = False

    async def run(self, permits: Permits, limits: Limits) -> None:
        """Wait for a permit and work; comes back when the work has really ended."""
        watching = asyncio.ensure_future(self._watch())
        working = asyncio.ensure_future(self._work(permits))
        try:
            await asyncio.wait({watching, working}, timeout=limits.seconds, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                await self._give_up(working, limits, late=not watching.done())
            with suppress(asyncio.CancelledError):
                await working
        finally:
            watching.cancel()

    async def _work(self, permits: Permits) -> None:
        async with permits.working_on():
            self._started = True
            with cancelled_by(self._token):
                await self._app(self._scope, self._received, self._sent)

    async def _give_up(self, working: asyncio.Future[None], limits: Limits, *, late: bool) -> None:
        """Nobody waits any longer: tell so where there is somebody, and let what has not begun not begin."""
        self._token.cancel()
        self._silent = late and not self._answered
        if not self._started:
            working.cancel()
        if self._silent:
            error = TimedOut(f"This took longer than {limits.seconds:g} s.", seconds=limits.seconds)
            await reply_to(error)(self._scope, self._receive, self._send)

    async def _watch(self) -> None:
        """Until the sender has left."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone.set()

    async def _received(self) -> Message:
        if not self._body.finished:
            return self._body.message()
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _sent(self, message: Message) -> None:
        self._answered = True
        if not self._silent:
            await self._send(message)
