"""Curves as they are drawn: points to scale, axes that begin where something is, names escaped."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from search.evaluation.chart import COLOURS
from search.evaluation.curves import Frame, curves

SVG = "{http://www.w3.org/2000/svg}"


def test_points_lie_to_scale() -> None:
    frame = Frame(most=200, floor=0.5)
    assert [frame.place(0, 0.5), frame.place(200, 1.0), frame.place(100, 0.75)] == [(60, 304), (620, 44), (340, 174)]


def test_each_curve_is_drawn_in_its_colour_with_its_points_and_its_name() -> None:
    drawn = ET.fromstring(curves("A & B", {"x < y": [(0, 0.62), (100, 0.8)], "z": [(50, 0.9)]}))
    lines = [(line.get("points"), line.get("stroke")) for line in drawn.iter(f"{SVG}polyline")]
    assert lines == [("60.0,291.0 620.0,174.0", COLOURS[0]), ("340.0,109.0", COLOURS[1])]
    assert len(list(drawn.iter(f"{SVG}circle"))) == 3
    texts = [text.text for text in drawn.iter(f"{SVG}text")]
    assert texts[0] == "A & B"
    assert texts[-2:] == ["x < y", "z"]
    assert {"0.60", "1.00", "0", "100"} <= set(texts)


def test_the_axis_stays_below_the_top_when_all_is_perfect() -> None:
    drawn = curves("perfect", {"all": [(10, 1.0)]})
    assert ">0.90<" in drawn
    assert 'points="620.0,44.0"' in drawn
