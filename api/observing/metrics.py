"""Figures of a running server in Prometheus' format.

Counters and times are kept as things happen; what a library holds is asked when the figures are. Labels are routes,
collections and stages, never ids or texts, so that their number is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.collections import Collections
from api.middleware.permits import Kind, Permits
from index.errors import PinciteError
from index.ingest import Fate

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The figures of one application, apart from those of any other in this process.

    Args:
        collections: whose sizes are told.
        permits: the permits of each kind of request.
    """

    def __init__(self, collections: Collections, permits: Mapping[Kind, Permits]) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = _count("pincite_requests", "Requests answered.", ("method", "route", "status"), registry)
        self._seconds = _times("pincite_request_seconds", "Time requests took, with waiting.", ("route",), registry)
        self._stages = _times("pincite_stage_seconds", "Time stages took.", ("collection", "stage"), registry)
        self._embedded = _count("pincite_embedded_passages", "Passages embedded.", ("collection",), registry)
        self._embedding = _count("pincite_embedding_seconds", "Time embedding took.", ("collection",), registry)
        self._articles = _count("pincite_articles_given", "Articles by their fate.", ("collection", "fate"), registry)
        registry.register(_Now(collections, permits))
        ProcessCollector(namespace="pincite", registry=registry)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered. `route` is its pattern, not its address."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def of(self, collection: str) -> Watching:
        """What watches the service of a collection."""
        return Watching(collection, self._stages, self._embedded, self._embedding, self._articles)

    def told(self) -> bytes:
        """All figures as they are now."""
        return generate_latest(self._registry)


class Watching:
    """Counts what one service does."""

    def __init__(
        self, collection: str, stages: Histogram, embedded: Counter, embedding: Counter, articles: Counter
    ) -> None:
        self._name, self._stages, self._articles = collection, stages, articles
        self._embedded, self._embedding = embedded.labels(collection), embedding.labels(collection)

    def answered(self, timings_ms: Mapping[str, float]) -> None:
        """See `Observer`."""
        for stage, milliseconds in timings_ms.items():
            self._stages.labels(self._name, stage).observe(milliseconds / 1000)

    def embedded(self, passages: int, seconds: float) -> None:
        """See `Observer`."""
        self._embedded.inc(passages)
        self._embedding.inc(seconds)

    def stored(self, fate: Fate) -> None:
        """See `Observer`."""
        self._articles.labels(self._name, fate).inc()


class _Now(Collector):
    """What is so at the moment."""

    def __init__(self, collections: Collections, permits: Mapping[Kind, Permits]) -> None:
        self._collections, self._permits = collections, permits

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: asking libraries while the application is made would be too soon."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Permits, and the libraries that are open."""
        yield _gauge("pincite_permits", "How many may be worked on.", "kind", self._each(lambda one: one.most))
        yield _gauge("pincite_permits_used", "How many are worked on.", "kind", self._each(lambda one: one.working))
        yield _gauge("pincite_queue", "How many wait, or still send.", "kind", self._each(lambda one: one.waiting))
        yield _gauge("pincite_queue_places", "How many may wait.", "kind", self._each(lambda one: one.queue))
        yield from self._libraries()

    def _each(self, figure: Callable[[Permits], int]) -> dict[str, float]:
        return {str(kind): figure(permits) for kind, permits in self._permits.items()}

    def _libraries(self) -> Iterable[Metric]:
        articles = GaugeMetricFamily("pincite_articles", "Articles held.", labels=("collection",))
        passages = GaugeMetricFamily("pincite_passages", "Passages held.", labels=("collection",))
        generation = GaugeMetricFamily("pincite_generation", "How often the library changed.", labels=("collection",))
        behind = GaugeMetricFamily(
            "pincite_derived_behind", "How many generations a derived part is behind.", labels=("collection", "part")
        )
        readable = GaugeMetricFamily("pincite_library_readable", "Whether it can be read.", labels=("collection",))
        for name, service in self._collections.opened().items():
            try:
                status = service.status()
            except PinciteError:
                readable.add_metric((name,), 0)
                continue
            readable.add_metric((name,), 1)
            articles.add_metric((name,), status.articles)
            passages.add_metric((name,), status.passages)
            generation.add_metric((name,), status.generation)
            for part, generations in status.derived.items():
                behind.add_metric((name, part), generations)
        return (articles, passages, generation, behind, readable)


def _count(name: str, about: str, labels: tuple[str, ...], registry: CollectorRegistry) -> Counter:
    return Counter(name, about, labels, registry=registry)


def _times(name: str, about: str, labels: tuple[str, ...], registry: CollectorRegistry) -> Histogram:
    return Histogram(name, about, labels, buckets=SECONDS, registry=registry)


def _gauge(name: str, about: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=(label,))
    for value, figure in values.items():
        family.add_metric((value,), figure)
    return family
