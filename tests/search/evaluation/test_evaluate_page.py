"""The page about evaluating tells the truth: its files are a judged set, its code runs, its options exist."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from api.cli.commands import command
from index.articles.article import Draft
from index.embedding.hashing import HashingEmbedder
from index.ingest import ingest
from index.library.opening import open_library
from search.evaluation.dataset import Gold, read_dataset
from search.evaluation.metrics import QUALITY
from search.evaluation.report import COLUMNS
from search.evaluation.runner import MODES

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "evaluate.md").read_text()
FILES = dict(re.findall(r"^`my-questions/(\S+)`(?:.(?!```))*\n```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
CODE = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_files_shown_are_a_judged_set(tmp_path: Path) -> None:
    assert sorted(FILES) == ["answers.jsonl", "corpus.jsonl", "qrels.tsv", "queries.jsonl", "unanswerable.jsonl"]
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    found = read_dataset(tmp_path)
    assert (found.documents, len(found.questions), len(found.unanswerable)) == (5, 6, 2)
    assert found.judgements["q6"] == {"ferry": 2, "bridge": 1}
    assert found.golds["q3"] == [Gold("ferry", 115, 117, "38")]
    assert f"{found.documents} documents" in PAGE


def test_the_code_shown_writes_a_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = [Draft(f"{number:03}", f"River {number} froze.", source="Gazette") for number in range(101)]
    with closing(open_library(tmp_path / "library", create=True)) as library:
        list(ingest(drafts, library, HashingEmbedder()))
    for name in ("queries.jsonl", "qrels.tsv"):
        (tmp_path / "my-questions").mkdir(exist_ok=True)
        (tmp_path / "my-questions" / name).write_text(FILES[name].replace("bridge", "007").replace("ferry", "008"))
    monkeypatch.setenv("PINCITE_LIBRARY", str(tmp_path / "library"))
    monkeypatch.chdir(tmp_path)
    (code,) = CODE
    exec(compile(code, "docs/evaluate.md", "exec"), {})
    judged = (tmp_path / "my-questions" / "qrels.tsv").read_text()
    (tmp_path / "my-questions" / "qrels.tsv").write_text(re.sub("bakery|school", "100", judged))
    found = read_dataset(tmp_path / "my-questions")
    assert found.documents == 101
    assert [(one.id, one.content, one.source) for one in found.drafts()][100] == ("100", "River 100 froze.", "Gazette")


def test_every_option_shown_exists_and_every_one_that_exists_is_shown() -> None:
    known = {name for option in command("evaluate").params for name in option.opts if name.startswith("--")}
    shown = set(re.findall(r"--[a-z-]+[a-z]", PAGE)) - {"--model"}
    assert known - shown == {"--json", "--help"} & known
    assert shown <= known


def test_every_figure_and_mode_is_explained() -> None:
    assert [COLUMNS[name] for name in QUALITY if COLUMNS[name] not in PAGE] == []
    assert [mode for mode in MODES if mode not in PAGE] == []
