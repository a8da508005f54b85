"""HTTP methods: HEAD is answered as GET is, and what an address takes is told where it does not take what was asked.

The routes know nothing of HEAD, so the OpenAPI document tells of none. Every server leaves the body out by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

METHODS = ("GET", "POST", "PUT", "DELETE")
"""What routes take."""


class Heads:
    """Asks what is behind for GET where somebody asks for HEAD; log and metrics, which are in front, tell of HEAD.

    Args:
        app: what is behind.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        asked = {**scope, "method": "GET"}
        try:
            await self._app(asked, receive, send)
        finally:
            scope.update({**asked, "method": "HEAD"})  # which route it was


def allowed(routes: Sequence[BaseRoute], scope: Scope) -> str:
    """The methods that an address takes, as `Allow` lists them."""

    def found() -> Iterator[str]:
        for method in METHODS:
            asked = {"type": "http", "method": method, "headers": []} | {
                name: scope.get(name, "") for name in ("path", "root_path")
            }
            if any(route.matches(dict(asked))[0] is Match.FULL for route in routes):
                yield method

    methods = list(found())
    return ", ".join([*methods, *(["HEAD"] if "GET" in methods else [])])
