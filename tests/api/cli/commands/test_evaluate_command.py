"""`pincite evaluate` in this process: table, files, gates and exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from api import cli
from api.cli.commands import evaluate as evaluating
from api.settings import Settings
from index.embedding.catalogue import SMALL_EMBEDDER
from index.embedding.hashing import HashingEmbedder
from index.errors import InvalidInput
from search.evaluation.dataset import read_dataset
from tests.search.evaluation.judged_set import write_set

FILES = ["evaluation.json", "evaluation.md", "evaluation.svg", "questions.tsv"]


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    return write_set(tmp_path / "animals", packed=False, given={})


def test_a_bench_compares_modes(animals: Path, tmp_path: Path) -> None:
    dataset = read_dataset(animals)
    with evaluating.Bench(dataset, tmp_path / "work", HashingEmbedder()) as bench:
        found = bench.evaluate(["lexical", "hybrid"], 2)
    assert [result.mode for result in found.modes] == ["lexical", "hybrid"]
    assert [result.figures["ndcg@10"] for result in found.modes] == [1.0, 1.0]
    assert (found.dataset, found.documents, found.passages, found.model) == ("animals", 4, 4, "hashing")
    assert (found.sample.most, found.sample.questions, found.sample.of, found.sample.unanswerable) == (2, 2, 3, 2)
    assert (found.rejected, found.lost_spans, found.digest) == ([], 0, dataset.digest)


def test_a_bench_that_cannot_be_built_leaves_the_library_to_the_next(animals: Path, tmp_path: Path) -> None:
    whole = (animals / "corpus.jsonl").read_text()
    (animals / "corpus.jsonl").write_text(whole + '{"_id": "x", "text": "y", "source": 7}\n')
    with pytest.raises(InvalidInput, match=r"corpus\.jsonl, line 5: source: it must be a string, not a number"):
        evaluating.Bench(read_dataset(animals), tmp_path / "work", HashingEmbedder())
    (animals / "corpus.jsonl").write_text(whole)
    with evaluating.Bench(read_dataset(animals), tmp_path / "work", HashingEmbedder()) as bench:
        assert bench.evaluate(["lexical"]).passages == 4


def test_modes_are_named_or_refused() -> None:
    assert evaluating.known_modes(["dense", " hybrid+rerank"]) == ["dense", "hybrid+rerank"]
    with pytest.raises(InvalidInput, match="There is no mode 'fuzzy'; there are lexical, dense, hybrid,"):
        evaluating.known_modes(["dense", "fuzzy"])


def test_reranking_is_compared_where_a_reranker_is_set() -> None:
    assert evaluating.default_modes(Settings()) == ("lexical", "dense", "hybrid", "hybrid+rerank")
    assert evaluating.default_modes(Settings(reranker="")) == ("lexical", "dense", "hybrid")


def test_the_cache_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert evaluating.default_work() == tmp_path / "pincite" / "evaluate"


class Run:
    """Runs `pincite evaluate` on the animals and keeps what it printed."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder, self._capsys, self._monkeypatch = folder, capsys, monkeypatch
        self.out = self.err = ""

    def __call__(self, *arguments: str | Path) -> int:
        named = ["--work", self._folder / "work", "--out", self._folder / "out", *arguments]
        words = ["pincite", "--model", SMALL_EMBEDDER, "evaluate", self._folder / "animals", *named]
        self._monkeypatch.setattr(sys, "argv", [str(word) for word in words])
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        self.out, self.err = self._capsys.readouterr()
        return code


@pytest.fixture
def run(tmp_path: Path, animals: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(animals.parent, capsys, monkeypatch)


@pytest.mark.model
def test_the_table_is_printed_and_the_report_written(run: Run, tmp_path: Path) -> None:
    assert run("--modes", "lexical,dense") == 0
    assert run.out.splitlines()[0].startswith("| mode    | nDCG@10 | MRR@10 |")
    assert "| lexical |   0.796 |" in run.out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES
    assert (tmp_path / "out" / "questions.tsv").read_text().startswith("id\tlexical\tdense\tquestion\n")


@pytest.mark.model
def test_figures_as_json_are_the_written_ones(run: Run, tmp_path: Path) -> None:
    assert run("--modes", "lexical", "--json", "--queries", "1") == 0
    found = json.loads(run.out)
    assert found["sample"]["questions"] == 1
    assert found == json.loads((tmp_path / "out" / "evaluation.json").read_text())


@pytest.mark.model
def test_a_gate_passes_fails_and_notices_another_set(run: Run, tmp_path: Path) -> None:
    gate = tmp_path / "gate.json"
    assert run("--modes", "lexical", "--queries", "3", "--write-gate", gate) == 0
    assert run("--gate", gate) == 0
    values: dict[str, Any] = json.loads(gate.read_text())
    assert values["floors"]["lexical"]["ndcg@10"] == 0.62  # 0.7956, less the room for one of three questions
    values["floors"]["lexical"]["ndcg@10"] = 0.9
    gate.write_text(json.dumps(values))
    assert run("--gate", gate) == 1
    assert run.err == "missed: lexical: ndcg@10 is 0.7956, 0.1044 below its floor of 0.9000.\n"
    gate.write_text(json.dumps(values | {"digest": "d2"}))
    assert run("--gate", gate) == 1
    assert run.err.startswith("missed: The judged set is another one: its digest is ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--modes", "fuzzy"], "There is no mode 'fuzzy'"),
        (["--qrels", "closed.tsv"], "has no closed.tsv"),
        (["--gate", "none.json"], "none.json is no gate file"),
    ],
)
def test_wrong_usage_is_told_in_one_line(run: Run, arguments: list[str], message: str) -> None:
    assert run(*arguments) == 2
    assert message in run.err
    assert run.err.count("\n") == 1
