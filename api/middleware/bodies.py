"""Reading a request's body before anything is done with it: whole, within its limit, and not at a trickle.

What is being read costs a little memory and, past a mebibyte, a temporary file; only when it is all there does the
request compete for a permit. So a slow sender holds nothing that others need.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from typing import IO, Self

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from index.errors import BodyTooSlow, InvalidInput, TooLarge

IN_MEMORY = 2**20
CHUNK = 2**16
PLAIN = ("identity", "")
"""The codings in which a body comes as it is. Others could make a small body very large."""
BYTES_PER_SECOND = 2**14
"""A body may take the time-out, and a second more for so many bytes that came."""


class Gone(Exception):
    """Whoever asked has left before all was sent."""


class Body:
    """A body that was read, to be handed to the application piece by piece. It is gone at the end of its block."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by __exit__
        self.size = 0
        self._left = 0

    def __enter__(self) -> Self:
        """The body itself."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._file.close()

    def add(self, chunk: bytes) -> None:
        """Add what came."""
        self._file.write(chunk)
        self.size += len(chunk)

    def rewind(self) -> None:
        """From the beginning."""
        self._file.seek(0)
        self._left = self.size

    @property
    def finished(self) -> bool:
        """Whether all of it was handed on; one message is always handed on."""
        return self._left < 0

    def message(self) -> Message:
        """The next piece as ASGI hands it on."""
        chunk = self._file.read(CHUNK)
        self._left -= len(chunk)
        more = self._left > 0
        if not more:
            self._left = -1
        return {"type": "http.request", "body": chunk, "more_body": more}


async def read_into(body: Body, scope: Scope, receive: Receive, most: int, seconds: float) -> None:
    """Read the whole body of a request.

    Args:
        body: takes it.
        scope: the request.
        receive: where the body comes from.
        most: how many bytes are read.
        seconds: how long a body may take, besides what its size allows.

    Raises:
        InvalidInput: it is packed.
        TooLarge: it is larger, whether it says so or not.
        BodyTooSlow: it came too slowly.
        Gone: the sender left.
    """
    headers = Headers(scope=scope)
    if (coding := headers.get("content-encoding", "identity").lower()) not in PLAIN:
        told = "The body is packed: Content-Encoding names a coding. Send it as it is."
        raise InvalidInput(told, field="Content-Encoding", coding=coding)
    announced = headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > most:
        raise _too_large(most)
    until, more = time.monotonic() + seconds, True
    while more:
        message = await _next(receive, until + body.size / BYTES_PER_SECOND)
        body.add(message.get("body", b""))
        if body.size > most:
            raise _too_large(most)
        more = message.get("more_body", False)
    body.rewind()


async def _next(receive: Receive, until: float) -> Message:
    try:
        message = await asyncio.wait_for(receive(), max(until - time.monotonic(), 0))
    except TimeoutError:
        raise BodyTooSlow("The request's body came too slowly.") from None
    if message["type"] == "http.disconnect":
        raise Gone
    return message


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"The request body is larger than {most:,} bytes. Send less at once.", limit_bytes=most)
