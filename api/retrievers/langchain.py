"""A LangChain retriever: ``pip install 'pincite[langchain]'``."""

from __future__ import annotations

from typing import Any, Unpack

from api.client.connection import DEFAULT_SERVER
from api.plain.options import SearchOptions
from api.plain.shapes import Answer
from api.retrievers.asking import Asked, metadata_of
from index.errors import MissingExtra

try:
    from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
    from pydantic import Field, SecretStr
except ImportError as error:
    raise MissingExtra("LangChain is not installed. Install it with: pip install 'pincite[langchain]'") from error


class PinciteRetriever(BaseRetriever):
    """Ranked passages as documents, each with its citation in ``metadata["citation"]``.

    Attributes:
        server: the address of a running `pincite serve`.
        api_key, collection: the key and the collection to use there.
        pincite: an open `api.in_process.InProcess` or `api.client.Pincite` to ask instead; it stays open.
        k: how many documents.
        options: what else `api.plain.options.SearchOptions` offers. `invoke` takes it too, and `k`.
    """

    server: str = DEFAULT_SERVER
    api_key: SecretStr | None = None
    collection: str | None = None
    pincite: Any = Field(default=None, exclude=True)
    k: int = 10
    options: dict[str, Any] = Field(default_factory=dict)

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - LangChain gives it
        k: int | None = None,
        **options: Unpack[SearchOptions],
    ) -> list[Document]:
        return _documents(self._asked().search(query, self.options | options | {"limit": k or self.k}))

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,  # noqa: ARG002
        k: int | None = None,
        **options: Unpack[SearchOptions],
    ) -> list[Document]:
        return _documents(await self._asked().search_async(query, self.options | options | {"limit": k or self.k}))

    def _asked(self) -> Asked:
        key = self.api_key.get_secret_value() if self.api_key else None
        return Asked(self.server, key, self.collection, self.pincite)


def _documents(answer: Answer) -> list[Document]:
    return [
        Document(id=hit.passage.id, page_content=hit.passage.text, metadata=metadata_of(hit)) for hit in answer.hits
    ]
