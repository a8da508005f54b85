"""The client that waits. What is sent is `calls`', what a reply means is `replies`'."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar, Unpack

import httpx

from api.client import calls, connection
from api.client.calls import Call
from api.client.connection import DEFAULT_SERVER, SECONDS
from api.client.replies import result_of, unreachable, wait_before_asking_again
from api.plain.options import SearchOptions
from api.plain.shapes import Answer, Article, ArticleCard, ArticlePage, Check, Deletion, Fates, Status
from index.errors import ArticleNotFound

T = TypeVar("T")


class Pincite:
    """A running Pincite. Safe to use from several threads; close it when done, it is a context manager.

    Every method raises `index.errors.PinciteError`: the server's own error by its code, `Unreachable` where there is no
    answer, `ServerError` for one that is unknown here.

    Args:
        server: the address of `pincite serve`.
        api_key: a key, where the server wants one.
        collection: the collection to use, where the server has several.
        timeout: seconds to wait for a reply; storing may take half an hour.
        retries: how often to ask again when the server is busy (429, 503), after as long as it says.
        transport: how requests are sent, for tests.

    Raises:
        InvalidSetting: the server's address is none.
    """

    def __init__(
        self,
        server: str = DEFAULT_SERVER,
        *,
        api_key: str | None = None,
        collection: str | None = None,
        timeout: float = SECONDS,
        retries: int = 3,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._server, self._retries = server, retries
        self._http = httpx.Client(transport=transport, **connection.options(server, api_key, collection, timeout))

    def search(self, query: str, **options: Unpack[SearchOptions]) -> Answer:
        """The answer to a question; `SearchOptions` says what may be chosen."""
        return self._call(calls.search(query, options))

    def add(self, articles: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> Fates:
        """Store articles: ``text`` or ``html``, and any of ``id, title, url, source, author, published, language,
        tags``; other keys are kept as metadata. One that cannot be used is an error; among several it is rejected."""
        return self._call(calls.add(articles))

    def upload(self, *files: Path | tuple[str, bytes]) -> Fates:
        """Store the articles in files of every format that `pincite index` reads, by path, or by name and content."""
        return self._call(calls.upload(files))

    def articles(self, page_size: int = 100) -> Iterator[ArticleCard]:
        """All articles by id, without their texts, asked for page by page."""
        cursor: str | None = None
        while True:
            page = self.article_page(cursor, page_size)
            yield from page.articles
            if not (cursor := page.next_cursor):
                return

    def article_page(self, cursor: str | None = None, limit: int = 100) -> ArticlePage:
        """One page of the list of articles."""
        return self._call(calls.articles(cursor, limit))

    def article(self, article_id: str) -> Article:
        """One article with its text."""
        return self._call(calls.article(article_id))

    def delete(self, *article_ids: str) -> Deletion:
        """Delete articles, one after the other. Those that are not there are passed over.

        Raises:
            ArticleNotFound: none of them is there.
        """
        generations: list[int] = []
        missing: ArticleNotFound | None = None
        for article_id in article_ids:
            try:
                generations.append(self._call(calls.delete(article_id))["generation"])
            except ArticleNotFound as error:
                missing = error
        if missing and not generations:
            raise missing
        return Deletion(len(generations), max(generations, default=0))

    def verify(self, citation_id: str) -> Check:
        """Whether a cited quote still stands."""
        return self._call(calls.verify(citation_id))

    def status(self) -> Status:
        """What the library holds and in what state it is."""
        return self._call(calls.status())

    def _call(self, call: Call[T]) -> T:
        for tries in range(self._retries + 1):
            reply = self._send(call)
            seconds = wait_before_asking_again(reply, tries)
            if seconds is None or tries == self._retries:
                break
            time.sleep(seconds)
        return result_of(call, reply)

    def _send(self, call: Call[Any]) -> httpx.Response:
        try:
            return self._http.request(call.method, call.path, **call.more)
        except httpx.TransportError as error:
            raise unreachable(self._server, error) from error

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        """The client itself; it is closed at the end of the block."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
