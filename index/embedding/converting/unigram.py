"""A ``tokenizer.json`` of the XLM-RoBERTa kind, from the pieces of a SentencePiece unigram model.

Knows the tokenizer's parts and their order (normalise, split at white space, mark word starts, unigram), and nothing
of weights. The JSON is written here and not by a library, so that its bytes depend on no library's version.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from index.embedding.converting.bert import TOKENIZER, write_json

_WORD_START = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
MASK = "<mask>"
"""The piece that every vocabulary of this kind ends with."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """A unigram vocabulary: the pieces by id with their log probabilities, and the ids of the special ones."""

    texts: list[str]
    scores: list[float]
    begin: int
    end: int
    pad: int
    unknown: int


def write_tokenizer(folder: Path, pieces: Pieces, normalisations: Mapping[str, str], max_tokens: int) -> None:
    """Write ``tokenizer.json`` and ``tokenizer_config.json``.

    Characters are normalised by SentencePiece's own table (NFKC with its extras, sequences included), but where
    `normalisations`, the table that the model was made with, differs, that one holds.
    """
    names = {
        "bos_token": pieces.begin,
        "eos_token": pieces.end,
        "cls_token": pieces.begin,
        "sep_token": pieces.end,
        "pad_token": pieces.pad,
        "unk_token": pieces.unknown,
    }
    added = _added_tokens(pieces)
    whole = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": id_, **flags} for id_, flags in added.items()],
        "normalizer": {"type": "Sequence", "normalizers": list(_normalizers(normalisations))},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, _WORD_START]},
        "post_processor": _template(pieces),
        "decoder": _WORD_START,
        "model": {
            "type": "Unigram",
            "unk_id": pieces.unknown,
            "vocab": list(zip(pieces.texts, pieces.scores, strict=True)),
            "byte_fallback": False,
        },
    }
    # Without indentation it is half the size and is read faster.
    compact = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    (folder / TOKENIZER).write_text(compact, encoding="utf-8")
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": max_tokens,
        "clean_up_tokenization_spaces": False,
        "model_input_names": ["input_ids", "attention_mask"],
        "mask_token": MASK,
        # Once more, or else transformers parses the whole vocabulary a second time to find them.
        "added_tokens_decoder": {str(id_): flags for id_, flags in added.items()},
    }
    write_json(folder / "tokenizer_config.json", settings | {key: pieces.texts[id_] for key, id_ in names.items()})


def _added_tokens(pieces: Pieces) -> dict[int, dict[str, object]]:
    ids = sorted({pieces.begin, pieces.pad, pieces.end, pieces.unknown, pieces.texts.index(MASK)})
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {id_: {"content": pieces.texts[id_], **flags, "lstrip": pieces.texts[id_] == MASK} for id_ in ids}


def _normalizers(normalisations: Mapping[str, str]) -> Iterator[dict[str, object]]:
    # Heavy, and needed for converting only.
    from sentencepiece import SentencePieceNormalizer, sentencepiece_model_pb2  # noqa: PLC0415
    from tokenizers.normalizers import Precompiled  # noqa: PLC0415

    standard = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]
    standard.ParseFromString(SentencePieceNormalizer(rule_name="nmt_nfkc").serialized_model_proto())
    table = standard.normalizer_spec.precompiled_charsmap
    normalise = Precompiled(table).normalize_str
    for character, replacement in normalisations.items():
        if normalise(character) != replacement:
            yield {"type": "Replace", "pattern": {"String": character}, "content": replacement}
    yield {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(table).decode()}


def _template(pieces: Pieces) -> dict[str, object]:
    begin, end = pieces.texts[pieces.begin], pieces.texts[pieces.end]
    first, last = ({"SpecialToken": {"id": token, "type_id": 0}} for token in (begin, end))
    one, two = ({"Sequence": {"id": side, "type_id": 0}} for side in "AB")
    ids = {begin: pieces.begin, end: pieces.end}
    return {
        "type": "TemplateProcessing",
        "single": [first, one, last],
        "pair": [first, one, last, last, two, last],
        "special_tokens": {token: {"id": token, "ids": [ids[token]], "tokens": [token]} for token in sorted(ids)},
    }
