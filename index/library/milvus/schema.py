"""The collections of a library on Milvus, and what they are searched by.

``ledger`` holds what is committed and who writes; ``records`` articles and notes in parts that fit a field;
``passages`` their texts, and words for BM25; ``awaited`` who is to get a vector; ``vectors_N`` those of a pipeline.
Every row that snapshots see has the revisions it was born and died in. Milvus wants a vector in each collection:
`NOTHING` is one where there is none.
"""

from __future__ import annotations

from typing import Any

from pymilvus import CollectionSchema, DataType, Function, FunctionType, MilvusClient

from index.library.milvus.address import Address

LONGEST = 65_535
"""Bytes of UTF-8 that a text field may hold."""

MOST_LABELS = 4_096
LONGEST_TERM = 1_000
TEXTS = ("body", "title")
"""The fields that words are looked for in, each with its own BM25."""

NOTHING = (0.0, 0.0)
TRAINED: dict[str, dict[str, int]] = {"HNSW": {"M": 16, "efConstruction": 200}, "FLAT": {}}
"""How vectors are indexed. Stated in full: servers differ in what they take for granted."""

EF = 128
"""How many neighbours HNSW keeps in view, at least; recall@10 of 100,000 clustered passages was .9995 at 64."""

COLLECTIONS = ("ledger", "records", "passages", "awaited")
"""Those that every library has from the beginning."""


def schema(kind: str, *, dimensions: int = 0, bm25: bool = True) -> CollectionSchema:
    """The fields of one collection, ``vectors`` standing for those of a pipeline."""
    made = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    if kind in {"passages", "vectors"}:
        made.add_field("key", DataType.INT64, is_primary=True)
    else:
        made.add_field("id", DataType.VARCHAR, is_primary=True, max_length=LONGEST)
    FIELDS[kind](made)
    if kind == "vectors":
        made.add_field("vector", DataType.FLOAT_VECTOR, dim=dimensions)
    elif kind == "passages" and bm25:
        _searched(made)
    else:
        made.add_field("nothing", DataType.FLOAT_VECTOR, dim=len(NOTHING))
    return made


def indexes(kind: str, address: Address, *, bm25: bool = True) -> Any:
    """By what the collection is searched."""
    made = MilvusClient.prepare_index_params()
    if kind == "vectors":
        made.add_index("vector", index_type=address.index, metric_type="IP", params=TRAINED[address.index])
    elif kind == "passages" and bm25:
        for text in TEXTS:
            parameters = {"bm25_k1": 1.2, "bm25_b": 0.75}
            made.add_index(f"{text}_bm25", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params=parameters)
    else:
        made.add_index("nothing", index_type="FLAT", metric_type="IP", params={})
    return made


def _ledger(made: CollectionSchema) -> None:
    _text(made, "value")


def _records(made: CollectionSchema) -> None:
    for name in ("kind", "name", "digest", "language"):
        made.add_field(name, DataType.VARCHAR, max_length=LONGEST_TERM)
    for name in ("article", "part", "passages"):
        made.add_field(name, DataType.INT64)
    _seen(made)
    _labelled(made)
    _text(made, "value")


def _passages(made: CollectionSchema) -> None:
    for name in ("article", "ordinal", "start", "stop"):
        made.add_field(name, DataType.INT64)
    _filtered(made)
    _text(made, "text")


def _awaited(made: CollectionSchema) -> None:
    for name in ("pipeline", "key", "until", "born"):
        made.add_field(name, DataType.INT64)


def _vectors(made: CollectionSchema) -> None:
    made.add_field("article", DataType.INT64)
    _filtered(made)


def _filtered(made: CollectionSchema) -> None:
    """What passages and vectors are filtered by, and found by for another passage of the same text."""
    made.add_field("digest", DataType.VARCHAR, max_length=LONGEST_TERM)
    _seen(made)
    _labelled(made)
    _text(made, "spelt")
    _text(made, "spelt_title")


def _seen(made: CollectionSchema) -> None:
    made.add_field("born", DataType.INT64)
    made.add_field("died", DataType.INT64)


def _labelled(made: CollectionSchema) -> None:
    kind = {"element_type": DataType.VARCHAR, "max_capacity": MOST_LABELS, "max_length": LONGEST_TERM}
    made.add_field("labels", DataType.ARRAY, **kind)
    made.add_field("instant", DataType.INT64)


def _searched(made: CollectionSchema) -> None:
    for text in TEXTS:
        analyzer = {"tokenizer": "whitespace"}
        made.add_field(text, DataType.VARCHAR, max_length=LONGEST, enable_analyzer=True, analyzer_params=analyzer)
        made.add_field(f"{text}_bm25", DataType.SPARSE_FLOAT_VECTOR)
        made.add_function(Function(f"{text}_function", FunctionType.BM25, [text], [f"{text}_bm25"]))


def _text(made: CollectionSchema, name: str) -> None:
    made.add_field(name, DataType.VARCHAR, max_length=LONGEST)


FIELDS = {"ledger": _ledger, "records": _records, "passages": _passages, "awaited": _awaited, "vectors": _vectors}
