"""The packed E5 format, on a small file written here."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from index.embedding.catalogue import CATALOGUE, DEFAULT_EMBEDDER
from index.embedding.converting.q4 import convert
from index.embedding.embedder import load_embedder
from index.errors import ModelChanged

MODEL = CATALOGUE[DEFAULT_EMBEDDER]
FILE = MODEL.members[0]
HIDDEN, LAYERS, HEADS, INNER, VOCABULARY, POSITIONS, TYPES = 32, 1, 2, 64, 16, 20, 2
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁rain", "s", "▁fine", "▁é", "▁a", "▁b", "<mask>"]
LAYER = {"q": (32, 32), "k": (32, 32), "v": (32, 32), "ao": (32, 32), "fi": (64, 32), "fo": (32, 64)}


def _blocks(rows: int, columns: int, seed: int) -> bytes:
    random = np.random.default_rng(seed)
    scales = random.uniform(0.02, 0.1, (rows * columns // 32, 1)).astype("<f2")
    return np.hstack([scales.view(np.uint8), random.integers(0, 256, (len(scales), 16), np.uint8)]).tobytes()


def _tensors() -> dict[str, tuple[int, bytes]]:
    random = np.random.default_rng(3)

    def numbers(count: int) -> tuple[int, bytes]:
        return 0, random.normal(0, 0.3, count).astype("<f4").tobytes()

    found = {
        "emb.word": (1, _blocks(VOCABULARY, HIDDEN, 1)),
        "emb.pos": numbers(POSITIONS * HIDDEN),
        "emb.type": numbers(TYPES * HIDDEN),
        "emb.ln.w": numbers(HIDDEN),
        "emb.ln.b": numbers(HIDDEN),
    }
    for seed, (name, (rows, columns)) in enumerate(LAYER.items()):
        found[f"l0.{name}.w"] = (1, _blocks(rows, columns, seed))
        found[f"l0.{name}.b"] = numbers(rows)
    return found | {f"l0.{norm}.{kind}": numbers(HIDDEN) for norm in ("aln", "oln") for kind in "wb"}


def _pack(
    tensors: Mapping[str, tuple[int, bytes]] | None = None,
    pieces: list[str] = PIECES,
    table: Mapping[str, str] = {"\u200d": " ", "ﬁ": "fi"},
    sizes: tuple[int, ...] = (HIDDEN, LAYERS, HEADS, INNER, VOCABULARY, POSITIONS, TYPES),
    special: tuple[int, ...] = (0, 2, 1, 3),
) -> bytes:
    tensors = _tensors() if tensors is None else tensors
    encoded = [piece.encode() for piece in pieces]
    bounds = np.cumsum([0, *map(len, encoded)]).astype("<u4")
    scores = -np.arange(len(pieces), dtype="<f4")
    rows = [struct.pack(f"<IB{len(to)}I", ord(one), len(to), *map(ord, to)) for one, to in table.items()]
    head = b"E5S1" + struct.pack("<I7ifi", 1, *sizes, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), *special, bounds[-1]) + bounds.tobytes() + scores.tobytes()
    head += b"".join(encoded) + struct.pack("<iI", len(table), sum(map(len, rows))) + b"".join(rows)
    head += struct.pack("<i", len(tensors))
    at = len(head) + sum(2 + len(name) + 21 for name in tensors)
    directory = b""
    for name, (kind, content) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, 0, at, len(content))
        at += len(content)
    return head + directory + b"".join(content for _, content in tensors.values())


def _convert(content: bytes, folder: Path) -> Path:
    source, target = folder / "source", folder / "target"
    for path in (source, target):
        path.mkdir(parents=True)
    (source / FILE).write_bytes(content)
    convert(MODEL, source, target)
    return target


def test_weights_are_restored(tmp_path: Path) -> None:
    tensors = _tensors()
    scale = np.float16(0.125)
    block = scale.tobytes() + bytes([0x80 + number for number in range(16)])  # halves: low 0..15, high 8
    tensors["l0.q.w"] = (1, block + tensors["l0.q.w"][1][18:])
    weights = load_file(_convert(_pack(tensors), tmp_path) / "model.safetensors")
    row = weights["encoder.layer.0.attention.self.query.weight"][0]
    assert row.tolist() == [(number - 8) / 8 for number in range(16)] + [0.0] * 16
    assert row.dtype == np.float32
    shapes = {name: tensor.shape for name, tensor in weights.items()}
    assert shapes["embeddings.word_embeddings.weight"] == (16, 32)
    assert shapes["encoder.layer.0.output.dense.weight"] == (32, 64)
    assert shapes["encoder.layer.0.intermediate.dense.bias"] == (64,)
    assert weights["embeddings.LayerNorm.bias"].tobytes() == tensors["emb.ln.b"][1]
    assert len(weights) == 5 + 16


def test_settings(tmp_path: Path) -> None:
    folder = _convert(_pack(), tmp_path)
    config = json.loads((folder / "config.json").read_text())
    assert {key: config[key] for key in ("model_type", "hidden_size", "num_attention_heads", "layer_norm_eps")} == {
        "model_type": "bert",
        "hidden_size": 32,
        "num_attention_heads": 2,
        "layer_norm_eps": 1e-12,
    }
    prompts = json.loads((folder / "config_sentence_transformers.json").read_text())["prompts"]
    assert prompts == {"query": "query: ", "document": "passage: "}
    pooling = json.loads((folder / "1_Pooling/config.json").read_text())
    assert [mode for mode, on in pooling.items() if on is True] == ["pooling_mode_mean_tokens"]
    assert json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"] == 20


def test_the_tokenizer_normalises_as_the_file_says(tmp_path: Path) -> None:
    tokenizer = Tokenizer.from_file(str(_convert(_pack(), tmp_path) / "tokenizer.json"))
    texts = ["rain  rains", "ﬁne", "e\u0301", "a\u200db", "<mask>"]
    assert [tokenizer.encode(text).tokens[1:-1] for text in texts] == [
        ["▁rain", "▁rain", "s"],
        ["▁fine"],
        ["▁é"],  # composed, which a table of single characters cannot do
        ["▁a", "▁b"],  # the file's own table makes a space of U+200D, today's SentencePiece does not
        ["<mask>"],
    ]
    assert tokenizer.encode("zz").ids == [0, 4, 3, 2]
    pair = tokenizer.encode("a", "b")
    assert pair.tokens == ["<s>", "▁a", "</s>", "</s>", "▁b", "</s>"]
    assert pair.ids == [0, 9, 2, 2, 10, 2]


def test_the_same_bytes_every_time(tmp_path: Path) -> None:
    once, twice = (_convert(_pack(), tmp_path / name) for name in ("once", "twice"))
    for path in once.rglob("*.*"):
        assert path.read_bytes() == (twice / path.relative_to(once)).read_bytes()


def test_anyone_may_read_the_weights(tmp_path: Path) -> None:
    assert (_convert(_pack(), tmp_path) / "model.safetensors").stat().st_mode & 0o777 == 0o644


def test_the_folder_is_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINCITE_MODELS", str(tmp_path / "cache"))
    embedder = load_embedder(str(_convert(_pack(), tmp_path)), precision="float32")
    assert embedder.embed_question("rain").shape == (32,)
    assert embedder.max_tokens == 20 - 2 - len(embedder.tokens("passage: "))


WITHOUT = {name: tensor for name, tensor in _tensors().items() if name != "l0.fo.b"}
REFUSED = {
    "another format": b"GGUF" + _pack()[4:],
    "another version": b"E5S1\x02" + _pack()[5:],
    "empty": b"",
    "no layers": _pack(sizes=(32, 0, 2, 64, 16, 20, 2)),
    "uneven heads": _pack(sizes=(32, 1, 3, 64, 16, 20, 2)),
    "other sizes": _pack(sizes=(32, 1, 2, 96, 16, 20, 2)),
    "more layers": _pack(sizes=(32, 2, 2, 64, 16, 20, 2)),
    "a tensor missing": _pack(WITHOUT),
    "a tensor of another kind": _pack(_tensors() | {"emb.pos": (1, _tensors()["emb.pos"][1])}),
    "a tensor of another size": _pack(_tensors() | {"emb.pos": (0, b"1234")}),
    "special tokens out of range": _pack(special=(0, 2, 1, 99)),
    "more pieces than words": _pack(pieces=[*PIECES, *"abcdefgh"]),
    "no mask": _pack(pieces=PIECES[:-1]),
    "no characters": _pack().replace(struct.pack("<IBI", 0x200D, 1, 32), struct.pack("<IBI", 0x200D, 1, 0xD800)),
    "no character": _pack().replace(struct.pack("<IBI", 0x200D, 1, 32), struct.pack("<IBI", 0xFFFFFFFF, 1, 32)),
    "not UTF-8": _pack().replace("▁rain".encode(), b"\xff\xfe\xfdrain"),
    "another size of table": _pack().replace(struct.pack("<iI", 2, 22), struct.pack("<iI", 2, 23)),
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_is_not_this_format_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ModelChanged, match=r"e5-small-q4\.bin is not a packed E5 model: .+\.") as caught:
        _convert(content, tmp_path)
    assert caught.value.detail == {"file": FILE}


def test_pieces_that_overlap(tmp_path: Path) -> None:
    bounds = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype("<u4")
    swapped = bounds[[0, 2, 1, *range(3, len(bounds))]]
    with pytest.raises(ModelChanged, match="its pieces overlap"):
        _convert(_pack().replace(bounds.tobytes(), swapped.tobytes()), tmp_path)


WHOLE = _pack()


@settings(deadline=None, max_examples=60)
@given(end=st.integers(0, len(WHOLE)), flips=st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 255)), max_size=4))
def test_no_damage_makes_it_stumble(
    end: int, flips: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    damaged = bytearray(WHOLE)
    for place, value in flips:
        damaged[place] = value
    try:
        _convert(bytes(damaged[:end]), tmp_path_factory.mktemp("damaged"))
    except ModelChanged:
        return
    assert end == len(WHOLE)
