"""Facets: what a search could be narrowed to, and how many articles would be left.

Counts are of the articles that pass the filters, not of hits: by meaning every passage matches a question a little.
Knows no question; a typed text's own filters come in as filters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.library.contract import Facet, FacetField, Filters, Snapshot

Facets = dict[FacetField, list[Facet]]


def facets(snapshot: Snapshot, filters: Filters, fields: Sequence[FacetField], limit: int) -> Facets:
    """The commonest values of each field, up to `limit` each.

    What the filters say of a field itself is left out where that field is counted, so that the alternatives to what is
    chosen are seen; what is in their `also` holds for all.
    """
    return {field: snapshot.facets(field, _beside(field, filters), limit) for field in fields}


def _beside(field: FacetField, filters: Filters) -> Filters:
    """The filters but for what they say of this field."""
    match field:
        case "source":
            return replace(filters, sources=())
        case "language":
            return replace(filters, languages=())
        case "tag":
            return replace(filters, tags=())
        case "author":
            return replace(filters, authors=())
        case "month":
            return replace(filters, published_after=None, published_before=None)
