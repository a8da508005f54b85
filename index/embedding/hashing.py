"""A deterministic embedder without weights, for tests of everything that only needs *some* honest vectors.

Texts that share words lie near each other; meaning, word order and morphology are beyond it. It holds the whole
`Embedder` contract, gives the same vectors in every process and on every machine, and reads no file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from index.embedding.contract import Kind, Span

_TOKEN = re.compile(r"\w+|[^\w\s]")
_SPREAD = 4
"""How many coordinates one word sets, so that two words rarely look the same."""


class HashingEmbedder:
    """Bag-of-words vectors by feature hashing (Weinberger et al. 2009, unsigned): float32, unit length.

    Args:
        dimensions: length of a vector, at least 1.
        max_tokens: how many tokens of a text are read; the rest does not count.
        name: what the model is called.
    """

    def __init__(self, dimensions: int = 256, *, max_tokens: int = 256, name: str = "hashing") -> None:
        self._name, self._dimensions, self._max_tokens = name, dimensions, max_tokens

    @property
    def name(self) -> str:
        """What the user calls the model."""
        return self._name

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self._dimensions

    @property
    def max_tokens(self) -> int:
        """How many tokens of a text are read."""
        return self._max_tokens

    @property
    def fingerprint(self) -> Mapping[str, object]:
        """Name and dimensions; there are no weights and no prompts."""
        return {"name": self._name, "weights": {}, "dimensions": self._dimensions, "prompts": {}}

    def tokens(self, text: str) -> Sequence[Span]:
        """Words, and every other mark that is not white space on its own."""
        return [Span(*match.span()) for match in _TOKEN.finditer(text)]

    def embed_passages(
        self, texts: Sequence[str], on_done: Callable[[int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        """See `Embedder.embed_passages`."""
        vectors = np.empty((len(texts), self._dimensions), np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self.embed_question(text)
            if on_done is not None:
                on_done(1)
        return vectors

    def embed_question(self, text: str) -> npt.NDArray[np.float32]:
        """See `Embedder.embed_question`. A text without any token has a vector of its own."""
        return self._vector(text)

    def _vector(self, text: str) -> npt.NDArray[np.float32]:
        words = {text[start:end].casefold() for start, end in self.tokens(text)[: self._max_tokens]} or {""}
        places = [place for word in words for place in self._places(word)]
        counts = np.bincount(places, minlength=self._dimensions)
        return (counts / np.linalg.norm(counts)).astype(np.float32)

    def embed_tokens(self, kind: Kind, texts: Sequence[str]) -> Sequence[npt.NDArray[np.float32]]:  # noqa: ARG002
        """See `Embedder.embed_tokens`: each word alone, for there is no context."""
        read = ((text, self.tokens(text)[: self._max_tokens]) for text in texts)
        found = ([self._vector(text[start:end]) for start, end in tokens] for text, tokens in read)
        return [np.array(vectors, np.float32).reshape(-1, self._dimensions) for vectors in found]

    def _places(self, word: str) -> list[int]:
        digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8 * _SPREAD).digest()
        return [int.from_bytes(digest[8 * part : 8 * part + 8], "little") % self._dimensions for part in range(_SPREAD)]
