"""Charts: where things stand, and that no text becomes markup."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from engine.reports.charts import (
    Axis,
    Bar,
    Point,
    Segment,
    bars,
    curve,
    scatter,
    thinned,
    ticks,
)

ONE = Axis("x & y", 0, 10, lambda value: f"{value:g}")


def numbers(svg: str, tag: str, name: str) -> list[float]:
    return [float(one.attrib[name]) for one in ElementTree.fromstring(svg).iter(tag)]


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (0, 100), (-0.31, 0.27), (3, 3), (0, 1e9), (1e-6, 2e-6), (-5, -1)]
)
def test_ticks_enclose_their_range_with_few_steps(low: float, high: float) -> None:
    found = ticks(low, high)
    assert found[0] <= low
    assert found[-1] >= high
    assert 2 <= len(found) <= 8
    assert found == sorted(found)


def test_point_beyond_an_axis_stands_at_its_edge() -> None:
    points = [Point(x, x, "tier-0", "") for x in (-100, 0, 5, 10, 100)]
    svg = scatter(points, ONE, ONE, "t")
    left, zero, middle, ten, right = numbers(svg, "circle", "cx")
    assert left == zero < middle < ten == right
    low, bottom, _, top, high = numbers(svg, "circle", "cy")
    assert low == bottom > top == high


def test_larger_points_are_drawn_first_and_wider() -> None:
    svg = scatter([Point(1, 1, "a", "", 1), Point(2, 2, "b", "", 400)], ONE, ONE, "t")
    first, second = numbers(svg, "circle", "r")
    assert first > second


def test_texts_are_escaped() -> None:
    evil = "</title><script>\"'&"
    svgs = [
        scatter([Point(1, 1, "a", evil)], Axis(evil, 0, 1, lambda value: evil), ONE, evil),
        bars([Bar(evil, (Segment("level-red", 3, evil),))], evil),
        curve([(0, 0), (1, 1)], [(0.5, 0.5, evil)], ONE, ONE, evil),
    ]
    for svg in svgs:
        tags = {one.tag for one in ElementTree.fromstring(svg).iter()}
        assert "script" not in tags
        assert evil in "".join(ElementTree.fromstring(svg).itertext())


def test_bars_share_one_scale_and_pass_over_nothing() -> None:
    rows = [
        Bar("a", (Segment("level-red", 10, "red"), Segment("level-blue", 0, "blue"))),
        Bar("b", (Segment("level-red", 5, "red"), Segment("level-blue", 15, "blue"))),
    ]
    svg = bars(rows, "t")
    ten, five, fifteen = numbers(svg, "rect", "width")
    assert ten == pytest.approx(2 * five, abs=0.2)
    assert fifteen == pytest.approx(3 * five, abs=0.2)
    assert numbers(svg, "rect", "x")[2] == pytest.approx(five, abs=0.1)


def test_charts_of_nothing_are_still_charts() -> None:
    for svg in (bars([], "t"), scatter([], ONE, ONE, "t"), curve([], [], ONE, ONE, "t")):
        assert not re.search("nan|inf", svg)
        ElementTree.fromstring(svg)


def test_thinned_curve_keeps_its_ends_and_its_order() -> None:
    points = [(n / 1000, n / 1000) for n in range(1001)]
    kept = thinned(points, 0.01)
    assert kept[0] == points[0]
    assert kept[-1] == points[-1]
    assert kept == sorted(kept)
    assert 90 <= len(kept) <= 103
