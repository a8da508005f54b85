"""What became of articles, as it is sent."""

from __future__ import annotations

from collections.abc import Sequence

from api.payload import as_error
from api.service import Service
from api.wire.articles import FateOut, FatesOut
from index.ingest import Outcome, Summary


def fates(service: Service, outcomes: Sequence[Outcome]) -> FatesOut:
    """All of a request."""
    summary = Summary()
    for outcome in outcomes:
        summary.add(outcome)
    state = service.status()
    return FatesOut(
        results=[fate(place, outcome) for place, outcome in enumerate(outcomes)],
        counts={kind: count for kind, count in summary.counts.items() if count},
        generation=state.generation,
        passages_without_vectors=state.passages_without_vectors,
    )


def fate(place: int, outcome: Outcome) -> FateOut:
    """One of them; `place` is its place in the request."""
    error = as_error(outcome.error) if outcome.error else None
    return FateOut(index=place, status=outcome.fate, id=outcome.article_id, passages=outcome.passages, error=error)
