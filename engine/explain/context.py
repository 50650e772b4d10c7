"""One account, seen through one pack: values, titles, types, and why a value is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.executors.protocol import Row, Value
from engine.explain.tree import Fact, MissingFact
from engine.model import Title, ValueType
from engine.plan.expressions import names_in
from engine.plan.steps import (
    AggregateStep,
    Condition,
    Derived,
    FactColumn,
    GroupTotal,
    PackPlan,
    Plan,
    Points,
    Ranking,
    Score,
)

Definition = (
    FactColumn | AggregateStep | Derived | Condition | Points | Score | Ranking | GroupTotal
)
Places = Mapping[tuple[str, str], int]
"""(column, side) → place from 1 within the population, for `top` and `bottom`."""

TIER = Title("等级", "Tier")


@dataclass(frozen=True)
class Context:
    """What an explanation reads. `row` holds facts, statistics and the effective tier."""

    plan: Plan
    pack: PackPlan
    row: Row
    places: Places
    definitions: Mapping[str, Definition]
    names: Mapping[str, str] = field(default_factory=dict)
    """Column → the pack's own name for it, where they differ."""

    def fact(self, column: str) -> Fact:
        """A column with its title (else the name that the pack gives it) and its value."""
        if column == self.pack.tier_column:
            return Fact("tier", TIER, "ordinal", self.row.get(column))
        name = self.names.get(column, column)
        title = self.pack.titles.get(column, Title(name, name))
        return Fact(column, title, self.type_of(column), self.row.get(column))

    def type_of(self, column: str) -> ValueType:
        known = self.pack.types.get(column)
        return known if known is not None else _type_of_value(self.row.get(column))

    def missing(self, column: str) -> tuple[MissingFact, ...]:
        """The facts that are missing behind a missing column, each once."""
        found: dict[str, MissingFact] = {}
        self._collect(column, found)
        return tuple(found.values())

    def _collect(self, column: str, found: dict[str, MissingFact]) -> None:
        if self.row.get(column) is not None or column in found:
            return
        definition = self.definitions.get(column)
        inputs = [name for name in inputs_of(definition) if self.row.get(name) is None]
        if inputs:
            for name in inputs:
                self._collect(name, found)
            return
        found[column] = self._cause(column, definition)

    def _cause(self, column: str, definition: Definition | None) -> MissingFact:
        fact = self.fact(column)
        if isinstance(definition, AggregateStep):
            if not definition.available:
                return MissingFact(fact, "not_mapped", definition.record)
            return MissingFact(fact, "no_records", definition.record)
        if isinstance(definition, FactColumn):
            return MissingFact(fact, "not_recorded" if definition.available else "not_mapped")
        return MissingFact(fact, "not_computable")


def build_context(plan: Plan, pack: PackPlan, row: Mapping[str, Value], places: Places) -> Context:
    """Index the plan by column for one account."""
    definitions: dict[str, Definition] = {one.name: one for one in plan.accounts}
    definitions |= {one.column: one for one in plan.aggregates}
    for stage in plan.stages:
        definitions |= {one.column: one for one in stage.computed}
        definitions |= {one.output: one for one in stage.rankings}
        definitions |= {one.output: one for one in stage.groups}
    names = {column: name for name, column in pack.columns.items()}
    return Context(plan, pack, row, places, definitions, names)


def inputs_of(definition: Definition | None) -> tuple[str, ...]:
    """The columns that a computed column is made of."""
    if isinstance(definition, Derived):
        return tuple(dict.fromkeys(names_in(definition.expression)))
    if isinstance(definition, Points):
        return (definition.input,)
    if isinstance(definition, Score):
        return tuple(column for column, _ in definition.parts)
    if isinstance(definition, Ranking | GroupTotal):
        return (definition.column,)
    return ()


def _type_of_value(value: Value) -> ValueType:
    """How to read a column that no pack types: a ranking, a statistic, a coverage."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    return "text" if isinstance(value, str) else "number"
