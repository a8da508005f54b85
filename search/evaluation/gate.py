"""Floors that figures must not miss, pinned to the very questions that they were measured on.

A gate file holds the digest of the judged set, the sample, and a floor for each mode and figure. Floors rise by
themselves when a gate is written again; they fall only when that is asked for.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.errors import InvalidInput
from search.evaluation.metrics import QUALITY
from search.evaluation.result import Evaluation, Sample

Floors = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Gate:
    """Floors by mode and figure, for one sample of one judged set."""

    dataset: str
    digest: str
    sample: Sample
    floors: Floors


def read_gate(path: Path) -> Gate:
    """The gate in a file.

    Raises:
        InvalidInput: there is none, or it cannot be used.
    """
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        floors = {mode: {name: float(one) for name, one in found.items()} for mode, found in values["floors"].items()}
        return Gate(str(values["dataset"]), str(values["digest"]), Sample(**values["sample"]), floors)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        reason = f"{path} is no gate file ({type(error).__name__}: {error}). Write one with --write-gate."
        raise InvalidInput(reason, path=str(path)) from error


def misses(gate: Gate, evaluation: Evaluation) -> list[str]:
    """Why the evaluation does not pass, one sentence each; empty when it passes."""
    found = _other_questions(gate, evaluation)
    figures = {result.mode: result.figures for result in evaluation.modes}
    for mode, floors in gate.floors.items():
        for name, floor in floors.items():
            figure = figures.get(mode, {}).get(name)
            if figure is None:
                found.append(f"{mode}: {name} was not measured; its floor is {floor:.4f}.")
            elif figure < floor:
                found.append(f"{mode}: {name} is {figure:.4f}, {floor - figure:.4f} below its floor of {floor:.4f}.")
    return found


def _other_questions(gate: Gate, evaluation: Evaluation) -> list[str]:
    if gate.digest != evaluation.digest:
        return [f"The judged set is another one: its digest is {evaluation.digest}, the gate's is {gate.digest}."]
    if gate.sample.ids != evaluation.sample.ids:
        return [
            f"Other questions were asked: {evaluation.sample.questions} of {evaluation.sample.of} and "
            f"{evaluation.sample.unanswerable} unanswerable ones, where the gate has {gate.sample.questions} of "
            f"{gate.sample.of} and {gate.sample.unanswerable}."
        ]
    return []


def raised(old: Gate | None, evaluation: Evaluation, *, lower: bool = False) -> Gate:
    """The gate that this evaluation passes with little room, never below the `old` one unless `lower` is set.

    Raises:
        InvalidInput: the old gate is for other questions, and `lower` is not set.
    """
    floors = {result.mode: _floors(result.figures, evaluation.sample.questions) for result in evaluation.modes}
    if old is not None and not lower:
        if others := _other_questions(old, evaluation):
            raise InvalidInput(f"{others[0]} Its floors cannot be compared; --lower writes them anew.")
        for mode, pinned in old.floors.items():
            mine = floors.setdefault(mode, {})
            mine |= {name: max(floor, mine.get(name, floor)) for name, floor in pinned.items()}
    return Gate(evaluation.dataset, evaluation.digest, evaluation.sample, floors)


def _floors(figures: Mapping[str, float], questions: int) -> dict[str, float]:
    """Floors a little below the figures, in hundredths: processors differ in the last bits of a vector, and so now and
    then a question's first hit is its second on another one. Latency depends on the machine and is not pinned."""
    room = 0.5 / questions
    return {name: max(0.0, math.floor(100 * (figures[name] - room)) / 100) for name in QUALITY if name in figures}


def gate_text(gate: Gate) -> str:
    """The gate as its file has it."""
    return json.dumps(asdict(gate), indent=2) + "\n"
