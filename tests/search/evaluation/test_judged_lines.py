"""Lines of a judged set, and the digest that it is known by."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from index.errors import InvalidInput
from search.evaluation import lines


def test_rows_skip_empty_lines_and_know_their_number(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"_id": "a"}\r\n\n{"_id": "b"}')
    found = list(lines.rows(path))
    assert [(row.values, row.place.line) for row in found] == [({"_id": "a"}, 1), ({"_id": "b"}, 3)]


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b'{"_id": "a"}\n{"_id": \n', 2, "it is not JSON"),
        (b'{"_id": "a"}\n[1]\n', 2, "a JSON object is wanted"),
        (b'{"_id": "a"}\n\xff\xfe\n', 2, "it is not UTF-8: 'utf-8' codec"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, content: bytes, line: int, reason: str) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=reason) as caught:
        list(lines.rows(path))
    assert caught.value.detail == {"path": str(path), "line": line}
    assert caught.value.message.startswith(f"{path}, line {line}: ")


def test_a_gzip_file_that_was_cut_short_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"_id": "a"}\n' * 100)[:30])
    with pytest.raises(InvalidInput, match=r"cut\.jsonl\.gz, line \d+: it cannot be read"):
        list(lines.rows(path))


@pytest.mark.parametrize("value", [None, "", "  ", 7, ["a"]])
def test_a_text_must_be_a_string_that_is_not_empty(tmp_path: Path, value: object) -> None:
    row = lines.Row(lines.Place(tmp_path / "a.jsonl", 4), {"text": value})
    with pytest.raises(InvalidInput, match=r"a\.jsonl, line 4: 'text' must be a string that is not empty"):
        row.text("text")


@pytest.mark.parametrize("value", [None, "7", 7.0, True])
def test_a_number_must_be_whole(tmp_path: Path, value: object) -> None:
    row = lines.Row(lines.Place(tmp_path / "a.jsonl", 4), {"start": value})
    with pytest.raises(InvalidInput, match="'start' must be a whole number"):
        row.number("start")


def test_columns_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "qrels.tsv"
    path.write_text("q1\td1\t1\nq1 d2 1\n")
    with pytest.raises(InvalidInput, match=r"qrels\.tsv, line 2: 3 columns parted by tabs are wanted, not 1"):
        list(lines.columns(path, 3))


def test_a_plain_file_goes_before_a_packed_one(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl.gz").touch()
    assert lines.find(tmp_path, "corpus.jsonl") == tmp_path / "corpus.jsonl.gz"
    (tmp_path / "corpus.jsonl").touch()
    assert lines.find(tmp_path, "corpus.jsonl") == tmp_path / "corpus.jsonl"
    assert lines.find(tmp_path, "queries.jsonl") is None
    with pytest.raises(InvalidInput, match=r"has no qrels\.tsv and no qrels/test\.tsv, plain or as \.gz"):
        lines.need(tmp_path, "qrels.tsv", "qrels/test.tsv")


def test_the_digest_is_of_what_stands_in_the_files(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"
    plain.write_bytes(b"one\n")
    packed.write_bytes(gzip.compress(b"one\n"))
    inner = hashlib.sha256(b"one\n").digest()
    assert lines.digest(plain, None) == hashlib.sha256(inner + b"-").hexdigest()
    assert lines.digest(packed, None) == lines.digest(plain, None)
    assert lines.digest(None, plain) != lines.digest(plain, None)
