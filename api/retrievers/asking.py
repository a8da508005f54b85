"""What the retrievers share: whom they ask, and what a hit says of itself. Knows no framework."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol, Unpack

from api.client import AsyncPincite, Pincite
from api.client.connection import DEFAULT_SERVER
from api.plain.options import SearchOptions
from api.plain.shapes import Answer, Hit


class Searcher(Protocol):
    """Whatever answers questions: `api.client.Pincite` or `api.in_process.InProcess`."""

    def search(self, query: str, **options: Unpack[SearchOptions]) -> Answer:
        """The answer to a question."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to ask: `pincite` where that is given, else the server. A connection lasts for one question, so that any
    thread and any event loop may ask."""

    server: str = DEFAULT_SERVER
    api_key: str | None = None
    collection: str | None = None
    pincite: Searcher | None = None

    def search(self, query: str, options: Mapping[str, Any]) -> Answer:
        """The answer."""
        if self.pincite:
            return self.pincite.search(query, **options)
        with Pincite(self.server, api_key=self.api_key, collection=self.collection) as client:
            return client.search(query, **options)

    async def search_async(self, query: str, options: Mapping[str, Any]) -> Answer:
        """The answer, without holding up the event loop."""
        if self.pincite:
            return await asyncio.to_thread(self.search, query, options)
        async with AsyncPincite(self.server, api_key=self.api_key, collection=self.collection) as client:
            return await client.search(query, **options)


def metadata_of(hit: Hit) -> dict[str, Any]:
    """What a hit says of itself, JSON-compatible.

    ``source`` is the address or the id, as frameworks name it; the outlet stands in ``citation``, with everything that
    is needed to check the quote.
    """
    cited = hit.citation
    return {
        "source": cited.url or cited.article_id,
        "title": cited.title,
        "published": cited.published,
        "score": hit.score,
        "citation": asdict(cited),
        "also_reported_by": [asdict(other) for other in hit.also_reported_by],
    }
