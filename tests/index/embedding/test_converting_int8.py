"""Dynamically quantised ONNX graphs, on a small one written here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from index.embedding.catalogue import CATALOGUE, DEFAULT_RERANKER, Model
from index.embedding.converting.int8 import convert
from index.errors import ModelChanged

RERANKER = replace(CATALOGUE[DEFAULT_RERANKER], members=("model.onnx", "tokenizer.json"))
EMBEDDER = replace(CATALOGUE["bge-small-en-v1.5"], members=("model.onnx", "tokenizer.json"))
HIDDEN, HEADS, INNER, WORDS, POSITIONS, TYPES = 8, 2, 16, 12, 10, 2

LAYER = "encoder/layer.0"
MATRICES = {
    f"{LAYER}/attention/self/query/MatMul_quant": (8, 8),
    f"{LAYER}/attention/self/key/MatMul_quant": (8, 8),
    f"{LAYER}/attention/self/value/MatMul_quant": (8, 8),
    f"{LAYER}/attention/output/dense/MatMul_quant": (8, 8),
    f"{LAYER}/intermediate/dense/MatMul_quant": (8, 16),
    f"{LAYER}/output/dense/MatMul_quant": (16, 8),
}
HEAD = {"bert/pooler/dense/Gemm_MatMul_quant": (8, 8), "classifier/Gemm_MatMul_quant": (8, 1)}
EMBEDDINGS = {"word": (WORDS, HIDDEN), "position": (POSITIONS, HIDDEN), "token_type": (TYPES, HIDDEN)}

Arrays = dict[str, np.ndarray]


def _quantised(name: str, shape: tuple[int, int], random: np.random.Generator) -> Arrays:
    """Integers with one scale and zero point a column, or for the whole if there is one column only."""
    columns = () if name.startswith("embeddings") else (shape[1],)
    return {
        f"{name}_quantized": random.integers(-100, 100, shape).astype(np.int8),
        f"{name}_scale": random.uniform(0.01, 0.1, columns).astype(np.float32),
        f"{name}_zero_point": random.integers(-3, 3, columns).astype(np.int8),
    }


def _arrays(model: Model) -> tuple[Arrays, dict[str, str]]:
    """The graph's arrays by name, and which of them each node multiplies with."""
    random, judges = np.random.default_rng(5), model.task == "reranker"
    prefix, found, nodes = "bert/" if judges else "", {}, {}
    for name, shape in EMBEDDINGS.items():
        quantised = _quantised(f"embeddings.{name}_embeddings.weight", shape, random)
        found |= {prefix.replace("/", ".") + key: value for key, value in quantised.items()}
    matrices = {prefix + name: shape for name, shape in MATRICES.items()} | (HEAD if judges else {})
    for number, (node, shape) in enumerate(matrices.items()):
        nodes[f"/{node}"] = f"onnx::MatMul_{number}"
        found |= _quantised(f"onnx::MatMul_{number}", shape, random)
        bias = node.rpartition("/")[0].replace("/", ".") + ".bias"
        found[bias] = random.normal(size=shape[1]).astype(np.float32)
    for norm in ("embeddings", "encoder.layer.0.attention.output", "encoder.layer.0.output"):
        for kind in ("weight", "bias"):
            name = prefix.replace("/", ".") + f"{norm}.LayerNorm.{kind}"
            found[name] = random.normal(size=HIDDEN).astype(np.float32)
    return found, nodes


