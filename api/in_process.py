"""A library in this process, with the methods and the answers of the client (`api.client.Pincite`).

Whoever takes either, such as the command line and the retrievers, need not know which it is. Everything goes through
the shapes of the HTTP service, so that the answers are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self, Unpack

from api.plain.decoding import decoded
from api.plain.options import SearchOptions, search_body
from api.plain.shapes import Answer, Article, ArticleCard, ArticlePage, Check, Deletion, Status
from api.service import Service
from api.settings import Settings
from api.wire.answers import AnswerOut, CheckOut
from api.wire.articles import ArticleCardOut, ArticleOut, StatusOut
from api.wire.questions import SearchIn
from index.errors import ArticleNotFound


class InProcess:
    """A library opened here. Safe to use from several threads; close it when done, it is a context manager.

    Args:
        service: an open service; it is closed with this.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    @classmethod
    def open(cls, library: str | Path | None = None, settings: Settings | None = None) -> Self:
        """Open a library.

        Args:
            library: its folder; what the settings say if not given.
            settings: those of the environment if not given.

        Raises:
            LibraryMissing: there is no such library.
        """
        chosen = settings or Settings.from_environment()
        return cls(Service.open(chosen.with_values(library=library)))

    def search(self, query: str, **options: Unpack[SearchOptions]) -> Answer:
        """See `Pincite.search`."""
        asked = SearchIn.checked(search_body(query, options)).to_query()
        return decoded(Answer, AnswerOut.of(self._service.search(asked)).model_dump(mode="json"))

    def articles(self, page_size: int = 100) -> Iterator[ArticleCard]:
        """See `Pincite.articles`."""
        cursor: str | None = None
        while True:
            page = self.article_page(cursor, page_size)
            yield from page.articles
            if not (cursor := page.next_cursor):
                return

    def article_page(self, cursor: str | None = None, limit: int = 100) -> ArticlePage:
        """See `Pincite.article_page`."""
        articles, following = self._service.articles(cursor, limit)
        cards = [ArticleCardOut.of(article).model_dump(mode="json") for article in articles]
        return decoded(ArticlePage, {"articles": cards, "next_cursor": following})

    def article(self, article_id: str) -> Article:
        """See `Pincite.article`."""
        return decoded(Article, ArticleOut.of(self._service.article(article_id)).model_dump(mode="json"))

    def delete(self, *article_ids: str) -> Deletion:
        """See `Pincite.delete`; here all of them go in one step."""
        receipt = self._service.delete(list(article_ids))
        if not receipt.deleted:
            raise ArticleNotFound(f"There is no article {', '.join(map(repr, article_ids))} in this library.")
        return Deletion(receipt.deleted, receipt.generation)

    def verify(self, citation_id: str) -> Check:
        """See `Pincite.verify`."""
        return decoded(Check, CheckOut.of(self._service.check(citation_id)).model_dump(mode="json"))

    def status(self) -> Status:
        """See `Pincite.status`."""
        state = StatusOut.of(self._service.status(), self._service.model, self._service.hardware())
        return decoded(Status, state.model_dump(mode="json"))

    def close(self) -> None:
        """Close the library."""
        self._service.close()

    def __enter__(self) -> Self:
        """The library itself; it is closed at the end of the block."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
