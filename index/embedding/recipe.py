"""What a model's folder says of itself: how large its network is, which tokens it reads, how its vectors are made.

A folder that says anything that the graph here (`graph`) does not do is refused with the reason, so that a model is
either run exactly as its authors meant it or left to the libraries that know it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from index.embedding.catalogue import Task
from index.embedding.tensors import Tensors
from index.errors import ModelError

WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
WORDS = "embeddings.word_embeddings.weight"

Head = Literal["mean", "first", "score"]

_FIRST_POSITION = {"bert": 0, "roberta": 2, "xlm-roberta": 2}
"""By ``model_type``: the position of a text's first token. RoBERTa's come after the padding token's, which is 1."""
_PARTS = ["Transformer", "Pooling", "Normalize"]
_POOLING: Mapping[str, Head] = {"mean": "mean", "cls": "first"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to run a BERT-like model.

    Attributes:
        folder: where its weights and its tokenizer are.
        prefix: what the names of its weights begin with.
        hidden, layers, heads: the width of a token, the number of layers, of attention heads in each.
        epsilon: of the layer norms.
        first_position: the row of the position table for a text's first token.
        limit: the most tokens that it reads, special ones included.
        head: what comes out: the ``mean`` of all tokens, the ``first`` one, or a ``score``.
        typed: whether it is told which of two texts a token is of.
        prompts: what it wants before a text, by kind.
    """

    folder: Path
    prefix: str
    hidden: int
    layers: int
    heads: int
    epsilon: float
    first_position: int
    limit: int
    head: Head
    typed: bool
    prompts: Mapping[str, str]

    @property
    def weights(self) -> Path:
        """The file of its weights."""
        return self.folder / WEIGHTS

    @property
    def tokenizer(self) -> Path:
        """The file of its tokenizer."""
        return self.folder / TOKENIZER


def recipe_of(folder: Path, task: Task) -> Recipe:
    """The recipe of a sentence-transformers folder, or of a cross-encoder's.

    Raises:
        ModelError: the folder asks for something that cannot be done here; the message says what.
    """
    try:
        return _embedder(folder) if task == "embedder" else _reranker(folder)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ModelError("its configuration is incomplete") from error


def _embedder(folder: Path) -> Recipe:
    modules = _read(folder / "modules.json")
    kinds = [str(module.get("type", "")).rpartition(".")[2] for module in modules]
    if not all(str(module.get("type", "")).startswith("sentence_transformers.") for module in modules):
        raise ModelError("it has modules with code of its own")
    if kinds not in (_PARTS, _PARTS[:2]):
        raise ModelError(f"its modules are {', '.join(kinds)}")
    transformer, pooling = (folder / str(module["path"]) for module in modules[:2])
    settings = _read(transformer / "sentence_bert_config.json")
    if settings.get("do_lower_case"):
        raise ModelError("it lowers the case of texts outside its tokenizer")
    prompts = _read(folder / "config_sentence_transformers.json", {}).get("prompts") or {}
    return _recipe(transformer, _pooling(_read(pooling / "config.json")), settings.get("max_seq_length"), prompts)


def _reranker(folder: Path) -> Recipe:
    config = _read(folder / "config.json")
    (architecture,) = config["architectures"]
    if (folder / "modules.json").exists() or not architecture.endswith("ForSequenceClassification"):
        raise ModelError("it is no cross-encoder of the usual kind")
    if len(config["id2label"]) != 1:
        raise ModelError("it does not give one score a pair")
    return _recipe(folder, "score", None, {})


def _recipe(folder: Path, head: Head, limit: int | None, prompts: Mapping[str, str]) -> Recipe:
    config, tokenizer = _read(folder / "config.json"), _read(folder / "tokenizer_config.json")
    _refuse_what_is_unknown(folder, config, tokenizer)
    first = _FIRST_POSITION[config["model_type"]]
    limits = (limit or tokenizer.get("model_max_length"), config["max_position_embeddings"] - first)
    return Recipe(
        folder=folder,
        prefix=_prefix(folder),
        hidden=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        epsilon=config["layer_norm_eps"],
        first_position=first,
        limit=int(min(number for number in limits if number)),
        head=head,
        typed=head == "score" and config["type_vocab_size"] > 1 and _tells_texts_apart(tokenizer),
        prompts=prompts,
    )


def _refuse_what_is_unknown(folder: Path, config: Mapping[str, Any], tokenizer: Mapping[str, Any]) -> None:
    reasons = {
        f"it is a {config.get('model_type')} model": config.get("model_type") not in _FIRST_POSITION,
        "its activation is not gelu": config.get("hidden_act") != "gelu",
        "its positions are not absolute": config.get("position_embedding_type", "absolute") != "absolute",
        "it is a decoder": bool(config.get("is_decoder")),
        "it has code of its own": "auto_map" in config,
        "its weights are quantised": "quantization_config" in config,
        "its tokenizer's files disagree about case": _disagrees(folder, tokenizer),
        "it has no fast tokenizer": not (folder / TOKENIZER).is_file(),
    }
    if reason := next((reason for reason, holds in reasons.items() if holds), None):
        raise ModelError(reason)


def _prefix(folder: Path) -> str:
    """What the names of the encoder's weights begin with; it differs by the class that the model was saved from."""
    try:
        names = list(Tensors(folder / WEIGHTS))
    except (OSError, ValueError) as error:
        raise ModelError(f"its {WEIGHTS} cannot be read") from error
    prefix = next((name.removesuffix(WORDS) for name in names if name.endswith(WORDS)), None)
    if prefix is None or f"{prefix}embeddings.LayerNorm.weight" not in names:
        raise ModelError("its weights have other names than usual")
    return prefix


def _disagrees(folder: Path, tokenizer: Mapping[str, Any]) -> bool:
    """Whether transformers would make the tokenizer lower the case, or not to, other than its own file says."""
    if "do_lower_case" not in tokenizer:
        return False  # and a large file need not be read
    normalizer = _read(folder / TOKENIZER)["normalizer"] or {}
    return bool(normalizer.get("lowercase", tokenizer["do_lower_case"]) != tokenizer["do_lower_case"])


def _tells_texts_apart(tokenizer: Mapping[str, Any]) -> bool:
    if (names := tokenizer.get("model_input_names")) is not None:
        return "token_type_ids" in names
    if not str(tokenizer.get("tokenizer_class")).startswith("BertTokenizer"):
        raise ModelError("its tokenizer does not say whether it tells question and passage apart")
    return True


def _pooling(config: Mapping[str, Any]) -> Head:
    older = {"cls": "cls_token", "mean": "mean_tokens", "max": "max_tokens", "sqrt": "mean_sqrt_len_tokens"}
    older |= {"weighted": "weightedmean_tokens", "last": "lasttoken"}
    modes = config.get("pooling_mode") or [mode for mode, key in older.items() if config.get(f"pooling_mode_{key}")]
    mode = modes[0] if isinstance(modes, list) and len(modes) == 1 else modes
    if not isinstance(mode, str) or mode not in _POOLING or config.get("include_prompt") is False:
        raise ModelError("its pooling is neither the mean of all tokens nor the first one")
    return _POOLING[mode]


def _read(path: Path, otherwise: Any = None) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        if otherwise is not None:
            return otherwise
        raise ModelError(f"its {path.name} cannot be read") from error
