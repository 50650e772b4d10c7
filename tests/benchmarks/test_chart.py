"""The chart is an image that any browser draws."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from benchmarks.chart import WIDTH, Bar, Panel, chart

SVG = "{http://www.w3.org/2000/svg}"

PANELS = [
    Panel("20 rules", [Bar("kam <columnar>", 1_234_567, 1_000_000, "kam"), Bar("b", 87, 9, "row")]),
    Panel("60 rules", [Bar("kam <columnar>", 99_999, 1_000_000, "kam")]),
]


def drawn() -> ET.Element:
    return ET.fromstring(chart('Accounts & "rates"', PANELS))


def bars() -> list[ET.Element]:
    return [one for one in drawn().iter(f"{SVG}rect") if one.find(f"{SVG}title") is not None]


def test_the_chart_is_svg_with_a_title() -> None:
    root = drawn()
    assert root.tag == f"{SVG}svg"
    assert root.get("aria-label") == 'Accounts & "rates"'
    texts = ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]
    assert {"20 rules", "60 rules", "kam <columnar>", "1.23M · 1M", "87 · 9"} <= set(texts)


def test_bars_grow_with_the_logarithm_of_the_rate_and_stay_within_the_image() -> None:
    many, few, middle = bars()
    lengths = [float(one.get("width", "")) for one in (many, middle, few)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] > 0
    assert all(float(one.get("x", "")) + float(one.get("width", "")) < WIDTH for one in bars())


def test_every_colour_has_a_form_for_dark_and_light() -> None:
    style = next(drawn().iter(f"{SVG}style")).text or ""
    light, _, dark = style.partition("@media (prefers-color-scheme: dark)")
    names = re.compile(r"\.(\w+) \{ (?:fill|stroke): ")
    assert set(names.findall(light)) == set(names.findall(dark)) != set()
