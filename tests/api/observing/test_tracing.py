"""Traces: a span a request below the caller's own, stages below it, and no text in any of them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from api.app import create_app
from api.observing.tracing import Tracing
from api.service import Service
from index.errors import MissingExtra
from tests.api.conftest import BRIDGE

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traced(service: Service, exporter: InMemorySpanExporter) -> Iterator[TestClient]:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with TestClient(create_app(service, tracing=Tracing(provider))) as client:
        client.post("/v1/articles", json=BRIDGE)
        exporter.clear()
        yield client


def named(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_a_request_is_a_span_below_the_callers_with_stages_below_it(
    traced: TestClient, exporter: InMemorySpanExporter
) -> None:
    headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-ID": "abc"}
    traced.get("/v1/search?q=harbour", headers=headers)
    found = named(exporter)
    request = found["GET /v1/search"]
    assert request.context is not None
    assert format(request.context.trace_id, "032x") == TRACE
    assert request.parent is not None
    assert format(request.parent.span_id, "016x") == PARENT
    assert dict(request.attributes or {}) == {
        "http.request.method": "GET",
        "http.route": "/v1/search",
        "http.response.status_code": 200,
        "pincite.request_id": "abc",
    }
    for stage in ("search.retrieve", "search.rerank", "search.cite"):
        span = found[stage]
        assert span.parent is not None
        assert span.parent.span_id == request.context.span_id
        assert dict(span.attributes or {}) == {"pincite.collection": "default"}
        assert span.start_time is not None
        assert span.end_time is not None
        assert span.end_time >= span.start_time


def test_storing_tells_how_many_passages_were_embedded(traced: TestClient, exporter: InMemorySpanExporter) -> None:
    traced.post("/v1/articles", json=BRIDGE | {"id": "second", "text": "Another bridge opens in the north."})
    assert named(exporter)["index.embed"].attributes == {"pincite.collection": "default", "passages": 1}


def test_no_span_holds_what_was_asked_or_sent(traced: TestClient, exporter: InMemorySpanExporter) -> None:
    traced.get("/v1/search?q=walrus")
    traced.post("/v1/articles", json=BRIDGE | {"text": "A walrus sings."})
    assert all("walrus" not in span.to_json() for span in exporter.get_finished_spans())
    assert len(exporter.get_finished_spans()) >= 5


def test_without_the_extra_an_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr("api.observing.tracing.find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"pip install 'pincite\[tracing\]'"):
        Tracing.to("http://127.0.0.1:4318/v1/traces")
