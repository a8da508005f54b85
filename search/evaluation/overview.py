"""Several sets side by side, with what is to be reached: one table, one chart, one JSON file.

Makes texts only; where figures come from is `runner`'s and `folding`'s.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from search.evaluation import chart, metrics, report
from search.evaluation.folding import B_CUBED, FALSE_PAIRS, PAIRS_FOUND
from search.evaluation.result import Evaluation

FOLDED: Mapping[str, str] = {B_CUBED: "B-cubed F1", PAIRS_FOUND: "pairs found", FALSE_PAIRS: "false pairs"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A set's figures by mode, and by figure what is to be reached."""

    label: str
    evaluation: Evaluation
    reach: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Grouped:
    """A set's figures of stories, and what is to be reached."""

    label: str
    figures: Mapping[str, float]
    reach: Mapping[str, float]


def page(title: str, asked: Sequence[Asked], grouped: Sequence[Grouped]) -> str:
    """Everything as a Markdown page: what is to be reached first, then each set in full."""
    parts = [f"# {title}", goals(asked), stories(grouped)]
    for one in asked:
        listed = "\n".join(f"- {line}" for line in report.facts(one.evaluation))
        parts += [f"## {one.label}", report.table(one.evaluation.modes), listed]
    return "\n\n".join(part for part in parts if part) + "\n"


def goals(asked: Sequence[Asked]) -> str:
    """nDCG@10 and every figure with a goal, by set and mode."""
    modes = list(dict.fromkeys(result.mode for one in asked for result in one.evaluation.modes))
    rows = [["set", "figure", *modes, "to reach"]]
    for one in asked:
        found = {result.mode: result.figures for result in one.evaluation.modes}
        for name in dict.fromkeys((metrics.NDCG, *one.reach)):
            figures = [report.shown(name, found.get(mode, {})) for mode in modes]
            rows.append([one.label, report.COLUMNS[name], *figures, report.shown(name, one.reach)])
    return report.aligned(rows, words=2)


def stories(grouped: Sequence[Grouped]) -> str:
    """The figures of stories with their goals; nothing where none were measured."""
    rows = [
        [one.label, FOLDED[name], f"{figure:.4g}", f"{one.reach[name]:.4g}" if name in one.reach else "–"]
        for one in grouped
        for name, figure in one.figures.items()
    ]
    return report.aligned([["set", "stories", "found", "to reach"], *rows], words=2) if rows else ""


def as_json(asked: Sequence[Asked], grouped: Sequence[Grouped]) -> str:
    """Everything for machines, without the ranks of single questions."""
    sets = {one.label: one.evaluation.as_dict() | {"reach": dict(one.reach)} for one in asked}
    for found in sets.values():
        found["modes"] = {mode["mode"]: mode["figures"] for mode in found["modes"]}
    folded = {one.label: {"figures": dict(one.figures), "reach": dict(one.reach)} for one in grouped}
    return json.dumps({"sets": sets, "stories": folded}, ensure_ascii=False, indent=2) + "\n"


def from_json(text: str) -> tuple[list[Asked], list[Grouped]]:
    """What `as_json` was made of, without the ranks of single questions."""
    values = json.loads(text)
    asked = []
    for label, found in values["sets"].items():
        modes = [{"mode": mode, "figures": figures, "first_relevant": {}} for mode, figures in found["modes"].items()]
        reach = found.pop("reach")
        asked.append(Asked(label, Evaluation.from_dict(found | {"modes": modes}), reach))
    return asked, [Grouped(label, **found) for label, found in values["stories"].items()]


def drawing(title: str, asked: Sequence[Asked]) -> str:
    """nDCG@10 of every mode, by set, as an SVG."""
    groups = {one.label: {mode.mode: mode.figures[metrics.NDCG] for mode in one.evaluation.modes} for one in asked}
    return chart.bars(title, groups)
