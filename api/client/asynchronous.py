"""The client for asyncio. What is sent is `calls`', what a reply means is `replies`'."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
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


class AsyncPincite:
    """`Pincite` with ``await``: the same arguments, methods and errors. Close it when done, it is a context manager."""

    def __init__(
        self,
        server: str = DEFAULT_SERVER,
        *,
        api_key: str | None = None,
        collection: str | None = None,
        timeout: float = SECONDS,
        retries: int = 3,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._server, self._retries = server, retries
        self._http = httpx.AsyncClient(transport=transport, **connection.options(server, api_key, collection, timeout))

    async def search(self, query: str, **options: Unpack[SearchOptions]) -> Answer:
        """The answer to a question; `SearchOptions` says what may be chosen."""
        return await self._call(calls.search(query, options))

    async def add(self, articles: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> Fates:
        """Store articles: ``text`` or ``html``, and any of ``id, title, url, source, author, published, language,
        tags``; other keys are kept as metadata. One that cannot be used is an error; among several it is rejected."""
        return await self._call(calls.add(articles))

    async def upload(self, *files: Path | tuple[str, bytes]) -> Fates:
        """Store the articles in files of every format that `pincite index` reads, by path, or by name and content."""
        return await self._call(calls.upload(files))

    async def articles(self, page_size: int = 100) -> AsyncIterator[ArticleCard]:
        """All articles by id, without their texts, asked for page by page."""
        cursor: str | None = None
        while True:
            page = await self.article_page(cursor, page_size)
            for card in page.articles:
                yield card
            if not (cursor := page.next_cursor):
                return

    async def article_page(self, cursor: str | None = None, limit: int = 100) -> ArticlePage:
        """One page of the list of articles."""
        return await self._call(calls.articles(cursor, limit))

    async def article(self, article_id: str) -> Article:
        """One article with its text."""
        return await self._call(calls.article(article_id))

    async def delete(self, *article_ids: str) -> Deletion:
        """Delete articles, one after the other. Those that are not there are passed over.

        Raises:
            ArticleNotFound: none of them is there.
        """
        generations: list[int] = []
        missing: ArticleNotFound | None = None
        for article_id in article_ids:
            try:
                generations.append((await self._call(calls.delete(article_id)))["generation"])
            except ArticleNotFound as error:
                missing = error
        if missing and not generations:
            raise missing
        return Deletion(len(generations), max(generations, default=0))

    async def verify(self, citation_id: str) -> Check:
        """Whether a cited quote still stands."""
        return await self._call(calls.verify(citation_id))

    async def status(self) -> Status:
        """What the library holds and in what state it is."""
        return await self._call(calls.status())

    async def _call(self, call: Call[T]) -> T:
        for tries in range(self._retries + 1):
            reply = await self._send(call)
            seconds = wait_before_asking_again(reply, tries)
            if seconds is None or tries == self._retries:
                break
            await asyncio.sleep(seconds)
        return result_of(call, reply)

    async def _send(self, call: Call[Any]) -> httpx.Response:
        try:
            return await self._http.request(call.method, call.path, **call.more)
        except httpx.TransportError as error:
            raise unreachable(self._server, error) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        """The client itself; it is closed at the end of the block."""
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()
