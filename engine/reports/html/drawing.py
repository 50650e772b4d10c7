"""The charts of a report: what an overview says, as SVG with words of one language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.model import Title
from engine.reports.charts import Axis, Bar, Point, Segment, bars, curve, scatter, thinned
from engine.reports.html.speech import Speech
from engine.reports.overview.model import (
    Concentration,
    Measured,
    PackNight,
    Scatter,
    Spot,
    WarningCount,
)

LEVELS = ("red", "orange", "yellow", "blue")
LAYERS = ("management", "data", "frontline")


def tier_classes(pack: PackNight) -> dict[str, str]:
    """Tier → CSS class of its colour; the last tier, everyone else's, is grey."""
    last = len(pack.tiers) - 1
    return {
        tier.id: "tier-rest" if place == last else f"tier-{min(place, 4)}"
        for place, tier in enumerate(pack.tiers)
    }


def scatter_chart(pack: PackNight, plot: Scatter, speech: Speech) -> str:
    """Value against health, coloured by tier."""
    classes = tier_classes(pack)
    titles = {tier.id: speech.title(tier.title) for tier in pack.tiers}

    def point(spot: Spot) -> Point:
        x, y = speech.value(spot.x, plot.x.type), speech.value(spot.y, plot.y.type)
        tier = titles.get(spot.tier, spot.tier)
        if spot.account is not None:
            who = f"{speech.name(spot.account)} ({speech.visible(spot.account.id)})"
        else:
            who = speech.counted("some_accounts", spot.accounts)
        title = f"{who}\n{tier}\n{speech.title(plot.x.title)} {x}\n{speech.title(plot.y.title)} {y}"
        return Point(spot.x, spot.y, classes.get(spot.tier, "tier-rest"), title, spot.accounts)

    x_low, x_high, y_low, y_high = plot.bounds
    name = speech.word("scatter", x=speech.title(plot.x.title), y=speech.title(plot.y.title))
    return scatter(
        [point(spot) for spot in plot.spots],
        _axis(plot.x, x_low, x_high, speech),
        _axis(plot.y, y_low, y_high, speech),
        name,
    )


def _axis(measured: Measured, low: float, high: float, speech: Speech) -> Axis:
    """A score that fills much of its range gets the whole of it, so that packs look alike."""
    if measured.type == "score" and high > 50:
        low, high = 0, 100
    return Axis(speech.title(measured.title), low, high, lambda tick: _tick(tick, measured.type))


def _tick(value: float, value_type: str) -> str:
    if value_type == "ratio":
        return f"{value * 100:g}%"
    if abs(value) >= 10_000:
        return f"{value / 1000:,g}k"
    return f"{value:g}"


def pareto_chart(found: Concentration, speech: Speech) -> str:
    """The share of the sum that the largest accounts make together."""
    measure = speech.title(found.measure.title)
    marks = []
    if found.accounts > 4:
        marks.append((0.2, found.top_fifth, f"20% → {speech.share(found.top_fifth)}"))
    return curve(
        thinned(found.curve, 0.004),
        marks,
        Axis(speech.word("pareto_x"), 0, 1, lambda tick: _tick(tick, "ratio")),
        Axis(speech.word("pareto_y"), 0, 1, lambda tick: _tick(tick, "ratio")),
        speech.word("pareto", measure=measure),
    )


def warning_charts(counts: Sequence[WarningCount], speech: Speech) -> Iterator[tuple[Title, str]]:
    """A chart for each pack with open warnings: a bar for each layer, the worst level first."""
    found = {(one.pack, one.layer, one.level): one.warnings for one in counts}

    def segment(pack: Title, layer: str, level: str) -> Segment:
        return Segment(f"level-{level}", found.get((pack, layer, level), 0), speech.word(level))

    for pack in dict.fromkeys(one.pack for one in counts):
        rows = [
            Bar(speech.word(layer), tuple(segment(pack, layer, level) for level in LEVELS))
            for layer in LAYERS
        ]
        name = f"{speech.word('warnings_chart')}: {speech.title(pack)}"
        yield pack, bars([row for row in rows if row.total], name)
