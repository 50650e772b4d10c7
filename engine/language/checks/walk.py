"""Goes through everything in a policy that names something: conditions, formulas, terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.errors import Location
from engine.model import (
    AllOf,
    AnyOf,
    Call,
    Case,
    Condition,
    Criterion,
    Entitlement,
    Expression,
    Formula,
    Name,
    NoneOf,
    Operation,
    ParameterRef,
    Policy,
    Population,
    Test,
    ValueType,
)

SiteKind = Literal[
    "population", "exclusion", "tier", "warning", "milestone", "entitlement", "where"
]
_TEAM_RECORDS = "assignments"


@dataclass(frozen=True)
class ConditionSite:
    """A condition, what it belongs to, and the record table whose columns it names, if any."""

    condition: Condition
    kind: SiteKind
    rule: str
    """What it belongs to: ``warning 'silent'``."""
    location: Location
    """Of what it belongs to."""
    record: str | None = None
    tiers: tuple[str, ...] = ()
    """The tiers that the rule is about; empty for all of them."""
    level: str = ""
    """Of a warning."""

    @property
    def owner(self) -> str:
        """What it belongs to, for messages, with the level of a warning."""
        return f"level {self.level} of {self.rule}" if self.level else self.rule

    @property
    def sees_tier(self) -> bool:
        return self.kind in ("warning", "milestone", "entitlement")


@dataclass(frozen=True)
class FormulaSite:
    """A formula, the type that it declares, and its record table, if it is a column's."""

    formula: Formula
    type: ValueType
    owner: str
    name: str
    record: str | None = None


def conditions(policy: Policy) -> Iterator[ConditionSite]:
    """Every condition of the policy, in the order of its sections."""
    yield from _tier_conditions(policy)
    for warning in policy.warnings.values():
        for level in warning.levels:
            rule = f"warning '{warning.id}'"
            yield ConditionSite(level.when, "warning", rule, level.location, level=level.level)
    for milestone in policy.milestones.values():
        tiers = () if milestone.from_tier is None else (milestone.from_tier,)
        owner = f"milestone '{milestone.id}'"
        yield ConditionSite(milestone.when, "milestone", owner, milestone.location, tiers=tiers)
    for entitlement in policy.entitlements.values():
        yield from _entitlement_conditions(entitlement)
    for measure in policy.measures.values():
        aggregate = measure.aggregate
        if aggregate is not None and aggregate.where is not None:
            owner = f"measure '{measure.id}'"
            yield ConditionSite(aggregate.where, "where", owner, measure.location, aggregate.record)


def _tier_conditions(policy: Policy) -> Iterator[ConditionSite]:
    scheme = policy.tiers
    if scheme is None:
        return
    if scheme.population is not None:
        yield ConditionSite(scheme.population, "population", "the population", scheme.location)
    if scheme.exclude is not None:
        excluded = scheme.exclude
        yield ConditionSite(excluded.when, "exclusion", "the exclusion", excluded.location)
    for tier in scheme.levels:
        if tier.when is not None:
            yield ConditionSite(tier.when, "tier", f"tier '{tier.id}'", tier.location)


def _entitlement_conditions(entitlement: Entitlement) -> Iterator[ConditionSite]:
    owner = f"entitlement '{entitlement.id}'"
    if entitlement.when is not None:
        yield ConditionSite(
            entitlement.when, "entitlement", owner, entitlement.location, tiers=entitlement.tiers
        )
    default = _TEAM_RECORDS if entitlement.kind == "team" else None
    for condition, record in _conditions_in(entitlement.terms, default):
        yield ConditionSite(condition, "where", owner, entitlement.location, record)


def _conditions_in(value: object, record: str | None) -> Iterator[tuple[Condition, str | None]]:
    """The conditions inside the terms of an entitlement, with the records they are about."""
    if isinstance(value, AllOf | AnyOf | NoneOf | Test):
        yield value, record
    elif isinstance(value, Mapping):
        named = value.get("records")
        for inner in value.values():
            yield from _conditions_in(inner, named if isinstance(named, str) else record)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _conditions_in(inner, record)


def tests(condition: Condition) -> Iterator[Test]:
    """Every comparison of a condition, in the order written."""
    if isinstance(condition, Test):
        yield condition
    else:
        for part in condition.parts:
            yield from tests(part)


def formulas(policy: Policy) -> Iterator[FormulaSite]:
    """Every formula of the policy: of measures, then of the columns of record tables."""
    for measure in policy.measures.values():
        if measure.formula is not None:
            owner = f"measure '{measure.id}'"
            yield FormulaSite(measure.formula, measure.type, owner, measure.id)
    for record in policy.vocabulary.records.values():
        for column in record.columns.values():
            if column.formula is not None:
                owner = f"column '{record.name}.{column.name}'"
                yield FormulaSite(column.formula, column.type, owner, column.name, record.name)


def expressions(tree: Expression) -> Iterator[Expression]:
    """Every node of a formula, parents before their parts."""
    yield tree
    for part in parts_of(tree):
        yield from expressions(part)


def parts_of(node: Expression) -> tuple[Expression, ...]:
    """The direct parts of a node.

    >>> from decimal import Decimal
    >>> from engine.model import Number
    >>> len(parts_of(Operation("+", (Number(Decimal(1)), Number(Decimal(2))))))
    2
    """
    if isinstance(node, Operation | Call):
        return node.arguments
    if isinstance(node, Case):
        branches = tuple(part for branch in node.branches for part in branch)
        return branches if node.otherwise is None else (*branches, node.otherwise)
    return ()


def names_of(tree: Expression) -> Iterator[str]:
    """The facts that a formula reads, inside population functions too."""
    for node in expressions(tree):
        if isinstance(node, Name):
            yield node.name
        elif isinstance(node, Population):
            yield node.measure
            if node.group is not None:
                yield node.group.name


def leaves(criteria: tuple[Criterion, ...]) -> Iterator[Criterion]:
    """The criteria that score a measure."""
    for criterion in criteria:
        if criterion.measure is not None:
            yield criterion
        yield from leaves(criterion.parts)


def used_actions(policy: Policy) -> Iterator[tuple[str, str, Location]]:
    """Every use of an action: under which key (of a warning, its level, or one for all levels),
    the action's id, and where the rule stands."""
    for warning in policy.warnings.values():
        for level, action in warning.actions.items():
            yield f"{level}|action", action, warning.location
    for milestone in policy.milestones.values():
        if milestone.action is not None:
            yield "action", milestone.action, milestone.location
    for entitlement in policy.entitlements.values():
        if entitlement.action is not None:
            yield "action", entitlement.action, entitlement.location


def parameter_references(policy: Policy) -> Iterator[ParameterRef]:
    """Every `$name` of the policy, wherever it stands."""
    for site in conditions(policy):
        for test in tests(site.condition):
            yield from (one for one in test.operands if isinstance(one, ParameterRef))
    for formula in formulas(policy):
        for node in expressions(formula.formula.tree):
            if isinstance(node, ParameterRef):
                yield node
    for entitlement in policy.entitlements.values():
        yield from _references_in(entitlement.terms)


def _references_in(value: object) -> Iterator[ParameterRef]:
    if isinstance(value, ParameterRef):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _references_in(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _references_in(inner)
