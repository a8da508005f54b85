"""Which folders can be run without the libraries that wrote them, and what is read out of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.embedding.recipe import Recipe, recipe_of
from index.errors import ModelError

MakeModel = Callable[..., Path]


@pytest.fixture(scope="module")
def embedder(make_tiny: MakeModel) -> Path:
    return make_tiny("embedder", {"query": "query: ", "document": "passage: "})


@pytest.fixture(scope="module")
def reranker(make_tiny: MakeModel) -> Path:
    return make_tiny("reranker", labels=1)


def changed(folder: Path, tmp_path: Path, file: str, **values: Any) -> Path:
    """A copy of the folder with other values in one of its files; None takes a value away."""
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    path = copy / file
    content = json.loads(path.read_text()) | values
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))
    return copy


def test_an_embedder(embedder: Path) -> None:
    assert recipe_of(embedder, "embedder") == Recipe(
        folder=embedder,
        prefix="",
        hidden=32,
        layers=2,
        heads=4,
        epsilon=1e-12,
        first_position=0,
        limit=24,
        head="mean",
        typed=False,
        prompts={"query": "query: ", "document": "passage: "},
    )


def test_a_reranker(reranker: Path) -> None:
    recipe = recipe_of(reranker, "reranker")
    assert (recipe.prefix, recipe.head, recipe.typed, recipe.limit) == ("bert.", "score", True, 24)


def test_the_folders_own_limit_goes_before_the_tokenizers(embedder: Path, tmp_path: Path) -> None:
    shorter = changed(embedder, tmp_path, "sentence_bert_config.json", max_seq_length=16)
    assert recipe_of(shorter, "embedder").limit == 16


def test_no_limit_is_the_positions(embedder: Path, tmp_path: Path) -> None:
    unlimited = changed(embedder, tmp_path, "sentence_bert_config.json", max_seq_length=None)
    settings = json.loads((unlimited / "tokenizer_config.json").read_text()) | {"model_max_length": 10**30}
    (unlimited / "tokenizer_config.json").write_text(json.dumps(settings))
    assert recipe_of(unlimited, "embedder").limit == 24


@pytest.mark.parametrize(
    ("pooling", "head"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "first"),
        ({"pooling_mode": "cls"}, "first"),
        ({"pooling_mode": ["mean"]}, "mean"),
    ],
)
def test_pooling_in_older_and_newer_words(pooling: dict[str, Any], head: str, embedder: Path, tmp_path: Path) -> None:
    assert recipe_of(changed(embedder, tmp_path, "1_Pooling/config.json", **pooling), "embedder").head == head


@pytest.mark.parametrize(
    ("file", "values", "reason"),
    [
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}, "pooling is neither"),
        ("1_Pooling/config.json", {"pooling_mode": "lasttoken"}, "pooling is neither"),
        ("1_Pooling/config.json", {"include_prompt": False}, "pooling is neither"),
        ("sentence_bert_config.json", {"do_lower_case": True}, "lowers the case"),
        ("config.json", {"model_type": "modernbert"}, "a modernbert model"),
        ("config.json", {"hidden_act": "relu"}, "activation is not gelu"),
        ("config.json", {"position_embedding_type": "relative_key"}, "positions are not absolute"),
        ("config.json", {"is_decoder": True}, "a decoder"),
        ("config.json", {"auto_map": {"AutoModel": "own.Model"}}, "code of its own"),
        ("config.json", {"quantization_config": {}}, "weights are quantised"),
        ("config.json", {"hidden_size": None}, "configuration is incomplete"),
        ("tokenizer_config.json", {"do_lower_case": False}, "disagree about case"),
    ],
)
def test_what_is_refused(file: str, values: dict[str, Any], reason: str, embedder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=reason):
        recipe_of(changed(embedder, tmp_path, file, **values), "embedder")


@pytest.mark.parametrize(
    ("modules", "reason"),
    [
        (["models.Transformer", "models.Pooling", "models.Dense"], "modules are Transformer, Pooling, Dense"),
        (["models.StaticEmbedding"], "modules are StaticEmbedding"),
    ],
)
def test_modules_that_are_refused(modules: list[str], reason: str, embedder: Path, tmp_path: Path) -> None:
    copy = changed(embedder, tmp_path, "config.json")
    entries = [{"path": "", "type": f"sentence_transformers.{name}"} for name in modules]
    (copy / "modules.json").write_text(json.dumps(entries))
    with pytest.raises(ModelError, match=reason):
        recipe_of(copy, "embedder")
    (copy / "modules.json").write_text(json.dumps([{"path": "", "type": "own.Transformer"}]))
    with pytest.raises(ModelError, match="code of its own"):
        recipe_of(copy, "embedder")


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("modules.json", "its modules.json cannot be read"),
        ("tokenizer.json", "it has no fast tokenizer"),
        ("model.safetensors", "its model.safetensors cannot be read"),
    ],
)
def test_files_that_are_missing(file: str, reason: str, embedder: Path, tmp_path: Path) -> None:
    copy = changed(embedder, tmp_path, "config.json")
    (copy / file).unlink()
    with pytest.raises(ModelError, match=reason):
        recipe_of(copy, "embedder")


def test_weights_of_another_kind(embedder: Path, make_tiny: MakeModel, tmp_path: Path) -> None:
    copy = changed(embedder, tmp_path, "config.json")
    data = (copy / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(
        data.replace(b"embeddings.LayerNorm.weight", b"embeddings.LayerNorm.gammas")
    )
    with pytest.raises(ModelError, match="weights have other names"):
        recipe_of(copy, "embedder")


def test_rerankers_that_are_refused(reranker: Path, embedder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no cross-encoder of the usual kind"):
        recipe_of(embedder, "reranker")
    two = changed(reranker, tmp_path / "two", "config.json", id2label={"0": "no", "1": "yes"})
    with pytest.raises(ModelError, match="one score a pair"):
        recipe_of(two, "reranker")
    silent = changed(reranker, tmp_path / "silent", "tokenizer_config.json", model_input_names=None)
    with pytest.raises(ModelError, match="tells question and passage apart"):
        recipe_of(silent, "reranker")


def test_which_tokenizers_tell_texts_apart(reranker: Path, tmp_path: Path) -> None:
    one = changed(reranker, tmp_path / "one", "tokenizer_config.json", model_input_names=["input_ids"])
    assert recipe_of(one, "reranker").typed is False
    bert = {"tokenizer_class": "BertTokenizerFast", "model_input_names": None}
    assert recipe_of(changed(reranker, tmp_path / "bert", "tokenizer_config.json", **bert), "reranker").typed is True
