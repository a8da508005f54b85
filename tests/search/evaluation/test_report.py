"""Table, page, list of questions and chart, as they are read."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

from search.evaluation import chart, report
from search.evaluation.dataset import read_dataset
from search.evaluation.result import Evaluation, ModeResult, Sample
from tests.search.evaluation.judged_set import Write

RESULTS = [
    ModeResult("lexical", {"ndcg@10": 0.79565, "latency_median_ms": 2.4}, {"q1": 1, "q2": 1, "q3": 2}),
    ModeResult("dense", {"ndcg@10": 0.5, "span_hit@1": 1.0, "latency_median_ms": 31.6}, {"q1": 4, "q2": None, "q3": 2}),
]
EVALUATION = Evaluation(
    dataset="animals",
    digest="d1",
    sample=Sample(most=3, questions=3, of=1190, unanswerable=2, ids="1d5"),
    documents=5183,
    rejected=["corpus.jsonl, line 5: text: there is no text in it"],
    passages=6000,
    lost_spans=7,
    model="hashing",
    measured="2025-01-31",
    machine="abacus, 1 cores",
    modes=RESULTS,
)

TABLE = """\
| mode    | nDCG@10 | span@1 | median ms |
|---------|--------:|-------:|----------:|
| lexical |   0.796 |      – |         2 |
| dense   |   0.500 |  1.000 |        32 |"""


def test_the_table_has_the_figures_that_some_mode_has() -> None:
    assert report.table(RESULTS) == TABLE


def test_the_page_says_what_the_figures_stand_on() -> None:
    assert report.page(EVALUATION) == (
        f"# animals\n\n{TABLE}\n\n"
        "- 5,183 documents in 6,000 passages; 3 of 1,190 questions and 2 unanswerable ones\n"
        "- hashing on abacus, 1 cores, 2025-01-31\n"
        "- 1 documents could not be stored: corpus.jsonl, line 5: text: there is no text in it\n"
        "- 7 gold spans are not in the cleaned texts and do not count\n"
        "- judged set d1\n"
    )


def test_json_holds_everything() -> None:
    found = json.loads(report.as_json(EVALUATION))
    assert found["sample"] == {"most": 3, "questions": 3, "of": 1190, "unanswerable": 2, "ids": "1d5"}
    assert found["modes"][1]["figures"] == {"ndcg@10": 0.5, "span_hit@1": 1.0, "latency_median_ms": 31.6}
    assert found["modes"][1]["first_relevant"] == {"q1": 4, "q2": None, "q3": 2}


def test_the_worst_questions_come_first(write: Write) -> None:
    assert report.questions(read_dataset(write()), RESULTS) == (
        "id\tlexical\tdense\tquestion\nq2\t1\t\tbarn owl voles\nq1\t1\t4\tred fox dawn\nq3\t2\t2\tfrozen river\n"
    )


def test_the_chart_draws_each_number_to_scale() -> None:
    drawn = ET.fromstring(chart.bars("A & B", {"en": {"lexical": 0.5, "dense": 1.0}, "t<r": {"dense": 0.25}}))
    rectangles = [one for one in drawn.iter("{http://www.w3.org/2000/svg}rect") if len(one)]
    titles = [one[0].text for one in rectangles]
    assert titles == ["en, lexical: 0.500", "en, dense: 1.000", "t<r, dense: 0.250"]
    widths = [float(one.attrib["width"]) for one in rectangles]
    assert [width / widths[1] for width in widths] == [0.5, 1.0, 0.25]
    colours = [one.attrib["fill"] for one in rectangles]
    assert colours == [chart.COLOURS[0], chart.COLOURS[1], chart.COLOURS[1]]
    assert drawn.attrib["aria-label"] == "A & B"
