"""`make bench-budget` on a tiny set: more time, more passages read; figures as a table and as a curve."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import budget
from index.embedding.catalogue import SMALL_EMBEDDER
from tests.search.evaluation.judged_set import write_set


@pytest.mark.model
def test_figures_by_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PINCITE_MODEL", SMALL_EMBEDDER)
    (tmp_path / "data" / "xquad").mkdir(parents=True)
    write_set(tmp_path / "data" / "xquad" / "tr", packed=False, given={})
    places = [word for name in ("data", "out", "work") for word in (f"--{name}", str(tmp_path / name))]
    monkeypatch.setattr("sys.argv", ["budget.py", "xquad/tr", *places])
    budget.main()
    found = json.loads((tmp_path / "out" / "budget.json").read_text())["sets"]["xquad tr"]
    assert list(found) == [str(one) for one in budget.BUDGETS]
    assert found["0"]["read"] == 0
    assert found["450"]["read"] == 4
    assert found["450"]["ndcg@10"] > 0.7
    assert 0 < found["450"]["latency_median_ms"] <= found["450"]["latency_p95_ms"]
    page = (tmp_path / "out" / "budget.md").read_text()
    assert page in capsys.readouterr().out
    assert "| budget ms | nDCG@10 | span@1 | span@5 | read | median ms | p95 ms |" in page
    assert (tmp_path / "out" / "budget.svg").read_text().count("<polyline ") == 2
