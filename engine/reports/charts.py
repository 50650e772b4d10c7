"""Charts as SVG text: pure functions of numbers and titles, in the order given.

Colours are CSS classes of the page around them (``tier-0``, ``level-red``, ``axis``), so that
a chart follows its light, dark and printed form. Every text is escaped here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

WIDTH = 480
"""Units of every chart; the page scales it, on a phone to some 350 pixels."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 14, 44
_TICKS = 5


@dataclass(frozen=True)
class Point:
    """`kind` is the CSS class that colours it; `size` in accounts."""

    x: float
    y: float
    kind: str
    title: str
    size: int = 1


@dataclass(frozen=True)
class Axis:
    """`show` writes a tick; `low` and `high` bound it, and are widened to round numbers."""

    label: str
    low: float
    high: float
    show: Callable[[float], str]


@dataclass(frozen=True)
class Segment:
    kind: str
    value: int
    title: str


@dataclass(frozen=True)
class Bar:
    label: str
    segments: tuple[Segment, ...]

    @property
    def total(self) -> int:
        return sum(one.value for one in self.segments)


def ticks(low: float, high: float, count: int = _TICKS) -> list[float]:
    """Round numbers from at most `low` to at least `high`, about `count` steps apart.

    >>> ticks(0, 100)
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    >>> ticks(-0.13, 0.42)
    [-0.2, 0.0, 0.2, 0.4, 0.6]
    """
    if not high > low:
        low, high = low - 1, high + 1
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def scatter(points: Sequence[Point], x: Axis, y: Axis, title: str, height: int = 340) -> str:
    """Points on two axes. One beyond an axis stands at its edge; the largest are drawn first."""
    frame = _Frame(x, y, height)
    biggest = max((point.size for point in points), default=1)
    drawn = sorted(points, key=lambda point: -point.size)
    marks = "".join(_mark(frame, point, biggest) for point in drawn)
    return _svg(height, title, frame.drawn() + marks)


def _mark(frame: _Frame, point: Point, biggest: int) -> str:
    radius = 4.2 if biggest == 1 else 3 + 11 * math.sqrt(point.size / biggest)
    place = f'cx="{_n(frame.x(point.x))}" cy="{_n(frame.y(point.y))}" r="{_n(radius)}"'
    return f'<circle class="dot {point.kind}" {place}><title>{escape(point.title)}</title></circle>'


def curve(
    points: Sequence[tuple[float, float]],
    marks: Sequence[tuple[float, float, str]],
    x: Axis,
    y: Axis,
    title: str,
    height: int = 300,
) -> str:
    """A line through `points` above a shaded area, with named places on it."""
    frame = _Frame(x, y, height)
    line = " ".join(f"{_n(frame.x(a))},{_n(frame.y(b))}" for a, b in points)
    parts = [frame.drawn()]
    if points:
        floor = _n(frame.y(frame.y_ticks[0]))
        ends = _n(frame.x(points[0][0])), _n(frame.x(points[-1][0]))
        parts.append(f'<polygon class="area" points="{ends[0]},{floor} {line} {ends[1]},{floor}"/>')
        parts.append(f'<polyline class="line" points="{line}"/>')
    parts += [_named_place(frame, *mark) for mark in marks]
    return _svg(height, title, "".join(parts))


def _named_place(frame: _Frame, x: float, y: float, label: str) -> str:
    left, top = frame.x(x), frame.y(y)
    anchor, shift = ("start", 8) if left < WIDTH * 0.6 else ("end", -8)
    drop = 18 if top < _TOP + 40 else 14
    guide = f'<line class="guide" x1="{_n(left)}" x2="{_n(left)}" y1="{_n(top)}" '
    guide += f'y2="{_n(frame.bottom)}"/>'
    dot = f'<circle class="place" cx="{_n(left)}" cy="{_n(top)}" r="4"/>'
    return guide + dot + _text(left + shift, top + drop, label, "note", anchor)


def bars(rows: Sequence[Bar], title: str) -> str:
    """Stacked bars, one below the other, each with its label above it and its total at its end."""
    step, thick = 46, 20
    height = max(1, len(rows)) * step + 6
    biggest = max((row.total for row in rows), default=0) or 1
    room = WIDTH - 64
    parts = []
    for number, row in enumerate(rows):
        top = number * step + 18
        parts.append(_text(0, top - 5, row.label, "label"))
        left = 0.0
        for segment in row.segments:
            width = segment.value / biggest * room
            if segment.value:
                parts.append(_block(segment, left, top, max(width, 1.5), thick))
            left += width
        parts.append(_text(left + 8, top + 15, f"{row.total:,}", "total"))
    return _svg(height, title, "".join(parts))


