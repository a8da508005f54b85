"""Reranking by the server's own cross-encoder, in the shape that Cohere, Jina and LiteLLM share. Stores nothing."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import Field, StrictBool, StrictInt

from api.chat.openai.embeddings import check_model
from api.routes.common import ServiceHere, errors
from api.wire.common import EXAMPLE_QUESTION, Shape
from index.errors import ModelUnknown
from search.query import LONGEST_QUESTION
from search.score import pair_verdict

router = APIRouter(prefix="/v1", tags=["rerank"])

MOST_DOCUMENTS = 1_000
EXAMPLE_TEXT = "The bridge will close for nine weeks."
Text = Annotated[str, Field(max_length=100_000)]


class TextIn(Shape):
    """A document as an object."""

    text: Text = Field(description="The text.", examples=[EXAMPLE_TEXT])


class RerankIn(Shape):
    """A question and documents."""

    model: str = Field(description="The server's reranker.", examples=["ms-marco-MiniLM-L12-v2"])
    query: str = Field(
        description="The question.", min_length=1, max_length=LONGEST_QUESTION, examples=[EXAMPLE_QUESTION]
    )
    documents: list[Text | TextIn] = Field(
        description="Texts, or objects with a text.",
        min_length=1,
        max_length=MOST_DOCUMENTS,
        examples=[[EXAMPLE_TEXT, {"text": "Ferries run every half hour."}]],
    )
    top_n: StrictInt | None = Field(None, description="How many results; all if not given.", ge=1, examples=[3])
    return_documents: StrictBool = Field(False, description="Send the texts back.", examples=[True])

    def texts(self) -> list[str]:
        """The documents' texts."""
        return [one if isinstance(one, str) else one.text for one in self.documents]


class DocumentOut(Shape):
    """A document that was sent."""

    text: str = Field(description="The text.", examples=[EXAMPLE_TEXT])


class RankedOut(Shape):
    """One document's place."""

    index: int = Field(description="Its place in the request, from 0.", examples=[0])
    relevance_score: float = Field(description="0..1, higher is better.", examples=[0.93])
    document: DocumentOut | None = Field(None, description="Where it was asked for.", examples=[{"text": EXAMPLE_TEXT}])


class RerankOut(Shape):
    """The documents, best first."""

    model: str = Field(description="The reranker.", examples=["ms-marco-MiniLM-L12-v2"])
    results: list[RankedOut] = Field(description="Best first.", examples=[[{"index": 0, "relevance_score": 0.93}]])

    @classmethod
    def of(cls, request: RerankIn, model: str, scores: list[float]) -> Self:
        """The results for documents with these scores, equal ones in the order that they were sent in."""
        texts = request.texts()
        order = sorted(range(len(texts)), key=lambda place: (-scores[place], place))[: request.top_n]
        results = [
            RankedOut(
                index=place,
                relevance_score=scores[place],
                document=DocumentOut(text=texts[place]) if request.return_documents else None,
            )
            for place in order
        ]
        return cls(model=model, results=results)


@router.post("/rerank", operation_id="rerank", response_model_exclude_none=True, responses=errors(413, 503))
def rerank(request: RerankIn, service: ServiceHere) -> RerankOut:
    """Judge how well documents answer a question, each read together with it."""
    reranker = service.reranker()
    if reranker is None:
        raise ModelUnknown("This server has no reranker: set PINCITE_RERANKER, and fetch it by `pincite models get`.")
    check_model(request.model, reranker.name)
    scores = [pair_verdict(float(raw)) for raw in reranker.scores(request.query, request.texts())]
    return RerankOut.of(request, reranker.name, scores)
