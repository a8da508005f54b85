"""The collections of a library on Milvus, and what they are searched by.

``ledger`` holds what is committed, who has died and who writes; ``records`` articles and notes in parts that fit a
field; ``passages`` their texts, and words for BM25; ``awaited`` who is to get a vector; ``vectors_N`` those of a
pipeline. Every row that snapshots see has the revision it was born in, and the number of the article or note that it is
a part of. Milvus wants a vector in each collection: `NOTHING` is one where there is none.
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

NOTHING = [0.0, 0.0]
TRAINED: dict[str, dict[str, int]] = {"HNSW": {"M": 16, "efConstruction": 200}, "FLAT": {}}
"""How vectors are indexed. Stated in full: servers differ in what they take for granted."""

EF = 128
"""How many neighbours HNSW keeps in view, at least; recall@10 of 100,000 clustered passages was .9995 at 64."""

COLLECTIONS = ("ledger", "records", "passages", "awaited")
"""Those that every library has from the beginning."""

Fields = dict[str, dict[str, Any]]
NUMBER = {"datatype": DataType.INT64}
TERM = {"datatype": DataType.VARCHAR, "max_length": LONGEST_TERM}
TEXT = {"datatype": DataType.VARCHAR, "max_length": LONGEST}
TERMS = {
    "datatype": DataType.ARRAY,
    "element_type": DataType.VARCHAR,
    "max_capacity": MOST_LABELS,
    "max_length": LONGEST_TERM,
}
SEEN: Fields = {"born": NUMBER, "record": NUMBER}
LABELLED: Fields = {"labels": TERMS, "instant": NUMBER}
SHARED: Fields = {"digest": TERM, **SEEN, **LABELLED, "spelt": TEXT, "spelt_title": TEXT}
"""What passages and vectors are filtered by, and found by for another passage of the same text."""

FIELDS: dict[str, Fields] = {
    "ledger": {"value": TEXT},
    "records": {"kind": TERM, "name": TERM, "digest": TERM, "language": TERM, "part": NUMBER, "passages": NUMBER}
    | SEEN
    | LABELLED
    | {"value": TEXT},
    "passages": {**SHARED, "ordinal": NUMBER, "start": NUMBER, "stop": NUMBER, "text": TEXT},
    "awaited": {"pipeline": NUMBER, "key": NUMBER, "digest": TERM, "until": NUMBER, "born": NUMBER},
    "vectors": SHARED,
}


def base(kind: str) -> str:
    """The kind of collection that this is, ``vectors`` standing for those of any pipeline."""
    return kind.partition("_")[0]


def primary(kind: str) -> str:
    """The field by whose values its rows are told apart."""
    return "key" if base(kind) in {"passages", "vectors"} else "id"


def schema(kind: str, *, dimensions: int = 0, bm25: bool = True) -> CollectionSchema:
    """The fields of one collection."""
    made = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    made.add_field(primary(kind), is_primary=True, **(NUMBER if primary(kind) == "key" else TEXT))
    for name, field in FIELDS[base(kind)].items():
        made.add_field(name, **field)
    if base(kind) == "vectors":
        made.add_field("vector", DataType.FLOAT_VECTOR, dim=dimensions)
    elif kind == "passages" and bm25:
        _add_words(made)
    else:
        made.add_field("nothing", DataType.FLOAT_VECTOR, dim=len(NOTHING))
    return made


def indexes(kind: str, address: Address, *, bm25: bool = True) -> Any:
    """By what the collection is searched."""
    made = MilvusClient.prepare_index_params()
    if base(kind) == "vectors":
        made.add_index("vector", index_type=address.index, metric_type="IP", params=TRAINED[address.index])
    elif kind == "passages" and bm25:
        for text in TEXTS:
            parameters = {"bm25_k1": 1.2, "bm25_b": 0.75}
            made.add_index(f"{text}_bm25", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params=parameters)
    else:
        made.add_index("nothing", index_type="FLAT", metric_type="IP", params={})
    return made


def written(kind: str, row: dict[str, Any], *, bm25: bool = True) -> dict[str, Any]:
    """A row as the collection takes it: with a vector, and without words where the server finds none by them."""
    if base(kind) == "vectors" or (kind == "passages" and bm25):
        return row
    return {**{name: value for name, value in row.items() if name not in TEXTS}, "nothing": NOTHING}


def _add_words(made: CollectionSchema) -> None:
    for text in TEXTS:
        made.add_field(text, **TEXT, enable_analyzer=True, analyzer_params={"tokenizer": "whitespace"})
        made.add_field(f"{text}_bm25", DataType.SPARSE_FLOAT_VECTOR)
        made.add_function(Function(f"{text}_function", FunctionType.BM25, [text], [f"{text}_bm25"]))
