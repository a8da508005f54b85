"""A small judged set whose figures can be worked out by hand."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

CORPUS: list[dict[str, Any]] = [
    {"_id": "fox", "title": "Foxes", "text": "A red fox crossed the frozen river at dawn."},
    {"_id": "owl", "title": "Owls", "text": "The barn owl hunts voles. It sleeps through the day."},
    {"_id": "bee", "title": "Bees", "text": "Bees dance to tell where clover is in bloom."},
    {"_id": "river", "title": "Rivers", "text": "The river froze in January and thawed in March."},
]
QUERIES: list[dict[str, Any]] = [
    {"_id": "q1", "text": "red fox dawn"},
    {"_id": "q2", "text": "barn owl voles", "date": "2025/01/31"},
    {"_id": "q3", "text": "frozen river"},
    {"_id": "q4", "text": "nobody judged this one"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\tfox\t1\nq2\towl\t2\nq3\triver\t1\nq3\tbee\t1\nq4\tbee\t0\n"
ANSWERS: list[dict[str, Any]] = [
    {"query_id": "q1", "doc_id": "fox", "start": 2, "end": 9, "answer": "red fox"},
    {"query_id": "q2", "doc_id": "owl", "answer": "voles"},
    {"query_id": "q3", "doc_id": "river", "answer": "January"},
]
UNANSWERABLE: list[dict[str, Any]] = [{"_id": "u1", "text": "submarine cables"}, {"_id": "u2", "text": "tax law"}]

Content = str | list[dict[str, Any]] | None


class Write(Protocol):
    """Writes the set into a folder; files may be given anew by name (dots as underscores), or left out with None."""

    def __call__(self, folder: str = "animals", *, packed: bool = False, **given: Content) -> Path: ...


def write_set(home: Path, packed: bool, given: dict[str, Content]) -> Path:
    files: dict[str, Content] = {
        "corpus_jsonl": CORPUS,
        "queries_jsonl": QUERIES,
        "qrels_tsv": QRELS,
        "answers_jsonl": ANSWERS,
        "unanswerable_jsonl": UNANSWERABLE,
    }
    home.mkdir()
    for name, content in (files | given).items():
        if content is not None:
            _write_file(home / name.replace("_", "."), content, packed)
    return home


def json_lines(records: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def _write_file(path: Path, content: str | list[dict[str, Any]], packed: bool) -> None:
    text = content if isinstance(content, str) else json_lines(content)
    if packed and path.suffix == ".jsonl":
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
