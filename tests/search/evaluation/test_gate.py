"""Floors: passing, failing, and never falling by themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from index.errors import InvalidInput
from search.evaluation.gate import Gate, gate_text, misses, raised, read_gate
from search.evaluation.result import Evaluation, ModeResult, Sample

SAMPLE = Sample(most=100, questions=100, of=500, unanswerable=0, ids="1d5")


def evaluation(figures: Mapping[str, Mapping[str, float]], digest: str = "d1", sample: Sample = SAMPLE) -> Evaluation:
    return Evaluation(
        dataset="animals",
        digest=digest,
        sample=sample,
        documents=4,
        rejected=[],
        passages=4,
        lost_spans=0,
        model="hashing",
        measured="2025-01-31",
        machine="abacus, 1 cores",
        modes=[ModeResult(mode, found, {}) for mode, found in figures.items()],
    )


FIGURES = {"hybrid": {"ndcg@10": 0.8059, "span_hit@1": 0.706, "latency_median_ms": 31.0}, "dense": {"ndcg@10": 0.002}}
GATE = Gate("animals", "d1", SAMPLE, {"hybrid": {"ndcg@10": 0.80, "span_hit@1": 0.70}})


def test_figures_at_or_above_their_floors_pass() -> None:
    assert misses(GATE, evaluation(FIGURES)) == []


def test_every_missed_floor_is_named_with_the_distance() -> None:
    figures = {"hybrid": {"ndcg@10": 0.7933, "span_hit@1": 0.5}}
    assert misses(GATE, evaluation(figures)) == [
        "hybrid: ndcg@10 is 0.7933, 0.0067 below its floor of 0.8000.",
        "hybrid: span_hit@1 is 0.5000, 0.2000 below its floor of 0.7000.",
    ]


def test_a_floor_that_was_not_measured_is_missed() -> None:
    assert misses(GATE, evaluation({"dense": {"ndcg@10": 1.0}})) == [
        "hybrid: ndcg@10 was not measured; its floor is 0.8000.",
        "hybrid: span_hit@1 was not measured; its floor is 0.7000.",
    ]


def test_another_set_or_sample_does_not_pass() -> None:
    assert misses(GATE, evaluation(FIGURES, digest="d2")) == [
        "The judged set is another one: its digest is d2, the gate's is d1."
    ]
    other = Sample(most=50, questions=50, of=500, unanswerable=3, ids="0ff")
    assert misses(GATE, evaluation(FIGURES, sample=other)) == [
        "Other questions were asked: 50 of 500 and 3 unanswerable ones, where the gate has 100 of 500 and 0."
    ]


def test_a_new_gate_pins_quality_with_a_little_room_and_no_latency() -> None:
    gate = raised(None, evaluation(FIGURES))
    assert gate.floors == {"hybrid": {"ndcg@10": 0.80, "span_hit@1": 0.70}, "dense": {"ndcg@10": 0.0}}
    assert (gate.dataset, gate.digest, gate.sample) == ("animals", "d1", SAMPLE)
    assert misses(gate, evaluation(FIGURES)) == []


def test_floors_rise_but_never_fall_unless_asked() -> None:
    old = Gate("animals", "d1", SAMPLE, {"hybrid": {"ndcg@10": 0.9, "span_hit@1": 0.1}, "lexical": {"mrr@10": 0.5}})
    assert raised(old, evaluation(FIGURES)).floors == {
        "hybrid": {"ndcg@10": 0.9, "span_hit@1": 0.70},
        "dense": {"ndcg@10": 0.0},
        "lexical": {"mrr@10": 0.5},
    }
    assert raised(old, evaluation(FIGURES), lower=True).floors == raised(None, evaluation(FIGURES)).floors


def test_floors_of_other_questions_are_replaced_only_when_asked() -> None:
    with pytest.raises(InvalidInput, match=r"The judged set is another one.*--lower writes them anew"):
        raised(GATE, evaluation(FIGURES, digest="d2"))
    assert raised(GATE, evaluation(FIGURES, digest="d2"), lower=True).digest == "d2"


def test_a_gate_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "gate.json"
    path.write_text(gate_text(GATE))
    assert read_gate(path) == GATE


@pytest.mark.parametrize(
    "content",
    [None, "", "[]", "{}", json.dumps({"dataset": "a", "digest": "d", "sample": {"most": 1}, "floors": {}})],
)
def test_what_is_no_gate_is_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "gate.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InvalidInput, match=r"gate\.json is no gate file \(.*\)\. Write one with --write-gate\."):
        read_gate(path)
