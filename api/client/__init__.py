"""The Python client: a running Pincite, asked over HTTP.

    from api.client import Pincite

    with Pincite("http://127.0.0.1:8000") as pincite:
        for hit in pincite.search("Who warned that two percent is not enough?", limit=3).hits:
            print(hit.citation.quote, hit.citation.url)

`AsyncPincite` is the same with ``await``. Importing this imports httpx, and no model, no library and no pydantic.
"""

from api.client.asynchronous import AsyncPincite
from api.client.synchronous import Pincite
from api.plain.options import SearchOptions
from api.plain.shapes import (
    Answer,
    Article,
    ArticleCard,
    ArticlePage,
    Check,
    Citation,
    Deletion,
    Fate,
    Fates,
    Hit,
    Status,
)

__all__ = [
    "Answer",
    "Article",
    "ArticleCard",
    "ArticlePage",
    "AsyncPincite",
    "Check",
    "Citation",
    "Deletion",
    "Fate",
    "Fates",
    "Hit",
    "Pincite",
    "SearchOptions",
    "Status",
]
