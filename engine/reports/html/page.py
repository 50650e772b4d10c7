"""An overview → the HTML of its page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib.resources import files
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from engine.reports.html.drawing import (
    LEVELS,
    pareto_chart,
    scatter_chart,
    tier_classes,
    warning_charts,
)
from engine.reports.html.speech import Speech
from engine.reports.overview.model import Matrix, Overview, PackNight

MARK = '<meta name="generator" content="kam report">'
"""By which a file is known as one that this module wrote, and may be replaced."""

TEMPLATES = ("report.html", "macros.html", "sections.html", "style.css")


def render_page(overview: Overview, speech: Speech) -> str:
    """One HTML document, styles and charts inside it. Whatever comes from facts is escaped."""
    templates = {name: _template(name) for name in TEMPLATES}
    return render_template(
        templates,
        "report.html",
        night=overview,
        s=speech,
        mark=_markup(MARK),
        style=style_sheet(),
        levels=LEVELS,
        figures=_figures(overview, speech),
        matrices=partial(_matrices, overview, speech),
        tier_classes=tier_classes,
        direction=_direction,
        scatter=lambda pack: _markup(scatter_chart(pack, pack.scatter, speech)),
        pareto=lambda found: _markup(pareto_chart(found, speech)),
        warning_charts=lambda: [
            (title, _markup(chart))
            for title, chart in warning_charts(overview.warning_counts, speech)
        ],
    )


def render_template(templates: Mapping[str, str], name: str, **values: object) -> str:
    """One of the templates, filled in; every value is escaped that is not markup already."""
    environment = Environment(
        loader=DictLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name).render(**values)


def style_sheet(more: str = "") -> Markup:
    """The styles of every page, and what one page adds to them."""
    return _markup(_template("style.css") + more)


def _markup(text: str) -> Markup:
    """Text of ours that is HTML already: the charts escape what they are given."""
    return Markup(text)  # noqa: S704


def _template(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _figures(overview: Overview, speech: Speech) -> list[Mapping[str, Any]]:
    """The tiles at the top: label, figure, note, and how grave it is."""
    read = sum(one.read for one in overview.quality.sources)
    used = sum(one.used for one in overview.quality.sources)
    red = sum(one.warnings for one in overview.warning_counts if one.level == "red")
    orange = sum(one.warnings for one in overview.warning_counts if one.level == "orange")
    overdue = overview.obligations.states.get("overdue", 0)

    def tile(key: str, count: int, note: str, grave: str = "") -> Mapping[str, Any]:
        figure = speech.number(count)
        return {
            "label": speech.word(key), "figure": figure, "note": note,
            "grave": grave if count else "",
        }  # fmt: skip

    share = speech.share(used / read) if read else "–"
    found = [tile("accounts", overview.accounts, speech.word("accounts_note", share=share))]
    for pack in [one for one in overview.packs if one.tiers][:1]:
        key = pack.accounts - pack.tiers[-1].accounts
        part = speech.share(key / pack.accounts) if pack.accounts else "–"
        found.append(
            {
                "label": speech.word("key_accounts"),
                "figure": speech.number(key),
                "note": speech.word("key_note", share=part, pack=speech.title(pack.title)),
                "grave": "",
            }
        )
    coming = speech.number(overview.obligations.fortnight.total)
    more = speech.counted("decisions_note", overview.overrides.total)
    found += [
        tile("red_warnings", red, speech.word("red_note", count=speech.number(orange)), "red"),
        tile("overdue", overdue, speech.word("overdue_note", count=coming), "orange"),
        tile(
            "late_actions",
            overview.late_actions,
            speech.word("late_note", count=speech.number(overview.open_actions)),
            "orange",
        ),
        tile("decisions", overview.proposals.total, more),
    ]
    return found


def _matrices(overview: Overview, speech: Speech, pack: PackNight) -> list[Mapping[str, Any]]:
    """The moves since the last night and over the quarter; one of them if both are the same."""
    found = [one for one in (pack.night, pack.quarter) if one is not None]
    if len(found) == 2 and found[0].since == found[1].since:
        found.pop()
    return [_matrix(pack, one, speech) for one in found]


def _matrix(pack: PackNight, matrix: Matrix, speech: Speech) -> Mapping[str, Any]:
    """Rows of cells (text, class); tiers in their order, what is outside last."""
    names: list[str | None] = [tier.id for tier in pack.tiers]
    seen = {name for pair in matrix.cells for name in pair if name is not None}
    names += sorted(seen - set(names))  # tiers that the pack had before
    places = {name: place for place, name in enumerate(names)}
    titles = {tier.id: speech.title(tier.title) for tier in pack.tiers}
    after = [*names, *([None] if any(pair[1] is None for pair in matrix.cells) else [])]
    before = [*names, *([None] if any(pair[0] is None for pair in matrix.cells) else [])]

    def cell(row: str | None, column: str | None) -> tuple[str, str]:
        count = matrix.cells.get((row, column), 0)
        if not count:
            return "·", "same zero" if row == column else "zero"
        if row is None or column is None:
            return speech.number(count), "edge"
        if row == column:
            return speech.number(count), "same"
        return speech.number(count), "up" if places[column] < places[row] else "down"

    def label(name: str | None, outside: str) -> str:
        return speech.word(outside) if name is None else titles.get(name, speech.visible(name))

    return {
        "since": speech.day(matrix.since),
        "moved": speech.counted("moved", matrix.moved)
        if matrix.moved
        else speech.word("none_moved"),
        "columns": [label(name, "outside_after") for name in after],
        "rows": [
            (label(row, "outside_before"), [cell(row, column) for column in after])
            for row in before
        ],
    }


def _direction(went_up: bool | None) -> str:
    return "" if went_up is None else ("up" if went_up else "down")
