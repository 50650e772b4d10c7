"""A proposal → the HTML of its page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import Any, TypeVar

from engine.model import Title
from engine.proposal.matrix import axes
from engine.proposal.model import Cause, Cells, Cost, PackChange, Proposal
from engine.proposal.words import word
from engine.reports.html.page import render_template, style_sheet

MARK = '<meta name="generator" content="kam plan">'
"""By which a file is known as one that `kam plan` wrote, and may be replaced."""

ShowValue = Callable[[object, str, str, str], str | None]
Each = TypeVar("Each")
Row = dict[str, Any]


def render_plan(
    proposal: Proposal,
    language: str,
    limit: int,
    show: ShowValue,
    visible: Callable[[str], str],
) -> str:
    """One HTML document, styles inside it; of each list at most `limit` accounts, or all with 0.

    `show` writes a value, `visible` makes control characters of foreign texts harmless.
    """
    view = View(proposal, language, limit, show, visible)
    return render_template(
        {"plan.html": _file("plan.html")},
        "plan.html",
        one=proposal,
        v=view,
        packs=[pack for pack in proposal.packs if pack.changes_anything],
        tiles=view.tiles(),
        loads=view.loads(),
        style=style_sheet(_file("plan.css")),
    )


def _file(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


@dataclass(frozen=True)
class View:
    """What the template asks of a proposal, in words of one language."""

    proposal: Proposal
    language: str
    limit: int
    show: ShowValue
    visible: Callable[[str], str]

    def word(self, key: str, **values: object) -> str:
        return word(self.language, key, **values)

    def title(self, title: Title) -> str:
        return self.visible(title.zh if self.language == "zh" else title.en)

    def number(self, value: int) -> str:
        return f"{value:,}"

    def over(self) -> str:
        facts = self.proposal.facts
        key = "over_sources" if self.proposal.is_first else "over"
        return self.word(key, run=facts.run, day=facts.as_of)

    def lines(self, text: str) -> list[str]:
        return [self.visible(line) for line in text.split("\n") if line]

    def cut(self, rows: Sequence[Each]) -> Sequence[Each]:
        return rows[: self.limit] if self.limit else rows

    def hidden(self, rows: Sequence[object]) -> int:
        return len(rows) - len(self.cut(rows))

    def change(self, pack: PackChange, before: str | None, after: str | None) -> str:
        if before == after:
            return self._tier(pack, after)
        return f"{self._tier(pack, before)} → {self._tier(pack, after)}"

    def _tier(self, pack: PackChange, tier: str | None) -> str:
        if tier is None:
            return self.word("outside")
        return self.title(pack.tiers[tier]) if tier in pack.tiers else self.visible(tier)

    def cause(self, cause: Cause) -> str:
        if not cause.edits:
            return self.word("unattributed")
        joined = (" + " if cause.together else ", ").join(str(one) for one in cause.edits)
        return f"{self.word('edit')} {joined}"

    def matrix(self, pack: PackChange, cells: Cells) -> Row:
        """Headings and rows of cells (text, class)."""
        rows, columns = axes(pack, cells)
        places = {tier: place for place, tier in enumerate(pack.tiers)}

        def cell(row: str | None, column: str | None) -> tuple[str, str]:
            number = cells.get((row, column), 0)
            if not number:
                return "·", "same zero" if row == column else "zero"
            if row is None or column is None:
                return self.number(number), "edge"
            if row == column:
                return self.number(number), "same"
            return self.number(number), "up" if places[column] < places[row] else "down"

        return {
            "columns": [self._tier(pack, column) for column in columns],
            "rows": [
                (self._tier(pack, row), [cell(row, column) for column in columns]) for row in rows
            ],
        }

    def tiles(self) -> list[Row]:
        """The figures at the top."""
        packs = self.proposal.packs
        rules = [rule for pack in packs for rule in pack.rules]

        def come_and_go(kind: str) -> str:
            come = sum(one.appears for one in rules if one.kind == kind)
            go = sum(one.vanishes for one in rules if one.kind == kind)
            return f"+{come:,} −{go:,}"

        meetings = sum((one.after - one.before for one in self.proposal.roles), Decimal(0))
        money = [
            one.after - one.before
            for pack in packs
            for one in pack.costs
            if one.kind == "pricing" and one.before is not None and one.after is not None
        ]
        figures = [
            ("moved_tile", self.number(sum(pack.moved_tonight for pack in packs)), ""),
            ("candidates_tile", self.number(sum(pack.moved_candidates for pack in packs)), ""),
            ("warnings_tile", come_and_go("warning"), ""),
            ("entitlements_tile", come_and_go("entitlement"), ""),
            ("meetings_tile", f"{meetings:+,}", ""),
            ("cost_tile", f"{sum(money, Decimal(0)):+,.0f}", self.proposal.currency),
        ]
        return [
            {"label": self.word(key), "figure": figure, "note": note}
            for key, figure, note in figures
        ]

    def loads(self) -> list[Row]:
        return _compared(
            (self.title(one.title), "", one.before, one.after, f"{one.before:,}",
             f"{one.after:,}", f"{one.after - one.before:+,}")
            for one in self.proposal.roles
            if one.before != one.after
        )  # fmt: skip

    def duties(self, pack: PackChange) -> list[Row]:
        return _compared(
            (self.title(one.title), self.title(one.role_title), *one.meetings,
             f"{one.meetings[0]:,}", f"{one.meetings[1]:,}",
             f"{one.meetings[1] - one.meetings[0]:+,}")
            for one in pack.duties
            if one.meetings[0] != one.meetings[1]
        )  # fmt: skip

    def persons(self, pack: PackChange) -> list[Row]:
        def pair(before: object, after: object) -> str:
            return str(after) if before == after else f"{before} → {after}"

        return [
            {
                "title": self.title(one.title),
                "people": pair(one.before.people, one.after.people),
                "average": pair(one.before.average, one.after.average),
                "largest": pair(one.before.largest, one.after.largest),
            }
            for one in pack.assigned
            if one.before != one.after
        ]

    def costs(self, pack: PackChange) -> list[Row]:
        others = [
            one for one in pack.costs if one.accounts_before != one.accounts_after or one.is_other
        ]
        return [row for one in others for row in self._cost(one)]

    def _cost(self, one: Cost) -> list[Row]:
        if one.approver is not None:
            note = self.word("needs_approval", role=self.title(one.approver))
        elif one.is_hidden:
            note = self.word("hidden")
        elif one.before is None or one.after is None:
            note = self.word("not_money")
        else:
            return self._money(one)
        return [{"title": self.title(one.title), "sub": self._accounts(one), "note": note}]

    def _accounts(self, one: Cost) -> str:
        before, after = self.number(one.accounts_before), self.number(one.accounts_after)
        return self.word("some_accounts", count=after if before == after else f"{before} → {after}")

    def _money(self, one: Cost) -> list[Row]:
        assert one.before is not None and one.after is not None
        amounts = (one.before, one.after, one.after - one.before)
        shown = [str(self.show(each, "money", self.proposal.currency, self.language))
                 for each in amounts]  # fmt: skip
        return _compared(
            [(self.title(one.title), self._accounts(one), one.before, one.after, *shown)]
        )


def _compared(rows: Any) -> list[Row]:
    """Rows of a table with bars, which are as long as their share of the largest value."""
    listed = list(rows)
    largest = max((value for row in listed for value in row[2:4]), default=Decimal(0))

    def share(value: Decimal) -> str:
        return f"{100 * value / largest:.1f}" if largest else "0"

    return [
        {"title": title, "sub": sub, "before": shown[0], "after": shown[1],
         "difference": shown[2], "share_before": share(before), "share_after": share(after),
         "note": ""}
        for title, sub, before, after, *shown in listed
    ]  # fmt: skip
