"""Rates as a chart in SVG: one panel per number of rules, one bar per engine.

The scale is logarithmic, for the slowest and the fastest lie thousands of times apart. Colours
follow what the reader's system prefers, light or dark, also where the file is shown as an image.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH = 860
LEFT = 220
"""Where the bars begin; their names stand before."""
RIGHT = 130
"""Room for the figure beside the longest bar."""
ROW, PANEL_HEAD, HEAD, FOOT = 24, 44, 58, 34

STYLE = """\
text { font: 13px system-ui, "Segoe UI", Roboto, "Noto Sans CJK SC", sans-serif; fill: #1f2328 }
.title { font-size: 16px; font-weight: 600 }
.panel { font-weight: 600 }
.quiet { fill: #59636e }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.ground { fill: #ffffff }
.kam { fill: #0969da }
.bulk { fill: #8250df }
.row { fill: #818b98 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .quiet { fill: #9198a1 }
  .grid { stroke: #3d444d }
  .ground { fill: #0d1117 }
  .kam { fill: #4493f8 }
  .bulk { fill: #ab7df8 }
  .row { fill: #656c76 }
}"""

LEGEND = (
    ("kam", "kam"),
    ("bulk", "bulk, by hand"),
    ("row", "one account at a time"),
)


@dataclass(frozen=True)
class Bar:
    """`rate` is in accounts a second; `accounts` the size of the book that it was measured on;
    `kind` one of ``kam bulk row``."""

    name: str
    rate: float
    accounts: int
    kind: str


@dataclass(frozen=True)
class Panel:
    title: str
    bars: Sequence[Bar]


def chart(title: str, panels: Sequence[Panel]) -> str:
    """A whole SVG document. Needs at least one bar, and rates above zero."""
    rates = [bar.rate for panel in panels for bar in panel.bars]
    scale = Scale(floor(log10(min(rates)) - 0.02), ceil(log10(max(rates))))
    height = HEAD + FOOT + sum(PANEL_HEAD + ROW * len(panel.bars) for panel in panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{escape(title, quote=True)}">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="16" y="28">{escape(title)}</text>',
        *_legend(),
    ]
    top = HEAD
    for panel in panels:
        parts += _panel(panel, top, scale)
        top += PANEL_HEAD + ROW * len(panel.bars)
    foot = "accounts a second, logarithmic; beside each bar the size of the book it was measured on"
    parts += [f'<text class="quiet" x="16" y="{height - 12}">{foot}</text>', "</svg>", ""]
    return "\n".join(parts)


@dataclass(frozen=True)
class Scale:
    """From ``10 ** low`` to ``10 ** high``."""

    low: int
    high: int

    def x(self, rate: float) -> float:
        share = (log10(rate) - self.low) / (self.high - self.low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)


def _legend() -> Iterator[str]:
    left = 16
    for kind, text in LEGEND:
        yield f'<rect class="{kind}" x="{left}" y="40" width="12" height="12" rx="2"/>'
        yield f'<text class="quiet" x="{left + 18}" y="51">{escape(text)}</text>'
        left += 40 + 7 * len(text)


def _panel(panel: Panel, top: int, scale: Scale) -> Iterator[str]:
    bottom = top + PANEL_HEAD + ROW * len(panel.bars) - 8
    yield f'<text class="panel" x="16" y="{top + 26}">{escape(panel.title)}</text>'
    for exponent in range(scale.low, scale.high + 1):
        x = f"{scale.x(10**exponent):.1f}"
        yield f'<line class="grid" x1="{x}" y1="{top + 32}" x2="{x}" y2="{bottom}"/>'
        yield (
            f'<text class="quiet" x="{x}" y="{top + 26}" text-anchor="middle">'
            f"{_short(10**exponent)}</text>"
        )
    for number, bar in enumerate(panel.bars):
        y = top + PANEL_HEAD - 6 + ROW * number
        end = scale.x(bar.rate)
        yield (
            f'<text x="{LEFT - 10}" y="{y + 13}" text-anchor="end">{escape(bar.name)}</text>'
            f'<rect class="{bar.kind}" x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="17" '
            f'rx="2"><title>{escape(bar.name)}: {bar.rate:,.0f} accounts a second at '
            f"{bar.accounts:,}</title></rect>"
            f'<text x="{end + 6:.1f}" y="{y + 13}">{_short(bar.rate)}'
            f'<tspan class="quiet"> · {_short(bar.accounts)}</tspan></text>'
        )


def _short(number: float) -> str:
    """Three figures at most.

    >>> [_short(one) for one in (87, 1000, 83_456, 999_600, 1_234_567)]
    ['87', '1k', '83.5k', '1M', '1.23M']
    """
    for limit, unit, size in ((999_500, "M", 1e6), (999.5, "k", 1e3)):
        if number >= limit:
            return f"{float(f'{number / size:.3g}'):g}{unit}"
    return f"{number:.0f}"
