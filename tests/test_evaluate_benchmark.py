"""`make evaluate` on tiny sets that lie where the real ones do: measured once, kept, and measured again when asked."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from index.embedding.catalogue import SMALL_EMBEDDER
from tests.search.evaluation.judged_set import CORPUS, json_lines, write_set

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "evaluate.py"


class Run:
    """Runs the script in a folder and keeps what it printed and wrote."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._monkeypatch, self._capsys = folder, monkeypatch, capsys
        monkeypatch.setenv("PINCITE_MODEL", SMALL_EMBEDDER)

    def __call__(self, *more: str) -> tuple[str, dict[str, Any]]:
        places = {name: str(self.folder / name) for name in ("data", "out", "work")}
        words = [word for name, place in places.items() for word in (f"--{name}", place)]
        self._monkeypatch.setattr(sys, "argv", ["evaluate.py", "--modes", "lexical", *words, *more])
        runpy.run_path(str(SCRIPT), run_name="__main__")
        return self._capsys.readouterr().out, json.loads((self.folder / "out" / "evaluation.json").read_text())


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    (tmp_path / "data" / "xquad").mkdir(parents=True)
    write_set(tmp_path / "data" / "xquad" / "en", packed=True, given={})
    write_set(tmp_path / "data" / "xquad" / "tr", packed=False, given={})
    twins = tmp_path / "data" / "neardup_minhash_1000"
    twins.mkdir()
    (twins / "corpus.jsonl").write_text(json_lines([*CORPUS, CORPUS[0] | {"_id": "fox again"}]))
    (twins / "pairs.tsv").write_text("id1\tid2\nfox\tfox again\n")
    return Run(tmp_path, monkeypatch, capsys)


@pytest.mark.model
def test_every_set_that_is_there_is_measured_and_kept(run: Run) -> None:
    printed, found = run()
    assert list(found["sets"]) == ["xquad tr", "xquad tr over en"]
    assert found["sets"]["xquad tr"]["modes"]["lexical"]["ndcg@10"] == pytest.approx(0.7956, abs=5e-5)
    assert found["stories"]["neardup_minhash_1000"]["figures"] == {"pairs_found": 1.0, "false_pairs": 0}
    assert "rtqa_2022 is left out: there is no " in printed
    assert (run.folder / "out" / "evaluation.md").read_text() in printed
    assert (run.folder / "out" / "evaluation.svg").read_text().startswith("<svg ")
    assert run()[1] == found
    kept = written(run.folder)
    assert run("xquad/tr")[1] == found
    assert written(run.folder) == kept
    run("--again", "xquad/tr")
    assert len(kept - written(run.folder)) == 1


@pytest.mark.model
def test_sets_that_are_not_named_keep_their_figures(run: Run) -> None:
    _, whole = run()
    _, again = run("xquad/tr=1")
    assert list(again["sets"]) == ["xquad tr", "xquad tr over en"]
    assert again["sets"]["xquad tr"]["sample"]["questions"] == 1
    assert again["sets"]["xquad tr over en"] == whole["sets"]["xquad tr over en"]
    assert again["stories"] == whole["stories"]


@pytest.mark.model
def test_a_set_may_have_its_own_number_of_questions_and_the_page_a_note(run: Run) -> None:
    printed, found = run("xquad/tr=1", "xquad/en", "--queries", "2", "--note", "Bells were ringing.")
    assert [one["sample"]["questions"] for one in found["sets"].values()] == [1, 2]
    assert "# How good the answers are\n\nBells were ringing.\n\n| set " in printed


def written(folder: Path) -> set[tuple[str, int]]:
    """The figures that are kept, and when they were written."""
    return {(path.name, path.stat().st_mtime_ns) for path in (folder / "work" / "kept").iterdir()}
