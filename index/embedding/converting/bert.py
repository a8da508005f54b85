"""What an ordinary folder of a BERT model looks like: names of tensors, configuration, sentence-transformers files.

Shared by the converters; knows no format that is converted from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from index.errors import ModelChanged

Tensors = Mapping[str, npt.NDArray[np.float32]]
Pooling = Literal["mean", "cls"]

WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"

_EMBEDDING_MATRICES = ("word_embeddings", "position_embeddings", "token_type_embeddings")
_LAYER_PARTS = (
    *("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"),
    *("attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm"),
)
# Which library wrote a folder decides how the next one reads it: without a version, some take the tokenizer for a
# broken one of another family and warn.
_LAID_OUT_FOR = "5.23.0"


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a BERT encoder: widths and counts, all at least 1, and the epsilon of its layer norms."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float

    def config(self, architecture: str) -> dict[str, object]:
        """``config.json`` of a model of this shape."""
        return {
            "architectures": [architecture],
            "model_type": "bert",
            "hidden_size": self.hidden,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "intermediate_size": self.inner,
            "vocab_size": self.vocabulary,
            "max_position_embeddings": self.positions,
            "type_vocab_size": self.types,
            "layer_norm_eps": self.epsilon,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
            "initializer_range": 0.02,
            "pad_token_id": 0,
            "position_embedding_type": "absolute",
            "dtype": "float32",
            "transformers_version": _LAID_OUT_FOR,
        }


def tensor_names(layers: int) -> set[str]:
    """The names of all tensors of an encoder with this many layers, without pooler or head."""
    names = {f"embeddings.{matrix}.weight" for matrix in _EMBEDDING_MATRICES}
    parts = ["embeddings.LayerNorm", *(f"encoder.layer.{n}.{part}" for n in range(layers) for part in _LAYER_PARTS)]
    return names | {f"{part}.{kind}" for part in parts for kind in ("weight", "bias")}


def write_weights(folder: Path, tensors: Tensors, expected: set[str]) -> None:
    """Write ``model.safetensors``, in float32.

    Raises:
        ModelChanged: the tensors are not the expected ones, by name.
    """
    if wrong := sorted(expected ^ tensors.keys()):
        raise ModelChanged(f"The model's tensors are not those of its kind: {', '.join(wrong[:5])}.", tensors=wrong)
    path = folder / WEIGHTS
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, path, {"format": "pt"})
    path.chmod(0o644)  # the library makes it readable by its owner only, but an image is built by one user for another


def write_json(path: Path, value: object) -> None:
    """Write JSON in UTF-8, indented, ending in a newline."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write_sentence_transformer(folder: Path, shape: Shape, pooling: Pooling, prompts: Mapping[str, str]) -> None:
    """Write the files that make a BERT folder a sentence-transformers model whose vectors have unit length."""
    parts = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]
    modules = [
        {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for index, (kind, path) in enumerate(parts)
    ]
    for _, path in parts:
        (folder / path).mkdir(exist_ok=True)
    modes = {f"pooling_mode_{mode}": mode.startswith(pooling) for mode in ("cls_token", "mean_tokens", "max_tokens")}
    write_json(folder / "modules.json", modules)
    write_json(folder / "1_Pooling/config.json", {"word_embedding_dimension": shape.hidden, **modes})
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": shape.positions, "do_lower_case": False})
    settings = {"prompts": dict(prompts), "default_prompt_name": None, "similarity_fn_name": "cosine"}
    write_json(folder / "config_sentence_transformers.json", settings)
