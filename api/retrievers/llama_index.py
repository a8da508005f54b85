"""A LlamaIndex retriever: ``pip install 'pincite[llama-index]'``."""

from __future__ import annotations

from typing import Any, Unpack

from api.client.connection import DEFAULT_SERVER
from api.plain.options import SearchOptions
from api.plain.shapes import Answer, Hit
from api.retrievers.asking import Asked, Searcher, metadata_of
from index.errors import MissingExtra

try:
    from llama_index.core.callbacks import CallbackManager
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode
except ImportError as error:
    raise MissingExtra("LlamaIndex is not installed. Install it with: pip install 'pincite[llama-index]'") from error

UNREAD = ["score", "citation", "also_reported_by"]
"""Metadata that is for programs: language models and embedders are shown title, date and address only."""


class PinciteRetriever(BaseRetriever):
    """Ranked passages as nodes with scores, each with its citation in ``metadata["citation"]``.

    A node's text is the passage, its `start_char_idx` and `end_char_idx` are the passage's place in the article's text,
    and the article is its source node.

    Args:
        server: the address of a running `pincite serve`.
        api_key: the key to use there.
        collection: the collection to use there.
        pincite: an open `api.in_process.InProcess` or `api.client.Pincite` to ask instead; it stays open.
        similarity_top_k: how many nodes.
        callback_manager: LlamaIndex's own.
        verbose: LlamaIndex's own.
        **options: what else `api.plain.options.SearchOptions` offers.
    """

    def __init__(
        self,
        server: str = DEFAULT_SERVER,
        *,
        api_key: str | None = None,
        collection: str | None = None,
        pincite: Searcher | None = None,
        similarity_top_k: int = 10,
        callback_manager: CallbackManager | None = None,
        verbose: bool = False,
        **options: Unpack[SearchOptions],
    ) -> None:
        super().__init__(callback_manager=callback_manager, verbose=verbose)
        self._asked = Asked(server, api_key, collection, pincite)
        self._options: dict[str, Any] = {**options, "limit": similarity_top_k}

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return _nodes(self._asked.search(query_bundle.query_str, self._options))

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return _nodes(await self._asked.search_async(query_bundle.query_str, self._options))


def _nodes(answer: Answer) -> list[NodeWithScore]:
    return [NodeWithScore(node=_node(hit), score=hit.score) for hit in answer.hits]


def _node(hit: Hit) -> TextNode:
    return TextNode(
        id_=hit.passage.id,
        text=hit.passage.text,
        start_char_idx=hit.passage.start,
        end_char_idx=hit.passage.end,
        metadata=metadata_of(hit),
        excluded_llm_metadata_keys=UNREAD,
        excluded_embed_metadata_keys=UNREAD,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=hit.passage.article_id)},
    )
