"""Text to vectors: an `Embedder` on whatever runs the model.

Holds prompts, unit length, shared passes and fingerprints. Where weights come from (`store`, `hub`), what a model runs
on (`hardware`) and with which library (`with_openvino`, `with_torch`) is decided elsewhere; passages are plain texts
here, with no article behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from index.embedding.contract import Kind, Span
from index.embedding.engines import Array, Encoder
from index.embedding.hardware import Backend, Device, Hardware, Precision
from index.embedding.loading import Prepared, loading, prepare
from index.embedding.sharing import Shared
from index.embedding.store import default_store
from index.embedding.tokens import lengths, spans, without_half_pairs
from index.embedding.weights import weights_of
from index.errors import ModelError

__all__ = ["Backend", "Device", "Precision", "SentenceEmbedder", "load_embedder"]

_TOKENS_OF_QUESTIONS = 256
"""In one pass: some 15 questions. The larger it is, the longer the next ones wait."""


def load_embedder(
    name_or_path: str, *, device: Device = "auto", precision: Precision = "auto", backend: Backend = "auto"
) -> SentenceEmbedder:
    """Load a sentence-transformers model from the cache, a folder, or a hub.

    Args:
        name_or_path: a name of the catalogue, a folder, or ``organisation/model`` on a hub. Only for the last one is
            anything but the local disk read.
        device: ``auto`` takes a graphics card if there is one.
        precision: ``auto`` takes what the processor is fastest at.
        backend: ``auto`` takes OpenVINO on processors, if it is installed and the model is one that `recipe` knows.

    Raises:
        ModelUnknown: there is no such model, or it was not fetched yet.
        ModelChanged: the cached model is damaged.
        ModelError: what is there is no embedding model, or the hub does not give it.
        InvalidSetting: the device, the precision or the backend cannot be used.
        MissingExtra: the backend is not installed.
    """
    prepared = prepare(name_or_path, "embedder", device, precision, backend)
    with loading(prepared.name):
        return SentenceEmbedder(prepared, _encoder(prepared))


def _encoder(prepared: Prepared) -> Encoder:
    # Importing either takes a while, torch seconds, and the offline switches have to be set before: see `offline`.
    if prepared.recipe is not None:
        from index.embedding.with_openvino import OpenVinoEncoder  # noqa: PLC0415

        return OpenVinoEncoder(prepared.recipe, prepared.hardware.precision)
    from index.embedding.with_torch import TorchEncoder  # noqa: PLC0415

    return TorchEncoder(prepared.folder, prepared.hardware)


class SentenceEmbedder:
    """An `Embedder` on a loaded model. Questions that come together are embedded together."""

    def __init__(self, prepared: Prepared, encoder: Encoder) -> None:
        self._name, self._hardware, self._encoder = prepared.name, prepared.hardware, encoder
        self._questions: Shared[str, Array] = Shared(
            self._asked, self._tokens_of, _TOKENS_OF_QUESTIONS, encoder.side_by_side
        )
        self._dimensions = len(self.embed_question(""))
        added = encoder.tokenizer.num_special_tokens_to_add(False) + len(self.tokens(encoder.prompts["document"]))
        self._max_tokens = max(1, encoder.limit - added)
        self._weights = weights_of(prepared.folder, default_store().root)

    @property
    def name(self) -> str:
        """What the user calls the model; for a folder, the folder's own name."""
        return self._name

    @property
    def hardware(self) -> Hardware:
        """What the model runs on, with which library, and in which precision."""
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
        """Name, hashes of the weights by file, dimensions and prompts; not the hardware, whose vectors compare."""
        return {
            "name": self._name,
            "weights": dict(self._weights),
            "dimensions": self._dimensions,
            "prompts": dict(self._encoder.prompts),
        }

    def tokens(self, text: str) -> Sequence[Span]:
        """See `Embedder.tokens`."""
        return spans(self._encoder.tokenizer, text)

    def embed_passages(self, texts: Sequence[str], on_done: Callable[[int], None] | None = None) -> Array:
        """See `Embedder.embed_passages`."""
        vectors = np.empty((len(texts), self._dimensions), np.float32)
        for rows, found in self._encoder.passages([without_half_pairs(text) for text in texts]):
            vectors[rows] = self._unit(found)
            if on_done is not None:
                on_done(len(rows))
        return vectors

    def embed_question(self, text: str) -> Array:
        """See `Embedder.embed_question`."""
        return self._questions(without_half_pairs(text))

    def embed_tokens(self, kind: Kind, texts: Sequence[str]) -> Sequence[Array]:
        """See `Embedder.embed_tokens`."""
        found = self._encoder.tokens(kind, [without_half_pairs(text) for text in texts])
        return [self._unit(tokens) for tokens in found]

    def _asked(self, texts: list[str]) -> list[Array]:
        return list(self._unit(self._encoder.questions(texts)))

    def _tokens_of(self, text: str) -> int:
        return lengths(self._encoder.tokenizer, [text])[0]

    def _unit(self, raw: Array) -> Array:
        """The same vectors with unit length in float32, which bfloat16 misses by half a percent."""
        sizes = np.linalg.norm(raw, axis=1, keepdims=True)
        if not np.isfinite(sizes).all():
            raise ModelError(f"The model {self._name} gave a vector that is no numbers.", model=self._name)
        # A model without context gives zeros for a text of no known word; then any direction is as good.
        vectors: Array = np.where(sizes, raw, 1) / np.where(sizes, sizes, np.sqrt(raw.shape[1]))
        return vectors.astype(np.float32)
