"""BERT-like embedders and cross-encoders run by OpenVINO on the processor, without torch and transformers.

Texts become tokens and rows of the vocabulary here; `graph` is the network, `network` runs it. Knows no fingerprints
and no vectors of unit length.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from tokenizers import Encoding, Tokenizer

from index.embedding.batching import batches
from index.embedding.contract import Kind
from index.embedding.engines import Array, prompts_among
from index.embedding.graph import build
from index.embedding.hardware import Precision
from index.embedding.network import Inputs, Network, cores
from index.embedding.recipe import WORDS, Recipe
from index.embedding.tensors import Tensors
from index.embedding.tokens import own

_AT_ONCE = 256
"""Texts that are tokenized together; their encodings are large."""
_TOKENS_IN_A_PASS = 256
"""Long passages go alone, short ones together: more are no faster, and hold up who waits for the pass to end."""
_STEP = 4
"""Lengths are rounded up to a multiple, for OpenVINO prepares itself anew for every new one."""


class OpenVinoEncoder:
    """An `Encoder`. Questions and passages have networks of their own, so that a question never waits for a passage."""

    def __init__(self, recipe: Recipe, precision: Precision) -> None:
        self._model = _Model(recipe, precision)
        self._asking = self._model.network()
        self._later: dict[str, Network] = {}
        self._lock = threading.Lock()
        self.side_by_side = self._asking.streams
        self.tokenizer, self.prompts, self.limit = self._model.tokenizer, prompts_among(recipe.prompts), recipe.limit

    def questions(self, texts: Sequence[str]) -> Array:
        """See `Encoder.questions`."""
        return self._asking(self._model.inputs(self._encodings("query", texts)))

    def passages(self, texts: Sequence[str]) -> Iterator[tuple[Sequence[int], Array]]:
        """See `Encoder.passages`."""
        for start in range(0, len(texts), _AT_ONCE):
            encodings = self._encodings("document", texts[start : start + _AT_ONCE])
            for rows, vectors in self._model.run(self._network("indexing"), encodings):
                yield [start + row for row in rows], vectors

    def tokens(self, kind: Kind, texts: Sequence[str]) -> Sequence[Array]:
        """See `Encoder.tokens`."""
        encodings = self._encodings(kind, texts, offsets=True)
        found: list[Array] = [np.empty(0, np.float32)] * len(texts)
        for rows, outputs in self._model.run(self._network("reading"), encodings):
            for row, vectors in zip(rows, outputs, strict=True):
                found[row] = vectors[own(encodings[row], self.prompts[kind])]
        return found

    def _encodings(self, kind: Kind, texts: Sequence[str], *, offsets: bool = False) -> list[Encoding]:
        return self._model.encodings([self.prompts[kind] + text for text in texts], offsets=offsets)

    def _network(self, use: Literal["indexing", "reading"]) -> Network:
        """The network for passages, or for tokens, made when it is first needed: most who search need neither."""
        with self._lock:
            if use not in self._later:
                self._later[use] = self._model.network(in_background=use == "indexing", by_token=use == "reading")
            return self._later[use]


class OpenVinoJudge:
    """A `Judge`. Pairs are cut off at `max_tokens`; a question takes at most half of them."""

    def __init__(self, recipe: Recipe, precision: Precision, max_tokens: int) -> None:
        self._model = _Model(recipe, precision)
        self._network = self._model.network()
        self._limit = min(recipe.limit, max_tokens)

    def scores(self, question: str, passages: Sequence[str]) -> Array:
        """See `Judge.scores`."""
        pairs = self._model.pairs(question, passages, self._limit)
        found = np.empty(len(pairs), np.float32)
        for rows, scores in self._model.run(self._network, pairs):
            found[rows] = scores[:, 0]
        return found


class _Model:
    """The tokenizer, the vocabulary and the graph of one folder."""

    def __init__(self, recipe: Recipe, precision: Precision) -> None:
        self._recipe, self._precision = recipe, precision
        self._tensors = Tensors(recipe.weights)
        self._words = recipe.prefix + WORDS
        self.tokenizer = Tokenizer.from_file(str(recipe.tokenizer))
        self.tokenizer.no_truncation()  # texts are cut off here, where that does not change the tokenizer for others
        self.tokenizer.no_padding()

    def network(self, *, in_background: bool = False, by_token: bool = False) -> Network:
        """The graph, compiled with a stream a core: threads that share a pass wait for each other too much."""
        graph = build(self._recipe, self._tensors, int8=self._precision == "int8", by_token=by_token)
        return Network(graph, self._precision, cores(), in_background=in_background)

    def encodings(self, texts: Sequence[str], *, offsets: bool) -> list[Encoding]:
        """The texts' tokens, special ones included, as far as the model reads, and where they stand if that is asked
        for, which takes longer."""
        room = self._recipe.limit - self.tokenizer.num_special_tokens_to_add(False)
        encode = self.tokenizer.encode_batch if offsets else self.tokenizer.encode_batch_fast
        encodings = encode(list(texts), add_special_tokens=False)
        for encoding in encodings:
            encoding.truncate(room)
        return [self.tokenizer.post_process(encoding) for encoding in encodings]

    def pairs(self, question: str, passages: Sequence[str], limit: int) -> list[Encoding]:
        """The tokens of the question with each passage, special ones included, `limit` at most."""
        room = limit - self.tokenizer.num_special_tokens_to_add(True)
        asked, *encodings = self.tokenizer.encode_batch_fast([question, *passages], add_special_tokens=False)
        asked.truncate(room // 2)
        for encoding in encodings:
            encoding.truncate(room - len(asked))
        return [self.tokenizer.post_process(asked, encoding) for encoding in encodings]

    def run(self, network: Network, encodings: Sequence[Encoding]) -> Iterator[tuple[list[int], Array]]:
        """The network's output for these tokens, pass by pass: which ones, and (len of those, width)."""
        rows = list(batches([_rounded(len(encoding)) for encoding in encodings], _TOKENS_IN_A_PASS))
        passes = (self.inputs([encodings[row] for row in batch]) for batch in rows)
        yield from zip(rows, network.each(passes), strict=True)

    def inputs(self, encodings: Sequence[Encoding]) -> Inputs:
        """What the network takes, filled up to the longest."""
        width = _rounded(max(len(encoding) for encoding in encodings))
        ids, mask, types = (np.zeros((len(encodings), width), kind) for kind in (np.int64, np.float32, np.int32))
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding)] = encoding.ids
            mask[row, : len(encoding)] = 1
            types[row, : len(encoding)] = encoding.type_ids
        inputs = {"words": self._tensors.rows(self._words, ids), "mask": mask}
        return inputs | {"types": types} if self._recipe.typed else inputs


def _rounded(length: int) -> int:
    return -(-length // _STEP) * _STEP