def _block(segment: Segment, left: float, top: float, width: float, thick: float) -> str:
    place = f'x="{_n(left)}" y="{_n(top)}" width="{_n(width)}" height="{_n(thick)}"'
    name = escape(f"{segment.title}: {segment.value:,}")
    shape = f'<rect class="block {segment.kind}" {place}><title>{name}</title></rect>'
    text = f"{segment.value:,}"
    if width < 9 * len(text) + 8:
        return shape
    return shape + _text(left + width / 2, top + 15, text, f"inside {segment.kind}", "middle")


class _Frame:
    """Two axes with their ticks, and where a value lies between them."""

    def __init__(self, x: Axis, y: Axis, height: int) -> None:
        self.axes = (x, y)
        self.x_ticks, self.y_ticks = ticks(x.low, x.high), ticks(y.low, y.high)
        self.bottom = height - _BOTTOM

    def x(self, value: float) -> float:
        return _LEFT + _share(value, self.x_ticks) * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return self.bottom - _share(value, self.y_ticks) * (self.bottom - _TOP)

    def drawn(self) -> str:
        return "".join(self._parts())

    def _parts(self) -> Iterator[str]:
        x, y = self.axes
        for value in self.y_ticks:
            level = _n(self.y(value))
            line = f'x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{level}" y2="{level}"'
            yield f'<line class="grid" {line}/>'
            yield _text(_LEFT - 6, self.y(value) + 4, y.show(value), "tick", "end")
        for place, value in enumerate(self.x_ticks):
            left = self.x(value)
            line = (
                f'x1="{_n(left)}" x2="{_n(left)}" y1="{_n(self.bottom)}" y2="{_n(self.bottom + 4)}"'
            )
            yield f'<line class="axis" {line}/>'
            last = place == len(self.x_ticks) - 1
            anchor = "end" if last else "middle"
            shift = _RIGHT if last else 0
            yield _text(left + shift, self.bottom + 17, x.show(value), "tick", anchor)
        line = f'x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{_n(self.bottom)}" y2="{_n(self.bottom)}"'
        yield f'<line class="axis" {line}/>'
        middle = (_LEFT + WIDTH - _RIGHT) / 2
        yield _text(middle, self.bottom + 36, x.label, "name", "middle")
        centre = (_TOP + self.bottom) / 2
        turned = f'transform="rotate(-90 12 {_n(centre)})"'
        yield _text(12, centre, y.label, "name", "middle", turned)


def _share(value: float, marks: Sequence[float]) -> float:
    """Where a value lies between the first and the last tick: 0 to 1, at the edge if beyond."""
    share = (value - marks[0]) / (marks[-1] - marks[0])
    return min(max(share, 0.0), 1.0)


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start", more: str = "") -> str:
    place = f'x="{_n(x)}" y="{_n(y)}"'
    aligned = "" if anchor == "start" else f' text-anchor="{anchor}"'
    turned = f" {more}" if more else ""
    return f'<text class="{kind}" {place}{aligned}{turned}>{escape(text)}</text>'


def _svg(height: float, title: str, content: str) -> str:
    name = escape(title)
    return f'<svg viewBox="0 0 {WIDTH} {_n(height)}" role="img" aria-label="{name}">{content}</svg>'


def _n(value: float) -> str:
    """A coordinate with at most one decimal.

    >>> _n(12.0), _n(3.14159)
    ('12', '3.1')
    """
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def thinned(points: Sequence[tuple[float, float]], distance: float) -> list[tuple[float, float]]:
    """The points of a rising curve without those that lie closer than `distance` to the last.

    The first and the last stay.

    >>> thinned([(0, 0), (0.1, 0.1), (1, 1), (1.1, 1)], 0.5)
    [(0, 0), (1, 1), (1.1, 1)]
    """
    if len(points) < 3:
        return list(points)
    kept = [points[0]]
    for one, _ in pairwise(points[1:]):
        if max(abs(one[0] - kept[-1][0]), abs(one[1] - kept[-1][1])) >= distance:
            kept.append(one)
    return [*kept, points[-1]]
