"""`kam plan` for people: what a changed policy would do, in tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.console.terminal import visible
from engine.console.values import show_value
from engine.model import Title
from engine.proposal.matrix import axes
from engine.proposal.model import (
    Cause,
    Cells,
    Cost,
    Edit,
    Move,
    PackChange,
    Proposal,
    RuleChange,
    Written,
)
from engine.proposal.words import word

LIMIT = 20
"""Accounts of each list, if nothing is said."""


def print_plan(console: Console, proposal: Proposal, language: str, limit: int = LIMIT) -> None:
    """The whole plan; of each list of accounts at most `limit`, or all with 0."""
    PlanPrinter(console, proposal, language, limit).print()


@dataclass(frozen=True)
class PlanPrinter:
    """Prints the parts of a plan one after another; a part without a change is left out."""

    console: Console
    proposal: Proposal
    language: str
    limit: int

    def print(self) -> None:
        self._head()
        if not self.proposal.changes_anything:
            key = "nothing_else" if self.proposal.edits else "nothing"
            self.console.print(self.word(key), style="bold green")
            return
        for pack in self.proposal.packs:
            if pack.changes_anything:
                self._pack(pack)
        self._workload()
        self._actions()

    def word(self, key: str, **values: object) -> str:
        return word(self.language, key, **values)

    def title(self, title: Title) -> str:
        return visible(getattr(title, self.language))

    # --- parts -------------------------------------------------------------------------------

    def _head(self) -> None:
        one, facts = self.proposal, self.proposal.facts
        over = self.word("over_sources" if one.is_first else "over", run=facts.run, day=facts.as_of)
        self.console.print(
            Text(f"{self.word('plan')} · {visible(one.workspace)} · {over}", style="bold")
        )
        before = "–" if one.before is None else one.before.hash[:12]
        self.console.print(Text(f"{before} → {one.after.hash[:12]}", style="dim"))
        for note in one.notes:
            self.console.print(Text(str(note), style="yellow"))
        if one.edits:
            self._heading("edits")
        for edit in one.edits:
            self._edit(edit)
        if one.is_cut_off:
            self.console.print(self.word("cut_off", count=one.trials), style="yellow")
        self.console.print()

    def _edit(self, edit: Edit) -> None:
        place = edit.new or edit.old
        where = "" if place is None else f"{place.file}:{place.line}"
        name = f"{edit.section} {edit.element}".strip()
        what = self.word(edit.change)
        inert = f" ({self.word('inert')})" if edit.inert else ""
        self.console.print(Text(f"{edit.number:>3}  {where}  {name}, {what}{inert}"))
        for sign, written, style in (("-", edit.old, "red"), ("+", edit.new, "green")):
            for line in _lines(written):
                self.console.print(Text(f"     {sign} {visible(line)}", style=style))

    def _pack(self, pack: PackChange) -> None:
        accounts = self.word("some_accounts", count=f"{pack.accounts_after:,}")
        self.console.print(Text(f"{self.title(pack.title)}: {accounts}", style="bold"))
        if pack.moves:
            for key, cells, moved in (
                ("tonight", pack.tonight, pack.moved_tonight),
                ("candidates", pack.candidates, pack.moved_candidates),
            ):
                note = self.word(f"{key}_note", count=f"{moved:,}")
                self.console.print(Text(f"{self.word(key)}: {note}"))
                self.console.print(self._matrix(pack, cells))
            self.console.print(self._moves(pack))
            self._more(len(pack.moves))
        for kind in ("warning", "entitlement", "milestone"):
            if found := pack.rules_of(kind):
                self._heading(kind)
                self.console.print(self._rules(found))
        self._owed(pack)
        self._duties(pack)
        self._costs(pack)
        self.console.print()

    def _matrix(self, pack: PackChange, cells: Cells) -> Table:
        rows, columns = axes(pack, cells)
        table = Table(box=None, header_style="dim", pad_edge=False)
        table.add_column(self.word("from_to"))
        for column in columns:
            table.add_column(self._tier(pack, column), justify="right")
        for row in rows:
            shown = [Text(self._tier(pack, row))]
            for column in columns:
                number = cells.get((row, column), 0)
                style = "dim" if row == column or not number else "bold"
                shown.append(Text(f"{number:,}" if number else "·", style=style))
            table.add_row(*shown)
        return table

    def _moves(self, pack: PackChange) -> Table:
        table = self._table("account", "", "tier", "candidate", "by")
        for one in self._cut(pack.moves):
            table.add_row(
                visible(one.account),
                visible(one.name or ""),
                self._change(pack, one.before, one.after),
                self._change(pack, one.candidate_before, one.candidate_after),
                self.cause(one.cause),
            )
        return table

    def _change(self, pack: PackChange, before: str | None, after: str | None) -> Text:
        if before == after:
            return Text(self._tier(pack, after), style="dim")
        return Text(f"{self._tier(pack, before)} → {self._tier(pack, after)}")

    def _tier(self, pack: PackChange, tier: str | None) -> str:
        if tier is None:
            return self.word("outside")
        return self.title(pack.tiers[tier]) if tier in pack.tiers else visible(tier)

    def cause(self, cause: Cause) -> str:
        """The edits that bring something about: ``1``, ``1, 2`` (each) or ``1 + 2`` (together)."""
        if self.proposal.is_first:
            return ""
        if not cause.edits:
            return self.word("unattributed")
        joined = (" + " if cause.together else ", ").join(str(one) for one in cause.edits)
        return f"{self.word('edit')} {joined}"

    def _rules(self, found: Iterable[RuleChange]) -> Table:
        table = self._table("rule", "before", "after", "appear", "vanish", "account")
        for one in found:
            named = [self._touched(one, place) for place in range(len(one.touched))]
            shown = named[: self.limit or None]
            if len(named) > len(shown):
                shown.append(self.word("more", count=f"{len(named) - len(shown):,}"))
            table.add_row(
                self.title(one.title),
                f"{one.before:,}",
                f"{one.after:,}",
                f"+{one.appears:,}" if one.appears else "",
                f"-{one.vanishes:,}" if one.vanishes else "",
                visible(", ".join(shown)),
            )
        return table

    def _touched(self, rule: RuleChange, place: int) -> str:
        one = rule.touched[place]
        if rule.kind != "warning" or one.before is None or one.after is None:
            return one.account
        return f"{one.account} {self.word(one.before)} → {self.word(one.after)}"

    def _owed(self, pack: PackChange) -> None:
        others = [one for one in pack.owed if one.others]
        if not others:
            return
        self._heading("owed_tonight")
        table = self._table("rule", "state", "before", "after")
        for one in others:
            for place, (state, before, after) in enumerate(one.others):
                title = "" if place else self.title(one.title)
                table.add_row(title, self.word(state), f"{before:,}", f"{after:,}")
        self.console.print(table)

    def _duties(self, pack: PackChange) -> None:
        others = [one for one in pack.duties if one.meetings[0] != one.meetings[1]]
        if others:
            self._heading("duties")
            table = self._table("role", "duty", "before", "after", "difference")
            for one in others:
                role, title = self.title(one.role_title), self.title(one.title)
                table.add_row(role, title, *_numbers(*one.meetings))
            self.console.print(table)
        loads = [one for one in pack.assigned if one.before != one.after]
        if loads:
            self._heading("persons")
            table = self._table("role", "people", "average", "largest")
            for load in loads:
                table.add_row(
                    self.title(load.title),
                    _pair(load.before.people, load.after.people),
                    _pair(load.before.average, load.after.average),
                    _pair(load.before.largest, load.after.largest),
                )
            self.console.print(table)

    def _costs(self, pack: PackChange) -> None:
        found = [one for one in pack.costs if _counts(one) or one.is_other]
        if not found:
            return
        self._heading("cost")
        table = self._table("cost_of", "accounts", "before", "after", "difference")
        for one in found:
            accounts = _pair(one.accounts_before, one.accounts_after)
            table.add_row(self.title(one.title), accounts, *self._money(one))
        self.console.print(table)

    def _money(self, one: Cost) -> Sequence[str]:
        if one.approver is not None:
            return (self.word("needs_approval", role=self.title(one.approver)), "", "")
        if one.is_hidden:
            return (self.word("hidden"), "", "")
        if one.before is None or one.after is None:
            return (self.word("not_money"), "", "")
        return tuple(self._amount(each) for each in (one.before, one.after, one.after - one.before))

    def _amount(self, amount: Decimal) -> str:
        return str(show_value(amount, "money", self.proposal.currency, self.language))

    def _workload(self) -> None:
        others = [one for one in self.proposal.roles if one.before != one.after]
        if others:
            self._heading("meetings")
            table = self._table("role", "before", "after", "difference")
            for one in others:
                table.add_row(self.title(one.title), *_numbers(one.before, one.after))
            self.console.print(table)

    def _actions(self) -> None:
        if self.proposal.actions:
            self._heading("actions")
            table = self._table("role", "appear", "vanish")
            for one in self.proposal.actions:
                table.add_row(self.title(one.title), f"+{one.appear:,}", f"-{one.vanish:,}")
            self.console.print(table)

    # --- helpers -----------------------------------------------------------------------------

    def _heading(self, key: str) -> None:
        self.console.print(Text(self.word(key), style="bold"))

    def _table(self, *keys: str) -> Table:
        table = Table(box=None, header_style="dim", pad_edge=False)
        right = ("before", "after", "difference", "appear", "vanish")
        for key in keys:
            heading = self.word(key) if key else ""
            table.add_column(heading, justify="right" if key in right else "left", overflow="fold")
        return table

    def _cut(self, moves: Sequence[Move]) -> Sequence[Move]:
        return moves[: self.limit] if self.limit else moves

    def _more(self, number: int) -> None:
        if self.limit and number > self.limit:
            more = self.word("more", count=f"{number - self.limit:,}")
            self.console.print(Text(more, style="dim"))


def _lines(written: Written | None) -> Iterator[str]:
    if written is not None and written.text:
        yield from written.text.split("\n")


def _numbers(before: Decimal, after: Decimal) -> tuple[str, str, str]:
    return f"{before:,}", f"{after:,}", f"{after - before:+,}"


def _pair(before: object, after: object) -> str:
    return str(after) if before == after else f"{before} → {after}"


def _counts(one: Cost) -> bool:
    return one.accounts_before != one.accounts_after
