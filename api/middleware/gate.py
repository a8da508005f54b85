"""The gate that every request passes before anything of it is read: whose key is it, and how often does it ask?

Plain ASGI. It leaves an `Access` in the request's state for routes and mounted applications alike; what a scope is
needed for is said where the route is.
"""

from __future__ import annotations

import base64

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access import NOBODY, Access, access_of, key_required
from api.collections import Collections
from api.keys import KeyRing
from api.middleware.rates import Rates
from api.page.paths import is_page
from api.replies import reply_to
from index.errors import KeyRequired, PinciteError

PUBLIC_PATHS = frozenset({"/healthz", "/readyz", "/openapi.json", "/slack/commands", "/slack/interactions"})
"""Answered without a key, with an `Access` that reaches nothing. What Slack asks is signed; its routes check that."""


class Gate:
    """Finds out who asks, counts, and lets in.

    Args:
        app: what is behind the gate.
        keys: the keys in use; None where everybody may do everything.
        collections: what there is to reach.
        rates: how often each key may ask.
    """

    def __init__(self, app: ASGIApp, keys: KeyRing | None, collections: Collections, rates: Rates) -> None:
        self._app, self._keys, self._collections, self._rates = app, keys, collections, rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            access = self._access(scope)
            if access.caller.id:
                self._rates.take(access.caller.id)
        except PinciteError as error:
            await reply_to(error)(scope, receive, send)
            return
        scope.setdefault("state", {})["access"] = access
        await self._app(scope, receive, send)

    def _access(self, scope: Scope) -> Access:
        """What the request may reach. Pages are shown to everybody: without a good key, where to log in."""
        shown = is_page(scope["path"])
        try:
            access = access_of(presented(Headers(scope=scope)), self._keys, self._collections)
        except KeyRequired:
            if not shown:
                raise
            access = access_of(None, self._keys, self._collections)
        if access.caller == NOBODY and not shown and scope["path"] not in PUBLIC_PATHS:
            raise key_required()
        return access


def presented(headers: Headers) -> str | None:
    """The key that came with a request: as a bearer's, in `X-API-Key`, or as the password of HTTP's basic scheme, which
    browsers ask for by themselves."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip()
        case "basic":
            return _password(value)
        case _:
            return headers.get("x-api-key")


def _password(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except ValueError:  # no base64, not even ASCII, or no UTF-8 in it
        return ""
