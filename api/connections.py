"""Connections, before anything of HTTP is known: how many there may be, and how long one may hold its place.

uvicorn waits for ever for a request that never comes whole, and for a reader who never reads; here such a connection is
closed, so that strangers who open many and say nothing keep nobody out. What cannot be read as HTTP is answered in the
one error shape, and so is what two readers may take for two different things. Knows nothing of keys, routes or permits.
"""

from __future__ import annotations

import asyncio
import json
import resource
import time
from http import HTTPStatus
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.failures import headers_of, shape_of, status_of
from index.errors import BodyTooSlow, InvalidInput, PinciteError, TooManyRequests

HEAD_SECONDS = 20
"""A request's head must be here so long after its connection was made, or after its first byte on an older one."""

STALLED_SECONDS = 60
"""A reply of which nothing was taken for so long is thrown away."""

LOOK_SECONDS = 5
LARGEST_HEAD = 2**16
"""The most bytes of a head that has not come to its end."""

MOST = 4096
FILES = 512
"""Open files that are left for the libraries, whatever the number of connections."""


class Reader(h11.Connection):
    """Reads HTTP, and refuses a request whose end is told twice, by a length and by chunks: a proxy before us may go by
    the other one, and would let through what is hidden in the body as a request of its own (RFC 9112, 6.3)."""

    def next_event(self) -> Any:
        """The next event, as h11 has it."""
        event = super().next_event()
        if isinstance(event, h11.Request):
            told = {name for name, _ in event.headers} & {b"content-length", b"transfer-encoding"}
            if len(told) == 2:
                raise h11.RemoteProtocolError("both Content-Length and Transfer-Encoding")
        return event


class Connection(H11Protocol):
    """One connection, looked at every few seconds."""

    most = MOST

    def __init__(self, config: uvicorn.Config, *more: Any, **named: Any) -> None:
        super().__init__(config, *more, **named)
        self.conn = Reader(h11.SERVER, LARGEST_HEAD)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, if there is one."""
        super().connection_made(transport)
        self._idle_since = self._moved_at = time.monotonic()
        self._unsent = 0
        self._looking = self.loop.call_later(LOOK_SECONDS, self._look)
        if len(self.connections) > self.most:
            message = "Too many connections are open. Come again in a second."
            self._refuse(TooManyRequests(message, retry_after_seconds=1))

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self._looking.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came; a connection that is being closed takes nothing more."""
        if self.transport.is_closing():
            return
        if not self._busy and self.timeout_keep_alive_task is not None:
            self._idle_since = time.monotonic()  # the first bytes of a further request
        super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Say in the one error shape that this is no HTTP."""
        del msg
        self._refuse(InvalidInput("This is no HTTP request that can be read, or its head is too large."), 400)

    def _should_upgrade(self) -> bool:
        return False

    @property
    def _busy(self) -> bool:
        """Whether a request is being answered, or its body is being waited for, for which there are other limits."""
        return self.cycle is not None and not self.cycle.response_complete

    def _look(self) -> None:
        now = time.monotonic()
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent != self._unsent:
            self._unsent, self._moved_at = unsent, now
        if self._busy:
            self._idle_since = now
        if unsent and now - self._moved_at >= STALLED_SECONDS:
            self.transport.abort()
        elif not self._busy and self.timeout_keep_alive_task is None and now - self._idle_since >= HEAD_SECONDS:
            self._refuse(BodyTooSlow("The request came too slowly."))
        self._looking = self.loop.call_later(LOOK_SECONDS, self._look)

    def _refuse(self, error: PinciteError, status: int | None = None) -> None:
        """Answer what is no request to the application, and close."""
        if not (self._busy and self.cycle.response_started):
            self.transport.write(_reply(error, status or status_of(error)))
        self.transport.close()


def _reply(error: PinciteError, status: int) -> bytes:
    body = json.dumps(shape_of(error)).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body)), "connection": "close"}
    head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    head += [f"{name}: {value}" for name, value in {**headers, **headers_of(error)}.items()]
    return "\r\n".join([*head, "", ""]).encode() + body


def server_for(app: ASGIApp, **more: Any) -> uvicorn.Server:
    """The server of an application; `more` are settings of uvicorn's own.

    As many connections are kept as there may be open files, some left for the libraries, and 4,096 at most.
    """
    Connection.most = min(MOST, max(_files() - FILES, 16))
    return uvicorn.Server(uvicorn.Config(app, http=Connection, ws="none", access_log=False, **more))


def _files() -> int:
    """How many files this process may have open, once it may have as many as it is allowed to."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST + FILES if hard == resource.RLIM_INFINITY else min(hard, MOST + FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        return most
    return most if soft == resource.RLIM_INFINITY else soft
