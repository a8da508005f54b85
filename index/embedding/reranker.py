"""Questions and passages judged together by a cross-encoder, whatever runs it.

Gives raw scores; which candidates are judged and what becomes of the scores is `search`'s.
"""

from __future__ import annotations

from collections.abc import Sequence

from index.embedding.engines import Array, Judge
from index.embedding.hardware import Backend, Device, Hardware, Precision
from index.embedding.loading import Prepared, loading, prepare
from index.embedding.tokens import without_half_pairs

MAX_TOKENS = 512
"""Of a question and a passage together, unless the model reads less."""


def load_reranker(
    name_or_path: str,
    *,
    device: Device = "auto",
    precision: Precision = "auto",
    backend: Backend = "auto",
    max_tokens: int = MAX_TOKENS,
) -> PairReranker:
    """Load a cross-encoder from the cache, a folder, or a hub.

    Args:
        name_or_path: as in `load_embedder`, whose errors are raised too.
        device: likewise.
        precision: likewise.
        backend: likewise.
        max_tokens: where a question and a passage together are cut off, special tokens included. The time for a pair
            grows a little faster than its length.
    """
    prepared = prepare(name_or_path, "reranker", device, precision, backend)
    with loading(prepared.name):
        return PairReranker(prepared, _judge(prepared, max_tokens))


def _judge(prepared: Prepared, max_tokens: int) -> Judge:
    # Importing either takes a while, torch seconds, and the offline switches have to be set before: see `offline`.
    if prepared.recipe is not None:
        from index.embedding.with_openvino import OpenVinoJudge  # noqa: PLC0415

        return OpenVinoJudge(prepared.recipe, prepared.hardware.precision, max_tokens)
    from index.embedding.with_torch import TorchJudge  # noqa: PLC0415

    return TorchJudge(prepared.folder, prepared.hardware, max_tokens)


class PairReranker:
    """A `Reranker` on a loaded cross-encoder. Safe to call from several threads."""

    def __init__(self, prepared: Prepared, judge: Judge) -> None:
        self._name, self._hardware, self._judge = prepared.name, prepared.hardware, judge

    @property
    def name(self) -> str:
        """What the user calls the model; for a folder, the folder's own name."""
        return self._name

    @property
    def hardware(self) -> Hardware:
        """What the model runs on, with which library, and in which precision."""
        return self._hardware

    def scores(self, question: str, passages: Sequence[str]) -> Array:
        """See `Reranker.scores`."""
        return self._judge.scores(without_half_pairs(question), [without_half_pairs(passage) for passage in passages])