def _graph(arrays: Arrays, nodes: Mapping[str, str], prefix: str) -> bytes:
    query = f"/{prefix}{LAYER}/attention/self/query/Add_output_0"
    constants = {"epsilon": np.float32(1e-12), "heads": np.array([HEADS]), "width": np.array([HIDDEN // HEADS])}
    made = [
        helper.make_node("Constant", [], [key], value=numpy_helper.from_array(np.asarray(value)))
        for key, value in constants.items()
    ]
    made += [
        helper.make_node("MatMulInteger", ["x", f"{matrix}_quantized"], [f"{node}_out"], name=node)
        for node, matrix in nodes.items()
    ]
    made.append(helper.make_node("Add", ["variance", "epsilon"], ["n"], name=f"/{prefix}embeddings/LayerNorm/Add"))
    made.append(helper.make_node("Concat", ["batch", "length", "heads", "width"], ["shape"], axis=0))
    made.append(helper.make_node("Reshape", [query, "shape"], ["reshaped"]))
    tensors = [numpy_helper.from_array(value, name) for name, value in arrays.items()]
    return helper.make_model(helper.make_graph(made, "g", [], [], tensors)).SerializeToString()


def _whole(model: Model) -> bytes:
    return _graph(*_arrays(model), "bert/" if model.task == "reranker" else "")


def _convert(model: Model, content: bytes, folder: Path) -> Path:
    source, target = folder / "source", folder / "target"
    for path in (source, target):
        path.mkdir(parents=True)
    (source / "model.onnx").write_bytes(content)
    (source / "tokenizer.json").write_bytes(b'{"any": "tokenizer"}')
    convert(model, source, target)
    return target


def test_weights_are_restored(tmp_path: Path) -> None:
    arrays, nodes = _arrays(EMBEDDER)
    weights = load_file(_convert(EMBEDDER, _whole(EMBEDDER), tmp_path) / "model.safetensors")
    name = nodes[f"/{LAYER}/intermediate/dense/MatMul_quant"]
    integers, scale, zero = (arrays[name + part].astype(float) for part in ("_quantized", "_scale", "_zero_point"))
    expected = np.array(
        [[(integers[row, column] - zero[column]) * scale[column] for row in range(8)] for column in range(16)]
    )
    found = weights["encoder.layer.0.intermediate.dense.weight"]
    assert found.dtype == np.float32
    assert found == pytest.approx(expected, rel=1e-6)
    words = "embeddings.word_embeddings.weight"
    whole = (arrays[f"{words}_quantized"].astype(float) - arrays[f"{words}_zero_point"]) * arrays[f"{words}_scale"]
    assert weights[words] == pytest.approx(whole, rel=1e-6)
    assert np.array_equal(weights["embeddings.LayerNorm.weight"], arrays["embeddings.LayerNorm.weight"])
    assert len(weights) == 5 + 16


def test_an_embedder(tmp_path: Path) -> None:
    folder = _convert(EMBEDDER, _whole(EMBEDDER), tmp_path)
    config = json.loads((folder / "config.json").read_text())
    sizes = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size")
    assert [config[size] for size in sizes] == [8, 1, 2, 16, 12]
    assert [config[key] for key in ("max_position_embeddings", "type_vocab_size", "layer_norm_eps")] == [10, 2, 1e-12]
    assert config["architectures"] == ["BertModel"]
    pooling = json.loads((folder / "1_Pooling/config.json").read_text())
    assert [mode for mode, on in pooling.items() if on is True] == ["pooling_mode_cls_token"]
    settings_ = json.loads((folder / "config_sentence_transformers.json").read_text())
    assert settings_["prompts"]["query"] == "Represent this sentence for searching relevant passages: "
    assert (folder / "tokenizer.json").read_bytes() == b'{"any": "tokenizer"}'


def test_a_reranker(tmp_path: Path) -> None:
    folder = _convert(RERANKER, _whole(RERANKER), tmp_path)
    config = json.loads((folder / "config.json").read_text())
    assert config["architectures"] == ["BertForSequenceClassification"]
    assert config["id2label"] == {"0": "LABEL_0"}
    weights = load_file(folder / "model.safetensors")
    assert weights["classifier.weight"].shape == (1, 8)
    assert weights["classifier.bias"].shape == (1,)
    assert weights["bert.pooler.dense.weight"].shape == (8, 8)
    assert len(weights) == 5 + 16 + 4
    assert not (folder / "modules.json").exists()


def test_the_same_bytes_every_time(tmp_path: Path) -> None:
    once, twice = (_convert(EMBEDDER, _whole(EMBEDDER), tmp_path / name) for name in ("once", "twice"))
    for path in once.rglob("*.*"):
        assert path.read_bytes() == (twice / path.relative_to(once)).read_bytes()


def _without(name: str) -> bytes:
    arrays, nodes = _arrays(EMBEDDER)
    del arrays[name]
    return _graph(arrays, nodes, "")


def _with(name: str, value: np.ndarray) -> bytes:
    arrays, nodes = _arrays(EMBEDDER)
    return _graph(arrays | {name: value}, nodes, "")


def _without_node(kind: str) -> bytes:
    model = onnx.load_model_from_string(_whole(EMBEDDER))
    kept = [node for node in model.graph.node if node.op_type != kind]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    return model.SerializeToString()


def _outside() -> bytes:
    model = onnx.load_model_from_string(_whole(EMBEDDER))
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL
    return model.SerializeToString()


REFUSED = {
    "no graph": b"\x00\xff\x00 nothing of the kind",
    "an empty graph": b"",
    "a reranker's": _whole(RERANKER),
    "no scale": _without("onnx::MatMul_0_scale"),
    "no words": _without("embeddings.word_embeddings.weight_quantized"),
    "no bias": _without("encoder.layer.0.output.dense.bias"),
    "one tensor too many": _with("encoder.layer.0.extra.bias", np.zeros(8, np.float32)),
    "sizes that differ": _with("onnx::MatMul_0_scale", np.ones(5, np.float32)),
    "sizes that grow": _with("onnx::MatMul_0_scale", np.ones((8, 8, 8), np.float32)),
    "no heads": _without_node("Reshape"),
    "no shape": _without_node("Concat"),
    "no epsilon": _without_node("Add"),
    "no constants": _without_node("Constant"),
    "values in another file": _outside(),
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_is_not_such_a_graph_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ModelChanged):
        _convert(EMBEDDER, content, tmp_path)
    assert not (tmp_path / "target/model.safetensors").exists()


def test_the_refusal_says_why(tmp_path: Path) -> None:
    with pytest.raises(ModelChanged, match=r"model\.onnx is not a quantised BERT graph: 'onnx::MatMul_0_scale'\."):
        _convert(EMBEDDER, _without("onnx::MatMul_0_scale"), tmp_path)
    with pytest.raises(ModelChanged, match=r"tensors are not those of its kind: encoder\.layer\.0\.extra\.bias\."):
        _convert(EMBEDDER, REFUSED["one tensor too many"], tmp_path / "more")


WHOLE = _whole(EMBEDDER)


@settings(deadline=None, max_examples=60)
@given(
    end=st.integers(0, len(WHOLE)),
    flips=st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=4),
)
def test_damage_is_refused_or_does_not_matter(
    end: int, flips: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    damaged = bytearray(WHOLE)
    for place, value in flips:
        damaged[place] = value
    folder = tmp_path_factory.mktemp("damaged")
    try:
        _convert(EMBEDDER, bytes(damaged[:end]), folder)
    except ModelChanged:
        return
    assert len(load_file(folder / "target/model.safetensors")) == 5 + 16
