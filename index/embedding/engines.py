"""What running a model comes down to, whichever library does it: the part of embedders and rerankers that differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from index.embedding.contract import Kind

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Array = npt.NDArray[np.float32]


class Encoder(Protocol):
    """A model that makes vectors. Texts come without prompts; vectors are as the model gives them, of any length."""

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer. What it is set to cut off or fill up is the encoder's."""
        ...

    @property
    def prompts(self) -> Mapping[Kind, str]:
        """What is put before a text: ``query`` before a question, ``document`` before a passage."""
        ...

    @property
    def limit(self) -> int:
        """The most tokens that the model reads, prompt and special ones included."""
        ...

    @property
    def side_by_side(self) -> int:
        """How many calls of `questions` may run at a time."""
        ...

    def questions(self, texts: Sequence[str]) -> Array:
        """Vectors of a few questions in one pass: (len(texts), dimensions)."""
        ...

    def passages(self, texts: Sequence[str]) -> Iterator[tuple[Sequence[int], Array]]:
        """Vectors of many passages, pass by pass: which texts these are, and (len of those, dimensions)."""
        ...

    def tokens(self, kind: Kind, texts: Sequence[str]) -> Sequence[Array]:
        """Vectors of the tokens of each text, (tokens, width), prompt and special ones left out; a model that has none
        gives the text's own, (1, dimensions)."""
        ...


class Judge(Protocol):
    """A model that judges pairs."""

    def scores(self, question: str, passages: Sequence[str]) -> Array:
        """One raw score a passage: (len(passages),). Safe to call from several threads."""
        ...


def prompts_among(named: Mapping[str, str | None]) -> dict[Kind, str]:
    """The prompts for questions and passages among those that a model names: of several names the first in use."""
    names: Mapping[Kind, Sequence[str]] = {"query": ("query",), "document": ("document", "passage", "corpus")}
    return {kind: next((prompt for name in known if (prompt := named.get(name))), "") for kind, known in names.items()}
