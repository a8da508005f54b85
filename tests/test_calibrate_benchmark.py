"""`make calibrate`: curves are fitted to cases, kept cases are not asked again, and the code has what was fitted."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest

from benchmarks import calibrate
from benchmarks.calibrate import Case, Relevant, cases_by, fit_belief, fit_curve
from index.embedding.catalogue import SMALL_EMBEDDER
from index.embedding.contract import Span
from search.answerable import BELIEFS
from search.score import CURVES
from tests.search.evaluation.judged_set import write_set

RESULTS = Path(__file__).resolve().parents[1] / "benchmarks" / "results"


def test_the_constants_in_the_code_are_those_that_were_fitted() -> None:
    fitted = json.loads((RESULTS / "calibration.json").read_text())
    assert {way: curve._asdict() for way, curve in CURVES.items()} == fitted["curves"]
    assert {way: belief._asdict() for way, belief in BELIEFS.items()} == fitted["beliefs"]


def drawn(intercept: float, slope: float, by_margin: float, count: int = 3000) -> list[Case]:
    """Cases of one candidate each, whose outcomes are drawn from a known curve."""
    chance = random.Random(7)
    cases = []
    for number in range(count):
        standing, margin = chance.random(), chance.random()
        probability = 1 / (1 + math.exp(-(intercept + slope * standing + by_margin * margin)))
        answers = chance.random() < probability
        cases.append(Case("drawn", str(number), "hybrid", answers, margin, [(standing, "hybrid", answers)]))
    return cases


def test_a_known_curve_is_found_again() -> None:
    fit = fit_curve("hybrid", drawn(-3.0, 4.0, 1.0))
    assert fit.constants["intercept"] == pytest.approx(-3.0, abs=0.3)
    assert fit.constants["standing"] == pytest.approx(4.0, abs=0.3)
    assert fit.constants["margin"] == pytest.approx(1.0, abs=0.3)
    held = calibrate.holds({"hybrid": fit})["hybrid"]
    assert held["cases"] == 3000
    assert held["calibration_error"] < 0.03


def test_questions_are_believed_by_their_best_candidate() -> None:
    fit = fit_belief(drawn(-3.0, 4.0, 0.0), {"intercept": -3.0, "standing": 4.0, "margin": 0.0})
    assert fit.constants["odds"] == pytest.approx(1.0, abs=0.15)
    assert fit.constants["intercept"] == pytest.approx(0.0, abs=0.2)


def test_every_set_weighs_alike() -> None:
    """A hundred cases of one set that never answer weigh as much as the three thousand of another."""
    never = [Case("never", f"n{at}", "hybrid", False, 0.5, [(0.9, "hybrid", False)]) for at in range(100)]
    alone, together = (fit_curve("hybrid", cases) for cases in (drawn(1.0, 0.0, 0.0), drawn(1.0, 0.0, 0.0) + never))
    assert together.constants["standing"] < alone.constants["standing"] - 0.5


def test_a_handful_of_cases_of_a_set_does_not_count() -> None:
    many, few = drawn(0.0, 1.0, 0.0, 40), [Case("few", "1", "hybrid", True, 0.5, [(0.9, "hybrid", True)])] * 11
    assert cases_by("hybrid", [*many, *few]) == many
    assert cases_by("dense", many) == []


def test_a_passage_answers_by_its_span_or_by_its_article() -> None:
    by_span = Relevant([("bridge", Span(10, 20))], ("bridge",))
    assert by_span("bridge", Span(0, 20))
    assert not by_span("bridge", Span(12, 30))
    by_article = Relevant(None, ("bridge",))
    assert by_article("bridge", Span(0, 1))
    assert not by_article("ferry", Span(0, 20))


@pytest.mark.model
def test_sets_are_asked_once_and_what_was_fitted_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PINCITE_MODEL", SMALL_EMBEDDER)
    words = ("anchor", "barley", "candle", "daisy", "engine", "feather", "granite", "harbour")
    given: dict[str, Any] = {
        "corpus_jsonl": [{"_id": word, "text": f"The {word} was sold at noon. It rained."} for word in words],
        "queries_jsonl": [{"_id": word, "text": f"When was the {word} sold?"} for word in words],
        "qrels_tsv": "query-id\tcorpus-id\tscore\n" + "".join(f"{word}\t{word}\t1\n" for word in words),
        "answers_jsonl": None,
        "unanswerable_jsonl": None,
    }
    (tmp_path / "data" / "xquad").mkdir(parents=True)
    write_set(tmp_path / "data" / "xquad" / "tr", packed=False, given=given)

    def run() -> dict[str, Any]:
        places = [word for name in ("data", "out", "work") for word in (f"--{name}", str(tmp_path / name))]
        monkeypatch.setattr("sys.argv", ["calibrate.py", "xquad/tr", *places])
        calibrate.main()
        found: dict[str, Any] = json.loads((tmp_path / "out" / "calibration.json").read_text())
        return found

    found = run()
    assert found["questions"] == {"xquad tr": 16}
    assert set(found["curves"]) == {"pairs", "hybrid", "dense", "lexical"}
    assert found["holds"]["questions"]["lexical"]["true"] == 0.5
    assert found["holds"]["candidates"]["hybrid"]["auroc"]["xquad tr"] > 0.9
    assert "Do the probabilities hold?" in capsys.readouterr().out
    kept = {path.stat().st_mtime_ns for path in (tmp_path / "work" / "calibrate").iterdir()}
    assert run() == found
    assert kept == {path.stat().st_mtime_ns for path in (tmp_path / "work" / "calibrate").iterdir()}
