"""Embeddings by the library's own model, in OpenAI's shape.

The model reads questions and passages differently. OpenAI's shape does not tell them apart, so texts are passages
unless `input_type`, a field that other vendors have added to it, says otherwise.
"""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal, Self

import numpy as np
from fastapi import APIRouter
from pydantic import Field, StrictInt

from api.routes.common import ServiceHere, errors
from api.wire.common import EXAMPLE_QUESTION, Shape
from index.embedding.contract import Embedder
from index.errors import InvalidInput, TooLarge
from index.library.contract import Vectors

router = APIRouter(prefix="/v1", tags=["openai"])

MOST_INPUTS = 2_048
Text = Annotated[str, Field(min_length=1, max_length=100_000)]
Tokens = Annotated[list[StrictInt], Field(min_length=1)]


class EmbeddingsIn(Shape):
    """Texts to embed."""

    input: Text | Annotated[list[Text | StrictInt | Tokens], Field(min_length=1, max_length=MOST_INPUTS)] = Field(
        description="A text, or several. Tokens are refused: they are another model's.", examples=[EXAMPLE_QUESTION]
    )
    model: str = Field(description="The library's model: /v1/status tells it.", examples=["multilingual-e5-small"])
    encoding_format: Literal["float", "base64"] = Field(
        "float", description="Numbers, or little-endian float32 in base64.", examples=["base64"]
    )
    dimensions: StrictInt | None = Field(None, description="The model's own, or nothing.", examples=[384])
    user: str | None = Field(None, description="Accepted and without effect.", examples=["u1"])
    input_type: Literal["document", "passage", "query"] = Field(
        "document", description="query: the texts are questions.", examples=["query"]
    )

    def texts(self) -> list[str]:
        """The texts; raises InvalidInput for tokens."""
        given = [self.input] if isinstance(self.input, str) else self.input
        texts = [text for text in given if isinstance(text, str)]
        if len(texts) < len(given):
            raise InvalidInput("input holds tokens, which are another model's. Send texts.", field="input")
        return texts


class EmbeddingOut(Shape):
    """One vector."""

    object: Literal["embedding"] = Field("embedding", description="Kind.", examples=["embedding"])
    index: int = Field(description="The text's place in the request, from 0.", examples=[0])
    embedding: list[float] | str = Field(description="Of length 1.", examples=[[0.01, -0.04]])


class UsageOut(Shape):
    """How much was read."""

    prompt_tokens: int = Field(description="Tokens of all texts.", examples=[12])
    total_tokens: int = Field(description="The same.", examples=[12])


class EmbeddingsOut(Shape):
    """The vectors."""

    object: Literal["list"] = Field("list", description="Kind.", examples=["list"])
    data: list[EmbeddingOut] = Field(description="In the order of the texts.", examples=[[{"index": 0}]])
    model: str = Field(description="The model.", examples=["multilingual-e5-small"])
    usage: UsageOut = Field(description="What was read.", examples=[{"prompt_tokens": 12, "total_tokens": 12}])

    @classmethod
    def of(cls, vectors: Vectors, form: str, model: str, tokens: int) -> Self:
        """Vectors of shape (texts, dimensions) in the form that was asked for."""
        data = [EmbeddingOut(index=place, embedding=_written(row, form)) for place, row in enumerate(vectors)]
        return cls(data=data, model=model, usage=UsageOut(prompt_tokens=tokens, total_tokens=tokens))


@router.post("/embeddings", operation_id="create_embeddings", responses=errors(413, 503))
def create_embeddings(request: EmbeddingsIn, service: ServiceHere) -> EmbeddingsOut:
    """The vectors of texts, by the model that searches this library."""
    embedder, texts = service.embedder(), request.texts()
    check_model(request.model, embedder.name)
    if request.dimensions not in {None, embedder.dimensions}:
        message = f"Vectors of {embedder.name} have {embedder.dimensions} dimensions and cannot be shortened."
        raise InvalidInput(message, field="dimensions")
    tokens = _tokens(embedder, texts)
    if request.input_type == "query":
        vectors = np.stack([embedder.embed_question(text) for text in texts])
    else:
        vectors = embedder.embed_passages(texts)
    return EmbeddingsOut.of(vectors, request.encoding_format, embedder.name, tokens)


def check_model(asked: str, served: str) -> None:
    """Raises InvalidInput where another model is asked for: vectors and scores of two models must never mix."""
    if asked != served:
        raise InvalidInput(f"This server runs {served}, not {asked!r}. Set the model to {served}.", field="model")


def _tokens(embedder: Embedder, texts: list[str]) -> int:
    """How many tokens all texts have; raises TooLarge for one of which the model would not read the end."""
    counts = [len(embedder.tokens(text)) for text in texts]
    for place, count in enumerate(counts):
        if count > embedder.max_tokens:
            message = f"input.{place} has {count:,} tokens; {embedder.name} reads {embedder.max_tokens:,}. Cut it up."
            raise TooLarge(message, field=f"input.{place}", limit=embedder.max_tokens)
    return sum(counts)


def _written(row: Any, form: str) -> list[float] | str:
    return base64.b64encode(row.astype("<f4").tobytes()).decode() if form == "base64" else row.tolist()
