"""The values that a rule saw, as the JSON text that stands beside what it decided.

Written as `engine.plan.sql.decisions.evidence_json` has the night write them: under the pack's own
names, and of what is sealed the token alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.executors.protocol import Row
from engine.lifecycle.account.json_text import Writer, text, writer_of
from engine.plan.classes import sealed_columns
from engine.plan.columns import column_types, token_column
from engine.plan.predicates import columns_of
from engine.plan.steps import PackPlan, Plan

Part = tuple[str, str, Writer]
"""What stands before a value, its column of ``facts``, and how it is written."""


class Evidence:
    """The texts of one pack; `rules` by kind and id."""

    def __init__(self, plan: Plan, pack: PackPlan) -> None:
        self._plan = plan
        self._types = column_types(plan)
        self._sealed = frozenset(sealed_columns(plan))
        self._written = {column: name for name, column in pack.columns.items()}
        self._rules = {(one.kind, one.id): self._parts(one.evidence) for one in pack.rules}
        self._tier = self._parts(_tier_columns(pack))
        self._obligation = self._parts(pack.obligation_evidence)
        self._scores = {
            self._written[one]: None if one in self._sealed else one for one in pack.scores
        }

    def rule(self, kind: str, rule: str, facts: Row, tier: str | None) -> str:
        """What a rule saw that was judged on `tier`."""
        shown = "null" if tier is None else text(tier)
        return _object((*_written(self._rules[kind, rule], facts), f'"tier":{shown}'))

    def tier(self, facts: Row) -> str:
        """What the criteria of the tiers saw."""
        return _object(_written(self._tier, facts))

    def obligation(self, facts: Row) -> str:
        """What the texts of actions for obligations name."""
        return _object(_written(self._obligation, facts))

    def scores(self, facts: Row) -> dict[str, float | None]:
        """Scorecard → score; a number has no room for a token."""
        return {
            name: None if column is None else _score(facts, column)
            for name, column in self._scores.items()
        }

    def _parts(self, columns: Iterable[str]) -> tuple[Part, ...]:
        """Statistics are the same for everyone and stand in the manifest instead."""
        return tuple(self._part(one) for one in columns if one in self._types)

    def _part(self, column: str) -> Part:
        before = f"{text(self._written.get(column, column))}:"
        if column in self._sealed:
            return before, token_column(column), text
        return before, column, writer_of(self._types[column], self._plan.precision.money)


def _tier_columns(pack: PackPlan) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for predicate in (*(tier.predicate for tier in pack.tiers), pack.exclude):
        if predicate is not None:
            found.update(dict.fromkeys(columns_of(predicate)))
    return tuple(found)


def _score(facts: Row, column: str) -> float | None:
    value = facts.get(column)
    assert value is None or isinstance(value, int | float)
    return None if value is None else float(value)


def _written(parts: Iterable[Part], facts: Row) -> Iterable[str]:
    for before, column, write in parts:
        value = facts.get(column)
        yield f"{before}null" if value is None else before + write(value)


def _object(parts: Iterable[str]) -> str:
    return "{" + ",".join(parts) + "}"
