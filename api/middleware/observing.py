"""The outermost middleware: gives each request its id, and tells log, metrics and traces how it went.

The id is the client's own (`X-Request-ID`) where it can be logged; either way the reply carries it. Only the route's
pattern is told, not the address, which may hold a question.
"""

from __future__ import annotations

import logging
import time
from contextlib import nullcontext

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.observing.logs import REQUEST_ID, request_id
from api.observing.metrics import Metrics
from api.observing.tracing import Tracing

log = logging.getLogger("pincite.requests")

QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked all the time by machines: counted, but not logged when all is well."""


class Observing:
    """Watches every request.

    Args:
        app: what is behind.
        metrics: what counts.
        tracing: what makes spans, if anything.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, tracing: Tracing | None) -> None:
        self._app, self._metrics, self._tracing = app, metrics, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and tell how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = request_id(Headers(scope=scope).get("x-request-id"))
        scope.setdefault("state", {})["request_id"] = identity
        before = REQUEST_ID.set(identity)
        status, begun = 0, time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = identity
            await send(message)

        try:
            with self._tracing.request(scope, identity) if self._tracing else nullcontext() as end:
                await self._app(scope, receive, watched)
                if end:
                    end(route_of(scope), status or LEFT)
        except Exception as error:
            status = 500
            log.error("%s failed", route_of(scope), exc_info=error)  # noqa: TRY400 - the error goes on its way
            raise
        finally:
            self._tell(scope, status or LEFT, time.perf_counter() - begun)
            REQUEST_ID.reset(before)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_of(scope)
        self._metrics.request(scope["method"], route, status, seconds)
        if route in QUIET and status < 500:
            return
        access = scope.get("state", {}).get("access")
        key = access.caller.id if access else ""
        facts = {"method": scope["method"], "route": route, "status": status, "milliseconds": round(1000 * seconds, 1)}
        log.info("%(method)s %(route)s %(status)d in %(milliseconds).1f ms", facts, extra=facts | {"key_id": key})


LEFT = 499
"""What is told of a request whose sender left before it was answered; nginx's number for it."""


def route_of(scope: Scope) -> str:
    """The pattern of the route that took the request; `other` where none did."""
    return getattr(scope.get("route"), "path", "other")
