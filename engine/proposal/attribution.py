"""Which edited line moves whom: the night is decided again with some of the edits alone.

First each edit by itself, on top of the policy as it was: whatever comes about then, that edit
brings about. What no edit brings about alone is looked for the other way round, with all edits but
one: those without which it does not come about are named together. The nights that are decided for
this are bounded; beyond the bound nothing is claimed.
"""

# ruff: noqa: S608 - numbers and constants alone are put into the statements

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
from duckdb import ColumnExpression, ConstantExpression

from engine.language.checks.pack import check_pack
from engine.model import Policy
from engine.proposal.elements import patched
from engine.proposal.model import UNKNOWN_CAUSE, Cause, Edit, Effect
from engine.proposal.outcome import Outcome, difference
from engine.proposal.units import Unit, units_of

TRIALS = 24
"""Nights that are decided at most to attribute what moves, for all packs together."""

Trial = Callable[[Policy], Outcome]
"""Decides the night under one pack alone."""


@dataclass
class Attribution:
    """The causes of effects, found pack by pack; `trials` counts the nights that it took."""

    connection: duckdb.DuckDBPyConnection
    trial: Trial
    at_most: int = TRIALS
    trials: int = 0
    is_cut_off: bool = False
    causes: dict[Effect, Cause] = field(default_factory=dict)

    def cause(self, effect: Effect) -> Cause:
        return self.causes.get(effect, UNKNOWN_CAUSE)

    def explain(self, old: Policy, new: Policy, edits: Sequence[Edit]) -> None:
        """Finds the causes of all that is other in a pack that both policies have."""
        open_effects = self._effects(new.id)
        units = units_of(old, new, edits)
        if len(units) == 1:  # nothing else can have done it
            for effect in open_effects:
                self._name(effect, units, together=not units[0].leaves)
            return
        alone = self._alone(old, new, units, open_effects)
        rest = [effect for effect in open_effects if effect not in alone]
        for effect, found in alone.items():
            self._name(effect, found)
        if rest:
            self._together(old, new, units, rest)

    def explain_whole(self, edit: Edit) -> None:
        """All effects of a pack that comes or goes are of that one edit."""
        for effect in self._effects(edit.pack):
            self.causes[effect] = Cause((edit.number,))

    def _effects(self, pack: str, name: str = "effects") -> list[Effect]:
        rows = self.connection.execute(
            f"SELECT pack, kind, rule, scope, account_id, before, after FROM {name} "
            "WHERE pack = ? ORDER BY ALL",
            [pack],
        ).fetchall()
        return [Effect(*row) for row in rows]

    def _alone(
        self, old: Policy, new: Policy, units: Sequence[Unit], wanted: Sequence[Effect]
    ) -> Mapping[Effect, list[Unit]]:
        """Effects with the units that bring them about, each without the others."""
        found: dict[Effect, list[Unit]] = {}
        known = set(wanted)
        for unit in units:
            for effect in self._with(old, new, [unit]) or ():
                if effect in known and unit.named(effect.kind, effect.rule):
                    found.setdefault(effect, []).append(unit)
        return found

    def _together(
        self, old: Policy, new: Policy, units: Sequence[Unit], wanted: Sequence[Effect]
    ) -> None:
        """Names the units without which the effects do not come about."""
        needed: dict[Effect, list[Unit]] = {effect: [] for effect in wanted}
        for unit in units:
            others = [one for one in units if one is not unit]
            reached = self._with(old, new, others)
            if reached is None:
                continue
            come = set(reached)
            for effect in wanted:
                if effect not in come and unit.named(effect.kind, effect.rule):
                    needed[effect].append(unit)
        for effect, found in needed.items():
            if found:
                self._name(effect, found, together=True)
            elif not self.is_cut_off:  # any of several ways leads there
                self._name(effect, units, together=True)

    def _name(self, effect: Effect, units: Sequence[Unit], together: bool = False) -> None:
        numbers = [number for unit in units for number in unit.named(effect.kind, effect.rule)]
        several = together or any(len(unit.edits) > 1 and not unit.leaves for unit in units)
        self.causes[effect] = Cause(tuple(sorted(numbers)), several and len(numbers) > 1)

    def _with(self, old: Policy, new: Policy, units: Sequence[Unit]) -> list[Effect] | None:
        """What is other under the old policy with these edits; None if that cannot be tried."""
        if self.trials >= self.at_most:
            self.is_cut_off = True
            return None
        policy = patched(old, new, frozenset().union(*(unit.keys for unit in units)))
        if any(one.severity == "error" for one in check_pack(policy)):
            return None
        self.trials += 1
        tried = self.trial(policy)
        self.connection.read_parquet(tried.file("effects")).create_view(
            "tried_effects", replace=True
        )
        of_pack = ColumnExpression("pack") == ConstantExpression(policy.id)
        self.connection.view("old_effects").filter(of_pack).create_view("old_of_pack", replace=True)
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE tried AS {difference('old_of_pack', 'tried_effects')}"
        )
        return self._effects(policy.id, "tried")
