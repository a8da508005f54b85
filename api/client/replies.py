"""What a reply means: what it holds, which error it is, and whether and when to ask again. Sends nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx

from api.client.calls import Call
from api.plain.decoding import decoded
from index.errors import PinciteError, ServerError, Unreachable, Unreadable

T = TypeVar("T")

LONGEST_WAIT = 60.0
"""Seconds; a server that wants to be left alone for longer is told to the caller as an error at once."""
FIRST_WAIT = 0.25
"""Seconds, doubled from try to try, where the server does not say how long."""

_WAITING = {429, 503}
# Waiting mends none of these.
_LASTING = {"library_missing", "library_newer", "library_damaged", "model_error", "model_unknown", "model_changed"}


def result_of(call: Call[T], reply: httpx.Response) -> T:
    """What the reply holds.

    Raises:
        PinciteError: the server answered with an error: ours by its code, or `ServerError`.
    """
    if reply.is_error:
        raise error_of(reply)
    try:
        value = reply.json()
        return value if call.gives is dict else decoded(call.gives, value)
    except ValueError as error:
        message = f"{reply.url} does not answer as Pincite does ({error}). Is another service there?"
        raise ServerError(message, status=reply.status_code) from error


def error_of(reply: httpx.Response) -> PinciteError:
    """The error that a reply is."""
    try:
        told = reply.json()["error"]
        code, message, detail = str(told["code"]), str(told["message"]), dict(told["detail"])
    except (ValueError, KeyError, TypeError):
        message = f"{reply.url} answers {reply.status_code} ({reply.reason_phrase})."
        return ServerError(message, status=reply.status_code)
    return known_error(code, message, {"status": reply.status_code, **detail} if code not in _KINDS else detail)


def known_error(code: str, message: str, detail: Mapping[str, Any]) -> PinciteError:
    """The error of this code, as its own class where there is one."""
    kind = _KINDS.get(code, ServerError)
    if kind is Unreadable:
        record = detail.get("record")
        return Unreadable(str(detail["reason"]), origin=str(detail["origin"]), record=record)
    return kind(message, **({**detail, "code": code} if kind is ServerError else detail))


def _kinds(of: type[PinciteError]) -> Iterator[tuple[str, type[PinciteError]]]:
    yield of.code, of
    for kind in of.__subclasses__():
        yield from _kinds(kind)


_KINDS = dict(_kinds(PinciteError))


def wait_before_asking_again(reply: httpx.Response, tries: int) -> float | None:
    """How many seconds to wait after the try of this number, from 0; None where asking again is of no use."""
    if reply.status_code not in _WAITING or _code(reply) in _LASTING:
        return None
    told = _told(reply.headers.get("retry-after"))
    seconds = FIRST_WAIT * 2**tries * random.uniform(0.75, 1.25) if told is None else told  # noqa: S311 - to spread
    return seconds if seconds <= LONGEST_WAIT else None


def _code(reply: httpx.Response) -> Any:
    try:
        return reply.json()["error"]["code"]
    except (ValueError, KeyError, TypeError):
        return None


def _told(header: str | None) -> float | None:
    """Seconds from a `Retry-After`, which is a number of them or a date."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def unreachable(server: str, error: httpx.TransportError) -> Unreachable:
    """What went wrong on the way, in words."""
    if isinstance(error, httpx.TimeoutException):
        return Unreachable(f"{server} did not answer in time. Is it busy, or the time-out too short?", server=server)
    reason = str(error) or type(error).__name__
    return Unreachable(f"{server} cannot be reached ({reason}). Is `pincite serve` running there?", server=server)
