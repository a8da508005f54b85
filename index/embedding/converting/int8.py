"""ONNX graphs of BERT models that onnxruntime quantised dynamically to 8 bits, back to float32 weights.

Such a graph holds each matrix as integers with a scale and a zero point, for the whole matrix or for each column, and
``weight = (integer - zero point) * scale`` restores it. The graph is read as data; nothing is run.
"""

from __future__ import annotations

import re
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import numpy.typing as npt

from index.embedding.catalogue import Model
from index.embedding.converting.bert import Shape, tensor_names, write_json, write_sentence_transformer, write_weights
from index.errors import ModelChanged

if TYPE_CHECKING:
    from onnx import GraphProto

Array = npt.NDArray[np.generic]

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
    graph = _Graph(source / _GRAPH)
    if model.task == "reranker":
        shape = graph.shape("bert.")
        expected = {f"bert.{name}" for name in tensor_names(shape.layers)} | _HEAD
        _write_reranker_config(target, shape)
    else:
        shape = graph.shape("")
        expected = tensor_names(shape.layers)
        write_json(target / "config.json", shape.config("BertModel"))
        write_sentence_transformer(target, shape, "cls", model.prompts)
    write_weights(target, graph.tensors, expected)
    for member in model.members:
        if member != _GRAPH:
            copyfile(source / member, target / member)


def _write_reranker_config(target: Path, shape: Shape) -> None:
    labels = {"id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}}
    raw = {"sentence_transformers": {"activation_fn": "torch.nn.modules.linear.Identity"}}
    write_json(target / "config.json", {**shape.config("BertForSequenceClassification"), **labels, **raw})


class _Graph:
    """The weights of a quantised graph under their names in torch, and the few numbers that only its nodes tell."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._graph = _read(path)
        self._initial = self._initial_values()
        self._constants = self._constant_values()
        self.tensors = {**self._plain(), **self._embeddings(), **self._matrices()}

    def shape(self, prefix: str) -> Shape:
        """The model's sizes; `prefix` is what stands before the names of the encoder's tensors."""
        layers = {match[1] for name in self.tensors if (match := re.search(r"\.layer\.(\d+)\.", name))}
        words, hidden = self._size(f"{prefix}embeddings.word_embeddings.weight", 2)
        return Shape(
            hidden=hidden,
            layers=len(layers),
            heads=self._heads(prefix),
            inner=self._size(f"{prefix}encoder.layer.0.intermediate.dense.bias", 1)[0],
            vocabulary=words,
            positions=self._size(f"{prefix}embeddings.position_embeddings.weight", 2)[0],
            types=self._size(f"{prefix}embeddings.token_type_embeddings.weight", 2)[0],
            epsilon=self._epsilon(prefix),
        )

    def _size(self, name: str, axes: int) -> tuple[int, ...]:
        tensor = self.tensors.get(name)
        if tensor is None or tensor.ndim != axes:
            self._refuse(f"it has no tensor {name} with {axes} axes")
        return tensor.shape

    def _heads(self, prefix: str) -> int:
        """The third number of the shape (batch, length, heads, width) that the first query is brought into."""
        output = _path(f"{prefix}encoder.layer.0.attention.self.query.Add_output_0")
        targets = [node.input[1] for node in self._graph.node if node.op_type == "Reshape" and node.input[0] == output]
        numbers = [node.input for node in self._graph.node if targets[:1] == list(node.output)]
        if not numbers or len(numbers[0]) != 4:
            self._refuse("it does not tell the number of attention heads")
        return int(self._constant(numbers[0][2]))

    def _epsilon(self, prefix: str) -> float:
        """What the first layer norm adds to the variance."""
        name = _path(f"{prefix}embeddings.LayerNorm.Add")
        inputs = [node.input[1] for node in self._graph.node if node.name == name and len(node.input) == 2]
        return float(f"{self._constant(inputs[0] if inputs else name):.6g}")  # 1e-12 in float32, and not its digits

    def _constant(self, name: str) -> float:
        value = self._constants.get(name)
        if value is None or value.size != 1:
            self._refuse(f"{name} is not one constant number")
        return float(value.item())

    def _constant_values(self) -> dict[str, Array]:
        from onnx import numpy_helper  # noqa: PLC0415 - heavy, and needed for converting only

        nodes = [node for node in self._graph.node if node.op_type == "Constant" and len(node.attribute) == 1]
        return {node.output[0]: numpy_helper.to_array(node.attribute[0].t) for node in nodes}

    def _initial_values(self) -> dict[str, Array]:
        from onnx import TensorProto, numpy_helper  # noqa: PLC0415 - heavy, and needed for converting only

        if outside := [t.name for t in self._graph.initializer if t.data_location == TensorProto.EXTERNAL]:
            self._refuse(f"the values of {outside[0]} are kept in another file")
        return {tensor.name: numpy_helper.to_array(tensor) for tensor in self._graph.initializer}

    def _plain(self) -> dict[str, npt.NDArray[np.float32]]:
        return {name: value.astype(np.float32) for name, value in self._initial.items() if _PLAIN.search(name)}

    def _embeddings(self) -> dict[str, npt.NDArray[np.float32]]:
        names = [name.removesuffix(_QUANTISED) for name in self._initial if name.endswith(_QUANTISED)]
        return {name: self._restore(name) for name in names if "embeddings." in name}

    def _matrices(self) -> dict[str, npt.NDArray[np.float32]]:
        """Torch keeps a matrix as (outputs, inputs), ONNX the other way round; the node tells which part it is of."""
        nodes = [node for node in self._graph.node if node.op_type == "MatMulInteger"]
        return {_tensor_name(node.name): self._restore(node.input[1].removesuffix(_QUANTISED)).T for node in nodes}

    def _restore(self, name: str) -> npt.NDArray[np.float32]:
        try:
            parts = [self._initial[name + part] for part in (_QUANTISED, "_zero_point", "_scale")]
        except KeyError as error:
            self._refuse(f"it has no {error.args[0]}")
        integers, zero, scale = (part.astype(np.float32) for part in parts)
        if integers.ndim != 2 or any(part.size not in {1, integers.shape[-1]} for part in (zero, scale)):
            self._refuse(f"the sizes of {name} do not go together")
        restored: npt.NDArray[np.float32] = (integers - zero) * scale
        return restored

    def _refuse(self, why: str) -> NoReturn:
        raise ModelChanged(f"{self._name} is not a quantised BERT graph: {why}.", file=self._name)


def _read(path: Path) -> GraphProto:
    import onnx  # noqa: PLC0415 - heavy, and needed for converting only
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # noqa: PLC0415

    try:
        return onnx.load_model_from_string(path.read_bytes()).graph
    except DecodeError as error:
        raise ModelChanged(f"{path.name} is not an ONNX file: {error}.", file=path.name) from error


def _path(name: str) -> str:
    """``encoder.layer.0.output`` as the exporter names nodes: ``/encoder/layer.0/output``."""
    return "/" + re.sub(r"layer/(\d+)", r"layer.\1", name.replace(".", "/"))


def _tensor_name(node: str) -> str:
    return re.sub(r"/(Gemm_)?MatMul_quant$", "", node).strip("/").replace("/", ".") + ".weight"
