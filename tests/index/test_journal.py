"""The small mapping in a file: what it keeps, what a crash may cost, how it stays small."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import journal
from index.journal import Journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def test_what_was_put_is_there_when_it_is_opened_again(path: Path) -> None:
    first = Journal(path)
    assert (first.get("a"), dict(first.items()), path.exists()) == (None, {}, False)
    first.put({"a": [1], "b\0\udcff\n": {"x": "ü"}})
    first.put({"a": [2], "b\0\udcff\n": {"x": "ü"}, "c": 3})
    first.put({"c": None, "d": None})
    expected = {"a": [2], "b\0\udcff\n": {"x": "ü"}}
    assert dict(first.items()) == dict(Journal(path).items()) == expected
    assert len(path.read_text().split("\n")) == 5 + 3 + 1  # what is so already is not written; each time ends a line


def test_nothing_new_is_nothing_written(path: Path) -> None:
    Journal(path).put({"a": 1})
    before = path.read_bytes()
    Journal(path).put({"a": 1})
    Journal(path).put({})
    assert path.read_bytes() == before


@given(st.integers(min_value=0, max_value=60))
def test_a_line_that_was_cut_short_costs_that_line_only(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    Journal(path).put({"first": "kept"})
    kept = path.stat().st_size
    Journal(path).put({"second": "lost or kept"})
    path.write_bytes(path.read_bytes()[: kept + cut])
    Journal(path).put({"third": "kept"})
    found = dict(Journal(path).items())
    assert found.pop("second", "lost or kept") == "lost or kept"
    assert found == {"first": "kept", "third": "kept"}


@given(st.binary(max_size=200))
def test_any_file_can_be_opened(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    path.write_bytes(content + b'\n["a", 1]\n[1, 2]\n["b"]\n{"c": 1}\n')
    Journal(path).put({"d": 4})
    found = dict(Journal(path).items())
    assert (found["a"], found["d"]) == (1, 4)


def test_it_is_written_anew_when_most_of_it_is_old(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "SPARE_LINES", 10)
    kept = Journal(path)
    for number in range(20):
        kept.put({"a": number, "b": -number})
    assert dict(Journal(path).items()) == {"a": 19, "b": -19}
    assert [json.loads(line) for line in path.read_text().splitlines()] == [["a", 19], ["b", -19]]
    assert [file.name for file in path.parent.iterdir()] == [path.name]
