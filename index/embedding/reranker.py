"""Questions and passages judged together by a sentence-transformers cross-encoder.

Gives raw scores; which candidates are judged and what becomes of the scores is `search`'s.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.embedding.batching import batches
from index.embedding.hardware import Device, Hardware, Precision
from index.embedding.loading import Prepared, loading, prepare
from index.embedding.tokens import lengths, without_half_pairs
from index.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_TOKENS_IN_A_BATCH = 4096
_MAX_TOKENS = 512


def load_reranker(name_or_path: str, *, device: Device = "auto", precision: Precision = "auto") -> PairReranker:
    """Load a cross-encoder from the cache, a folder, or a hub. Arguments and errors as in `load_embedder`."""
    prepared = prepare(name_or_path, "reranker", device, precision)
    # Importing them takes seconds, and the offline switches have to be set before: see `offline`.
    import torch  # noqa: PLC0415
    from sentence_transformers import CrossEncoder  # noqa: PLC0415

    with loading(prepared.name):
        # Raw scores: what a model makes of them by itself (a sigmoid, often) differs, and belongs to who compares them.
        model = CrossEncoder(str(prepared.folder), activation_fn=torch.nn.Identity(), **prepared.arguments())
        return PairReranker(prepared, model)


class PairReranker:
    """A `Reranker` on a loaded cross-encoder with one score a pair. One call at a time, the others wait."""

    def __init__(self, prepared: Prepared, model: CrossEncoder) -> None:
        self._name, self._hardware, self._model = prepared.name, prepared.hardware, model
        self._lock = threading.Lock()
        model.max_seq_length = min(model.max_seq_length or _MAX_TOKENS, _MAX_TOKENS)
        kinds = getattr(model.config, "architectures", None) or [""]
        if model.num_labels != 1 or not kinds[0].endswith("ForSequenceClassification"):
            raise ModelError(f"The model {self._name} is no cross-encoder with one score a pair.", model=self._name)

    @property
    def name(self) -> str:
        """What the user calls the model; for a folder, the folder's own name."""
        return self._name

    @property
    def hardware(self) -> Hardware:
        """What the model runs on, and in which precision."""
        return self._hardware

    def scores(self, question: str, passages: Sequence[str]) -> npt.NDArray[np.float32]:
        """See `Reranker.scores`. Question and passage together are cut off at 512 tokens."""
        pairs = [(without_half_pairs(question), without_half_pairs(passage)) for passage in passages]
        found = np.empty(len(pairs), np.float32)
        with self._lock:
            for batch in batches(lengths(self._model.tokenizer.backend_tokenizer, pairs), _TOKENS_IN_A_BATCH):
                found[batch] = self._scores([pairs[row] for row in batch])
        return found

    def _scores(self, pairs: list[tuple[str, str]]) -> npt.NDArray[np.float32]:
        """Judge as one batch."""
        return np.asarray(self._model.predict(pairs, batch_size=len(pairs), show_progress_bar=False), np.float32)
