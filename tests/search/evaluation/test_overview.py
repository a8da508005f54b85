"""Several sets side by side."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from search.evaluation import overview
from search.evaluation.overview import Asked, Grouped
from search.evaluation.result import Evaluation, ModeResult, Sample


def evaluation(**figures: dict[str, float]) -> Evaluation:
    return Evaluation(
        dataset="animals",
        digest="d1",
        sample=Sample(most=3, questions=3, of=3, unanswerable=0, ids="1d5"),
        documents=4,
        rejected=[],
        passages=5,
        lost_spans=0,
        model="hashing",
        measured="2025-01-31",
        machine="abacus, 1 cores",
        modes=[ModeResult(mode, found, {"q1": 1}) for mode, found in figures.items()],
    )


ANIMALS = Asked(
    "animals",
    evaluation(lexical={"ndcg@10": 0.5, "span_hit@1": 0.25}, dense={"ndcg@10": 0.75, "span_hit@1": 1.0}),
    {"span_hit@1": 0.65},
)
PLANTS = Asked("plants", evaluation(lexical={"ndcg@10": 0.125}), {})
TWINS = Grouped("twins", {"pairs_found": 0.9, "false_pairs": 3}, {"pairs_found": 1.0})

GOALS = """\
| set     | figure  | lexical | dense | to reach |
|---------|---------|--------:|------:|---------:|
| animals | nDCG@10 |   0.500 | 0.750 |        – |
| animals | span@1  |   0.250 | 1.000 |    0.650 |
| plants  | nDCG@10 |   0.125 |     – |        – |"""

STORIES = """\
| set   | stories     | found | to reach |
|-------|-------------|------:|---------:|
| twins | pairs found |   0.9 |        1 |
| twins | false pairs |     3 |        – |"""


def test_goals_stand_beside_figures() -> None:
    assert overview.goals([ANIMALS, PLANTS]) == GOALS
    assert overview.stories([TWINS]) == STORIES
    assert overview.stories([]) == ""


def test_the_page_has_the_goals_first_and_then_every_set() -> None:
    text = overview.page("Answers", [ANIMALS, PLANTS], [TWINS])
    assert text.startswith(f"# Answers\n\n{GOALS}\n\n{STORIES}\n\n## animals\n\n| mode    | nDCG@10 | span@1 |\n")
    assert "\n\n## plants\n\n| mode    | nDCG@10 |\n" in text
    assert text.endswith("- hashing on abacus, 1 cores, 2025-01-31\n")


def test_json_has_figures_by_mode_and_no_single_questions() -> None:
    found = json.loads(overview.as_json([ANIMALS], [TWINS]))
    assert found["sets"]["animals"]["modes"]["dense"] == {"ndcg@10": 0.75, "span_hit@1": 1.0}
    assert found["sets"]["animals"]["reach"] == {"span_hit@1": 0.65}
    assert found["stories"]["twins"] == {
        "figures": {"pairs_found": 0.9, "false_pairs": 3},
        "reach": {"pairs_found": 1.0},
    }


def test_the_drawing_has_a_bar_for_every_set_and_mode() -> None:
    drawn = ElementTree.fromstring(overview.drawing("nDCG@10", [ANIMALS, PLANTS]))
    titles = [one.text for one in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["animals, lexical: 0.500", "animals, dense: 0.750", "plants, lexical: 0.125"]


def test_an_evaluation_is_the_same_after_json() -> None:
    values = json.loads(json.dumps(ANIMALS.evaluation.as_dict()))
    assert Evaluation.from_dict(values) == ANIMALS.evaluation


def test_what_was_written_can_be_read_again() -> None:
    text = overview.as_json([ANIMALS, PLANTS], [TWINS])
    asked, grouped = overview.from_json(text)
    assert overview.as_json(asked, grouped) == text
    assert overview.page("Figures", asked, grouped) == overview.page("Figures", [ANIMALS, PLANTS], [TWINS])
    assert asked[0].evaluation.modes[0].first_relevant == {}
