"""ONNX graphs of BERT models that onnxruntime quantised dynamically to 8 bits, back to float32 weights.

Such a graph holds each matrix as integers with a scale and a zero point, for the whole matrix or for each column, and
``weight = (integer - zero point) * scale`` restores it. The graph is read as data; nothing is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from index.embedding.catalogue import Model
from index.embedding.converting.bert import Shape, tensor_names, write_json, write_sentence_transformer, write_weights
from index.errors import ModelChanged

Array = npt.NDArray[np.generic]
Floats = npt.NDArray[np.float32]

_GRAPH = "model.onnx"
_QUANTISED = "_quantized"
_HEAD = {f"{part}.{kind}" for part in ("bert.pooler.dense", "classifier") for kind in ("weight", "bias")}
_PLAIN = re.compile(r"(^|\.)(bias|LayerNorm\.weight)$")


def convert(model: Model, source: Path, target: Path) -> None:
    """Convert the graph in `source` (with its tokenizer's files) to the folder `target`, which exists and is empty.

    An embedder reads the vector of its first token (CLS pooling); a reranker has one raw score.

    Raises:
        ModelChanged: the file is not such a graph.
    """
    prefix = "bert." if model.task == "reranker" else ""
    with _refusing_nonsense():
        graph = _Graph((source / _GRAPH).read_bytes())
        shape = graph.shape(prefix)
    encoder = {prefix + name for name in tensor_names(shape.layers)}
    if model.task == "reranker":
        write_weights(target, graph.tensors, encoder | _HEAD)
        _write_reranker_config(target, shape)
    else:
        write_weights(target, graph.tensors, encoder)
        write_json(target / "config.json", shape.config("BertModel"))
        write_sentence_transformer(target, shape, "cls", model.prompts)
    for member in model.members:
        if member != _GRAPH:
            copyfile(source / member, target / member)


def _write_reranker_config(target: Path, shape: Shape) -> None:
    labels = {"id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}}
    raw = {"sentence_transformers": {"activation_fn": "torch.nn.modules.linear.Identity"}}
    write_json(target / "config.json", {**shape.config("BertForSequenceClassification"), **labels, **raw})


@contextmanager
def _refusing_nonsense() -> Iterator[None]:
    """Whatever a graph that is none, or one that contradicts itself, makes of the reading of it is a `ModelChanged`."""
    try:
        yield
    except (DecodeError, LookupError, StopIteration, TypeError, ValueError, OverflowError) as error:
        raise ModelChanged(f"{_GRAPH} is not a quantised BERT graph: {error}.", file=_GRAPH) from error


class _Graph:
    """The weights of a quantised graph under their names in torch, and the few numbers that only its nodes tell."""

    def __init__(self, content: bytes) -> None:
        import onnx  # noqa: PLC0415 - heavy, and needed for converting only

        graph = onnx.load_model_from_string(content).graph
        if outside := [one.name for one in graph.initializer if one.data_location == onnx.TensorProto.EXTERNAL]:
            raise ValueError(f"the values of {outside[0]} are kept in another file")
        self._nodes = list(graph.node)
        self._initial = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
        constants = [node for node in self._nodes if node.op_type == "Constant"]
        self._constants = {node.output[0]: onnx.numpy_helper.to_array(node.attribute[0].t) for node in constants}
        self.tensors = {**self._plain(), **self._embeddings(), **self._matrices()}

    def shape(self, prefix: str) -> Shape:
        """The model's sizes; `prefix` is what stands before the names of the encoder's tensors."""
        layers = {match[1] for name in self.tensors if (match := re.search(r"\.layer\.(\d+)\.", name))}
        vocabulary, hidden = self.tensors[f"{prefix}embeddings.word_embeddings.weight"].shape
        return Shape(
            hidden=hidden,
            layers=len(layers),
            heads=self._heads(prefix),
            inner=len(self.tensors[f"{prefix}encoder.layer.0.intermediate.dense.bias"]),
            vocabulary=vocabulary,
            positions=len(self.tensors[f"{prefix}embeddings.position_embeddings.weight"]),
            types=len(self.tensors[f"{prefix}embeddings.token_type_embeddings.weight"]),
            epsilon=self._epsilon(prefix),
        )

    def _heads(self, prefix: str) -> int:
        """The third number of the shape (batch, length, heads, width) that the first query is brought into."""
        query = f"{_path(prefix)}encoder/layer.0/attention/self/query/Add_output_0"
        shape = next(node.input[1] for node in self._nodes if node.op_type == "Reshape" and node.input[0] == query)
        numbers = next(node.input for node in self._nodes if shape in node.output)
        return int(self._constants[numbers[2]].item())

    def _epsilon(self, prefix: str) -> float:
        """What the first layer norm adds to the variance: 1e-12, without the digits that float32 adds."""
        name = f"{_path(prefix)}embeddings/LayerNorm/Add"
        added = next(node.input[1] for node in self._nodes if node.name == name)
        return float(f"{self._constants[added].item():.6g}")

    def _plain(self) -> dict[str, Floats]:
        return {name: value.astype(np.float32) for name, value in self._initial.items() if _PLAIN.search(name)}

    def _embeddings(self) -> dict[str, Floats]:
        names = [name.removesuffix(_QUANTISED) for name in self._initial if name.endswith(_QUANTISED)]
        return {name: self._restore(name) for name in names if "embeddings." in name}

    def _matrices(self) -> dict[str, Floats]:
        """Torch keeps a matrix as (outputs, inputs), ONNX the other way round; the node tells which part it is of."""
        nodes = [node for node in self._nodes if node.op_type == "MatMulInteger"]
        return {_tensor_name(node.name): self._restore(node.input[1].removesuffix(_QUANTISED)).T for node in nodes}

    def _restore(self, name: str) -> Floats:
        """float32 of shape (rows, columns); scale and zero point are one number, or one a column."""
        parts = [self._initial[name + part] for part in (_QUANTISED, "_zero_point", "_scale")]
        integers, zero, scale = (part.astype(np.float32) for part in parts)
        restored: Floats = (integers - zero) * scale
        if restored.shape != integers.shape or integers.ndim != 2:
            raise ValueError(f"the sizes of {name} do not go together")
        return restored


def _path(prefix: str) -> str:
    """What stands before the names of the encoder's nodes: ``/bert/`` for the prefix ``bert.``."""
    return "/" + prefix.replace(".", "/")


def _tensor_name(node: str) -> str:
    return re.sub(r"/(Gemm_)?MatMul_quant$", "", node).strip("/").replace("/", ".") + ".weight"
