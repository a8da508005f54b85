"""Traces for OpenTelemetry: a span a request, with one below it for each stage of an answer.

An extra: without it, and without an address to send traces to, there are none and nothing is imported. A span
says which route, status and collection it was and the request's id; no address, no text.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Scope

from index.errors import MissingExtra
from index.ingest import Fate


class Tracing:
    """Makes spans and hands them to an exporter.

    Args:
        provider: OpenTelemetry's `TracerProvider`.
    """

    def __init__(self, provider: Any) -> None:
        from opentelemetry import propagate, trace  # noqa: PLC0415 - an extra

        self._provider, self._trace, self._propagate = provider, trace, propagate
        self._tracer = provider.get_tracer("pincite")

    @classmethod
    def to(cls, address: str) -> Tracing:
        """Traces that are sent to an OTLP address, such as ``http://127.0.0.1:4318/v1/traces``.

        Raises:
            MissingExtra: OpenTelemetry is not installed.
        """
        if find_spec("opentelemetry.sdk") is None or find_spec("opentelemetry.exporter.otlp.proto.http") is None:
            raise MissingExtra("Tracing needs OpenTelemetry: pip install 'pincite[tracing]'", extra="tracing")
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        provider = TracerProvider(resource=Resource.create({"service.name": "pincite"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address)))
        return cls(provider)

    @contextmanager
    def request(self, scope: Scope, identity: str) -> Iterator[Callable[[str, int], None]]:
        """A span around a request, below the one that its headers name; call what it gives with route and status."""
        context = self._propagate.extract(Headers(scope=scope))
        method = scope["method"]
        kind = self._trace.SpanKind.SERVER
        with self._tracer.start_as_current_span(method, context=context, kind=kind, record_exception=False) as span:
            span.set_attributes({"http.request.method": method, "pincite.request_id": identity})

            def end(route: str, status: int) -> None:
                span.update_name(f"{method} {route}")
                span.set_attributes({"http.route": route, "http.response.status_code": status})
                if status >= 500:
                    span.set_status(self._trace.StatusCode.ERROR)

            yield end

    def of(self, collection: str) -> Stages:
        """What watches the service of a collection."""
        return Stages(collection, self._tracer)

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


class Stages:
    """Makes spans of what one service tells, below the span of the request."""

    def __init__(self, collection: str, tracer: Any) -> None:
        self._collection, self._tracer = collection, tracer

    def answered(self, timings_ms: Mapping[str, float]) -> None:
        """Stages follow each other, so each begins where the one before ended."""
        end = time.time_ns()
        begin = end - int(1e6 * timings_ms.get("total", 0))
        for stage, milliseconds in timings_ms.items():
            if stage != "total":
                begin = self._span(f"search.{stage}", begin, milliseconds / 1000)

    def embedded(self, passages: int, seconds: float) -> None:
        """One span for what was embedded at once."""
        self._span("index.embed", time.time_ns() - int(1e9 * seconds), seconds, passages=passages)

    def stored(self, fate: Fate) -> None:
        """Nothing: that is counted, not timed."""

    def _span(self, name: str, begin: int, seconds: float, **attributes: int) -> int:
        end = begin + int(1e9 * seconds)
        told = {"pincite.collection": self._collection, **attributes}
        self._tracer.start_span(name, start_time=begin, attributes=told).end(end)
        return end
