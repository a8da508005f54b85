"""The network of a BERT-like model as an OpenVINO graph, built from its weights without torch.

The graph begins after the vocabulary, whose rows are looked up outside (`tensors`): so the largest table of a model is
never copied, however many graphs there are. It ends with what the recipe asks for. Knows no tokenizer and runs nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov
from openvino import opset15 as ops

from index.embedding.recipe import Recipe
from index.embedding.tensors import Tensors

Array = npt.NDArray[Any]

ROUNDED_TOGETHER = 128
"""How many weights, and activations, share a scale in int8: more are no faster, fewer are slower."""

_NOT_SEEN = -1e4
"""Added to the attention to padding: far below any real one, and small enough for bfloat16."""


def build(recipe: Recipe, tensors: Tensors, *, int8: bool, by_token: bool = False) -> ov.Model:
    """The graph from word vectors to the recipe's result.

    Inputs: ``words`` float32 (texts, tokens, hidden), ``mask`` float32 (texts, tokens), 1 for tokens and 0 for padding,
    and where it is typed ``types`` int32 (texts, tokens), which of the two texts a token is of. Output: float32 (texts,
    hidden), or (texts, 1) for a score; by token (texts, tokens, hidden).

    Args:
        recipe: the network's sizes and head.
        tensors: its weights.
        int8: keep most matrices in 8 bits, for a processor that multiplies them with activations rounded as it goes.
        by_token: end with the last layer, whatever the recipe's head makes of it.
    """
    words = ops.parameter([-1, -1, recipe.hidden], np.float32, name="words")
    mask = ops.parameter([-1, -1], np.float32, name="mask")
    types = ops.parameter([-1, -1], np.int32, name="types")
    network = _Network(recipe, tensors, int8)
    tokens = network.encode(network.embed(words, types), mask, first_only=not by_token and recipe.head != "mean")
    result = tokens if by_token else network.finish(tokens, mask)
    inputs = [words, mask, types] if recipe.typed else [words, mask]
    return ov.Model([result], inputs, "bert")


class _Network:
    """The parts of the network. Nodes are OpenVINO's; shapes are (texts, tokens, hidden) where nothing is said.

    Arrays of weights are made constants by name: OpenVINO would do so by itself, but through lists of Python's numbers,
    and a search in a new process took 2.8 s of loading instead of 1.5 (cProfile).
    """

    def __init__(self, recipe: Recipe, tensors: Tensors, int8: bool) -> None:
        self._recipe, self._tensors, self._int8 = recipe, tensors, int8
        self._prefix = recipe.prefix

    def embed(self, words: Any, types: Any) -> Any:
        """Word vectors with their positions and types added."""
        positions = self._tensors[f"{self._prefix}embeddings.position_embeddings.weight"][self._recipe.first_position :]
        length = ops.gather(ops.shape_of(words), np.array([1]), 0)
        kinds = self._tensors[f"{self._prefix}embeddings.token_type_embeddings.weight"]
        kind = ops.gather(ops.constant(kinds), types, 0) if self._recipe.typed else ops.constant(kinds[0])
        placed = ops.add(words, ops.slice(ops.constant(positions), np.array([0]), length, np.array([1]), np.array([0])))
        return self._norm(ops.add(placed, kind), f"{self._prefix}embeddings")

    def encode(self, tokens: Any, mask: Any, *, first_only: bool) -> Any:
        """The tokens after all layers; where the first one only is wanted, the last layer gives no other."""
        unseen = ops.multiply(ops.subtract(mask, np.float32(1)), np.float32(-_NOT_SEEN))
        bias = ops.unsqueeze(unseen, np.array([1, 2]))
        last = self._recipe.layers - 1
        for layer in range(self._recipe.layers):
            tokens = self._layer(f"{self._prefix}encoder.layer.{layer}", tokens, bias, first_only and layer == last)
        return tokens

    def finish(self, tokens: Any, mask: Any) -> Any:
        """The recipe's head on the last layer's tokens."""
        if self._recipe.head == "mean":
            weights = ops.unsqueeze(mask, 2)
            total = ops.reduce_sum(ops.multiply(tokens, weights), 1)
            return ops.divide(total, ops.reduce_sum(weights, 1))
        first = ops.squeeze(tokens, np.array([1]))
        if self._recipe.head == "first":
            return first
        # BERT's pooler is a part of the encoder, RoBERTa's one of the classifier.
        names = [f"{self._prefix}pooler.dense", "classifier"]
        if "classifier.dense.weight" in self._tensors:
            names = ["classifier.dense", "classifier.out_proj"]
        return self._linear(ops.tanh(self._linear(first, names[0], exact=True)), names[1], exact=True)

    def _layer(self, name: str, tokens: Any, bias: Any, first_only: bool) -> Any:
        asking = _first(tokens) if first_only else tokens
        seen = self._attend(f"{name}.attention.self", asking, tokens, bias)
        seen = self._linear(seen, f"{name}.attention.output.dense")
        tokens = self._norm(ops.add(seen, asking), f"{name}.attention.output")
        wide = ops.gelu(self._linear(tokens, f"{name}.intermediate.dense"), "erf")
        return self._norm(ops.add(self._linear(wide, f"{name}.output.dense"), tokens), f"{name}.output")

    def _attend(self, name: str, asking: Any, tokens: Any, bias: Any) -> Any:
        """Attention in all heads (Vaswani et al. 2017), of the `asking` tokens to all.

        Exact, for more than half of what rounding costs arises here, in a quarter of the work.
        """
        query = self._linear(asking, f"{name}.query", exact=True)
        both = self._linear(tokens, f"{name}.key", f"{name}.value", exact=True)
        key, value = ops.split(both, 2, 2).outputs()
        heads = (self._heads(part) for part in (query, key, value))
        found = ops.transpose(ops.scaled_dot_product_attention(*heads, bias), np.array([0, 2, 1, 3]))
        return ops.reshape(found, np.array([0, 0, self._recipe.hidden]), True)

    def _heads(self, tokens: Any) -> Any:
        """(texts, tokens, hidden) as (texts, heads, tokens, hidden / heads)."""
        heads = self._recipe.heads
        parts = ops.reshape(tokens, np.array([0, 0, heads, self._recipe.hidden // heads]), True)
        return ops.transpose(parts, np.array([0, 2, 1, 3]))

    def _linear(self, tokens: Any, *names: str, exact: bool = False) -> Any:
        """Linear layers that read the same, side by side as one, in 8 bits unless they are to be `exact`."""
        weight = np.concatenate([self._tensors[f"{name}.weight"] for name in names])
        bias = np.concatenate([self._tensors[f"{name}.bias"] for name in names])
        matrix = _rounded(weight) if self._int8 and not exact else ops.constant(weight)
        return ops.add(ops.matmul(tokens, matrix, False, True), ops.constant(bias))

    def _norm(self, tokens: Any, name: str) -> Any:
        """Layer normalisation (Ba et al. 2016)."""
        even = ops.mvn(tokens, np.array([-1]), True, self._recipe.epsilon, "INSIDE_SQRT")
        scale, shift = (ops.constant(self._tensors[f"{name}.LayerNorm.{kind}"]) for kind in ("weight", "bias"))
        return ops.add(ops.multiply(even, scale), shift)


def _rounded(matrix: Array) -> Any:
    """A matrix in 8 bits, with a scale for every stretch of a row."""
    rows, width = matrix.shape
    stretches = matrix.reshape(rows, -1, ROUNDED_TOGETHER if width % ROUNDED_TOGETHER == 0 else width)
    scales = np.maximum(np.abs(stretches).max(axis=2, keepdims=True) / 127, np.finfo(np.float32).tiny)
    with np.errstate(invalid="ignore"):  # of weights that are no numbers, neither are the vectors, which is told
        bytes_ = np.rint(stretches / scales).astype(np.int8)
    near = ops.multiply(ops.convert(ops.constant(bytes_), np.float32), ops.constant(scales))
    return ops.reshape(near, np.array([rows, width]), False)


def _first(tokens: Any) -> Any:
    return ops.slice(tokens, np.array([0]), np.array([1]), np.array([1]), np.array([1]))
