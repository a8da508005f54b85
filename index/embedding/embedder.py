"""Text to vectors with a sentence-transformers model.

Holds prompts, batching, tokens and thread safety. Where weights come from (`store`, `hub`) and what a model runs on
(`hardware`) is decided elsewhere; passages are plain texts here, with no article behind them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from index.embedding.batching import batches
from index.embedding.contract import Span
from index.embedding.hardware import Device, Hardware, Precision
from index.embedding.loading import Prepared, loading, prepare
from index.embedding.store import default_store
from index.embedding.tokens import lengths, spans, without_half_pairs
from index.embedding.weights import weights_of
from index.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["Device", "Precision", "SentenceEmbedder", "load_embedder"]

_TOKENS_IN_A_BATCH = 2048  # on processors more is no faster, and keeps a question waiting longer
_LONGEST, _NO_LIMIT = 8192, 1e9
_PASSAGE_PROMPTS = ("document", "passage", "corpus")


def load_embedder(name_or_path: str, *, device: Device = "auto", precision: Precision = "auto") -> SentenceEmbedder:
    """Load a sentence-transformers model from the cache, a folder, or a hub.

    Args:
        name_or_path: a name of the catalogue, a folder, or ``organisation/model`` on a hub. Only for the last one is
            anything but the local disk read.
        device: ``auto`` takes a graphics card if there is one.
        precision: ``auto`` takes bfloat16 where the processor multiplies it natively.

    Raises:
        ModelUnknown: there is no such model, or it was not fetched yet.
        ModelChanged: the cached model is damaged.
        ModelError: what is there is no embedding model, or the hub does not give it.
        InvalidSetting: the device or the precision cannot be used.
    """
    prepared = prepare(name_or_path, "embedder", device, precision)
    # Importing it takes seconds, and the offline switches have to be set before: see `offline`.
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    with loading(prepared.name):
        return SentenceEmbedder(prepared, SentenceTransformer(str(prepared.folder), **prepared.arguments()))


class SentenceEmbedder:
    """An `Embedder` on a loaded sentence-transformers model.

    Questions and passages have a lock each, so that a question waits for another question at most and never for a
    batch of passages. Two forward passes at a time do each other no harm: weights are only read, and the tokenizer's
    settings, which the first call fixes, do not change after that.
    """

    def __init__(self, prepared: Prepared, model: SentenceTransformer) -> None:
        self._name, self._hardware, self._model = prepared.name, prepared.hardware, model
        self._asking, self._indexing = threading.Lock(), threading.Lock()
        self._tokenizer: Any = getattr(model.tokenizer, "backend_tokenizer", model.tokenizer)
        self._prompts = {"query": _prompt(model, ("query",)), "document": _prompt(model, _PASSAGE_PROMPTS)}
        self._dimensions = len(self._encode("query", [""])[0])  # and fixes the tokenizer's settings
        added = self._tokenizer.num_special_tokens_to_add(False) + len(self.tokens(self._prompts["document"]))
        self._max_tokens: int = max(1, _limit(model) - added)
        self._weights = weights_of(prepared.folder, default_store().root)

    @property
    def name(self) -> str:
        """What the user calls the model; for a folder, the folder's own name."""
        return self._name

    @property
    def hardware(self) -> Hardware:
        """What the model runs on, and in which precision."""
        return self._hardware

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self._dimensions

    @property
    def max_tokens(self) -> int:
        """How many tokens of a passage the model reads, its prompt and special tokens already taken off."""
        return self._max_tokens

    @property
    def fingerprint(self) -> Mapping[str, object]:
        """Name, hashes of the weights by file, dimensions and prompts; not the precision, whose vectors compare."""
        return {
            "name": self._name,
            "weights": dict(self._weights),
            "dimensions": self._dimensions,
            "prompts": dict(self._prompts),
        }

    def tokens(self, text: str) -> Sequence[Span]:
        """See `Embedder.tokens`."""
        return spans(self._tokenizer, text)

    def embed_passages(
        self, texts: Sequence[str], on_done: Callable[[int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        """See `Embedder.embed_passages`. Texts of similar length go through the model together."""
        ready = [without_half_pairs(text) for text in texts]
        vectors = np.empty((len(ready), self._dimensions), np.float32)
        for batch in batches(lengths(self._tokenizer, ready), _TOKENS_IN_A_BATCH):
            with self._indexing:
                vectors[batch] = self._encode("document", [ready[row] for row in batch])
            if on_done is not None:
                on_done(len(batch))
        return vectors

    def embed_question(self, text: str) -> npt.NDArray[np.float32]:
        """See `Embedder.embed_question`."""
        with self._asking:
            vector: npt.NDArray[np.float32] = self._encode("query", [without_half_pairs(text)])[0]
        return vector

    def _encode(self, kind: Literal["query", "document"], texts: list[str]) -> npt.NDArray[np.float32]:
        """Encode as one batch and bring to unit length in float32, which bfloat16 misses by half a percent."""
        encode = self._model.encode_query if kind == "query" else self._model.encode_document
        found = encode(texts, prompt=self._prompts[kind], batch_size=len(texts), show_progress_bar=False)
        raw = np.asarray(found, np.float32)
        sizes = np.linalg.norm(raw, axis=1, keepdims=True)
        if not np.isfinite(sizes).all():
            raise ModelError(f"The model {self._name} gave a vector that is no numbers.", model=self._name)
        # A model without context gives zeros for a text of no known word; then any direction is as good.
        vectors: npt.NDArray[np.float32] = np.where(sizes, raw, 1) / np.where(sizes, sizes, np.sqrt(raw.shape[1]))
        return vectors.astype(np.float32)


def _prompt(model: SentenceTransformer, names: Sequence[str]) -> str:
    """The first of these prompts that the model has and that is not empty."""
    return next((prompt for name in names if (prompt := model.prompts.get(name))), "")


def _limit(model: SentenceTransformer) -> int:
    """The most tokens that the model reads, all included; transformers writes "no limit" as a huge number."""
    limits = (model.max_seq_length, getattr(model.tokenizer, "model_max_length", None))
    return int(min((limit for limit in limits if limit and limit < _NO_LIMIT), default=_LONGEST))
