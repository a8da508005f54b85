"""What the rest of Pincite needs of an embedding model, on half a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt


class Span(NamedTuple):
    """A stretch of text in Unicode code points, end exclusive."""

    start: int
    end: int


Tokens = Callable[[str], Sequence[Span]]
Kind = Literal["query", "document"]
"""What a text is to the model."""


class Embedder(Protocol):
    """Text in, unit vectors out. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """What the user calls the model."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """How many tokens of a passage the model reads, prompts and special tokens already taken off."""
        ...

    @property
    def fingerprint(self) -> Mapping[str, object]:
        """What two embedders must share for their vectors to be comparable: name, hash of the weights, dimensions,
        prompts. JSON-compatible."""
        ...

    def tokens(self, text: str) -> Sequence[Span]:
        """Where the model's own tokens stand in `text`: one span a token, in order, without overlap, never cut off,
        without special tokens. Where one character makes several tokens, all but the first may be empty, at its end."""
        ...

    def embed_passages(
        self, texts: Sequence[str], on_done: Callable[[int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        """Vectors of passages: float32, shape (len(texts), dimensions), unit length, in the order given.

        `on_done` is called with the number of texts finished since the last call.
        """
        ...

    def embed_question(self, text: str) -> npt.NDArray[np.float32]:
        """The vector of one question: float32, shape (dimensions,), unit length."""
        ...

    def embed_tokens(self, kind: Kind, texts: Sequence[str]) -> Sequence[npt.NDArray[np.float32]]:
        """A vector for each token of each question (``query``) or passage (``document``), in its context: float32, each
        of shape (tokens, width), unit length, without those of prompts and special tokens.

        A model that has none gives the vector of the whole as if it were one token.
        """
        ...


class Reranker(Protocol):
    """Judges how well passages answer a question, reading both together."""

    @property
    def name(self) -> str:
        """What the user calls the model."""
        ...

    def scores(self, question: str, passages: Sequence[str]) -> npt.NDArray[np.float32]:
        """Raw relevance, float32 of shape (len(passages),), higher is better; comparable within one model only."""
        ...
