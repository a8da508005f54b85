"""Embedders and cross-encoders of any kind run by sentence-transformers, on a graphics card or the processor.

Imported only when a model is loaded with it, for torch takes seconds to import, and after `go_offline`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Transformer
from transformers.utils import logging as chatter

from index.embedding.batching import batches
from index.embedding.contract import Kind
from index.embedding.engines import Array, prompts_among
from index.embedding.hardware import Hardware
from index.embedding.tokens import lengths, own
from index.errors import ModelError

_TOKENS_IN_A_BATCH = 2048
"""Of passages; on processors more are no faster, and keep a question waiting longer."""
_TOKENS_OF_PAIRS = 4096
_LONGEST, _NO_LIMIT = 8192, 1e9


class TorchEncoder:
    """An `Encoder` on a sentence-transformers model.

    Two forward passes at a time do each other no harm: weights are only read, and the tokenizer's settings, which the
    first call fixes, do not change after that. More are kept from each other, for they would share the same cores.
    """

    side_by_side = 1

    def __init__(self, folder: Path, hardware: Hardware) -> None:
        _hush()
        self._model = SentenceTransformer(str(folder), **_arguments(hardware))
        self._by_token = isinstance(self._model[0], Transformer)
        self._indexing = threading.Lock()
        self.tokenizer: Any = getattr(self._model.tokenizer, "backend_tokenizer", self._model.tokenizer)
        self.prompts = prompts_among(self._model.prompts)
        self.limit = _limit(self._model)
        self.questions([""])  # fixes the tokenizer's settings

    def questions(self, texts: Sequence[str]) -> Array:
        """See `Encoder.questions`."""
        found = self._model.encode_query(
            list(texts), prompt=self.prompts["query"], batch_size=len(texts), show_progress_bar=False
        )
        return np.asarray(found, np.float32)

    def passages(self, texts: Sequence[str]) -> Iterator[tuple[Sequence[int], Array]]:
        """See `Encoder.passages`. Texts of similar length go through the model together."""
        for batch in batches(lengths(self.tokenizer, texts), _TOKENS_IN_A_BATCH):
            with self._indexing:
                vectors = self._passages([texts[row] for row in batch])
            yield batch, vectors

    def tokens(self, kind: Kind, texts: Sequence[str]) -> Sequence[Array]:
        """See `Encoder.tokens`."""
        encode = self._model.encode_query if kind == "query" else self._model.encode_document
        prompt, found = self.prompts[kind], [np.empty(0, np.float32)] * len(texts)
        for rows in batches(lengths(self.tokenizer, texts), _TOKENS_IN_A_BATCH):
            some = [texts[row] for row in rows]
            asked: dict[str, Any] = {"prompt": prompt, "batch_size": len(some), "show_progress_bar": False}
            if self._by_token:
                with self._indexing:
                    outputs = encode(some, output_value="token_embeddings", **asked)
                encodings = self.tokenizer.encode_batch([prompt + text for text in some])
                kept = [own(encoding, prompt) for encoding in encodings]
                vectors = [one.float().cpu().numpy()[places] for one, places in zip(outputs, kept, strict=True)]
            else:
                vectors = list(np.asarray(encode(some, **asked), np.float32)[:, None])
            for row, one in zip(rows, vectors, strict=True):
                found[row] = one
        return found

    def _passages(self, texts: list[str]) -> Array:
        prompt = self.prompts["document"]
        found = self._model.encode_document(texts, prompt=prompt, batch_size=len(texts), show_progress_bar=False)
        return np.asarray(found, np.float32)


class TorchJudge:
    """A `Judge` on a cross-encoder with one score a pair. One pass at a time, the others wait."""

    def __init__(self, folder: Path, hardware: Hardware, max_tokens: int) -> None:
        _hush()
        # Raw scores: what a model makes of them by itself (a sigmoid, often) differs, and belongs to who compares them.
        self._model = CrossEncoder(str(folder), activation_fn=torch.nn.Identity(), **_arguments(hardware))
        self._model.max_seq_length = min(self._model.max_seq_length or max_tokens, max_tokens)
        self._lock = threading.Lock()
        kinds = getattr(self._model.config, "architectures", None) or [""]
        if self._model.num_labels != 1 or not kinds[0].endswith("ForSequenceClassification"):
            raise ModelError(f"The model {folder.name} is no cross-encoder with one score a pair.", model=folder.name)

    def scores(self, question: str, passages: Sequence[str]) -> Array:
        """See `Judge.scores`."""
        pairs = [(question, passage) for passage in passages]
        found = np.empty(len(pairs), np.float32)
        with self._lock:
            for batch in batches(lengths(self._model.tokenizer.backend_tokenizer, pairs), _TOKENS_OF_PAIRS):
                some = [pairs[row] for row in batch]
                found[batch] = self._model.predict(some, batch_size=len(some), show_progress_bar=False)
        return found


def _arguments(hardware: Hardware) -> dict[str, Any]:
    """What sentence-transformers is to be called with: weights in safetensors, nothing but local files, no code."""
    weights = {"dtype": hardware.precision, "use_safetensors": True}
    return {"device": hardware.device, "model_kwargs": weights, "local_files_only": True}


def _hush() -> None:
    """Turn off the progress bars and the warnings that the libraries print while they load a model.

    The report of weights that a model does without (the pooler of an embedder) is nothing that a user can act on.
    """
    chatter.set_verbosity_error()  # type: ignore[no-untyped-call]
    chatter.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)


def _limit(model: SentenceTransformer) -> int:
    """The most tokens that the model reads, all included; transformers writes "no limit" as a huge number."""
    limits = (model.max_seq_length, getattr(model.tokenizer, "model_max_length", None))
    return int(min((limit for limit in limits if limit and limit < _NO_LIMIT), default=_LONGEST))
