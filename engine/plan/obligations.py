"""What an entitlement owes over time, as steps over the record tables."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model import AllOf, AnyOf, Condition, Entitlement, NoneOf, Period, Test
from engine.plan.pack import PackScope
from engine.plan.periods import span_of
from engine.plan.predicates import compile_condition
from engine.plan.records import RecordScope
from engine.plan.steps import ObligationStep

ASSIGNMENTS = "assignments"
"""The record table that says who holds a role."""
ASSIGNMENT_COLUMNS = ("assigned_on", "ended_on", "role", "person")


def compile_obligations(scope: PackScope) -> tuple[ObligationStep, ...]:
    """One step per entitlement that is met over time, and per role of a team, in order of id."""
    entitlements = scope.policy.entitlements
    return tuple(
        step
        for key in sorted(entitlements)
        if entitlements[key].kind in OBLIGATION_KINDS
        for step in _STEPS[entitlements[key].kind](scope, entitlements[key])
    )


OBLIGATION_KINDS = frozenset({"cadence", "response", "deadline", "team"})
"""The kinds of entitlement that are met over time."""


def _cadence(scope: PackScope, entitlement: Entitlement) -> Iterator[ObligationStep]:
    every = entitlement.terms["every"]
    assert isinstance(every, Period)
    builder = _Builder(scope, entitlement, str(entitlement.terms["records"]))
    yield builder.step("", _where(entitlement), span=every)


def _response(scope: PackScope, entitlement: Entitlement) -> Iterator[ObligationStep]:
    builder = _Builder(scope, entitlement, str(entitlement.terms["records"]))
    terms = entitlement.terms
    yield builder.step("", _where(entitlement), str(terms["from"]), str(terms["to"]))


def _deadline(scope: PackScope, entitlement: Entitlement) -> Iterator[ObligationStep]:
    builder = _Builder(scope, entitlement, str(entitlement.terms["records"]))
    terms = entitlement.terms
    yield builder.step("", _where(entitlement), stops=str(terms["done"]), due=str(terms["due"]))


def _team(scope: PackScope, entitlement: Entitlement) -> Iterator[ObligationStep]:
    roles = entitlement.terms["roles"]
    assert isinstance(roles, dict)
    for role, (_, where) in roles.items():
        builder = _Builder(scope, entitlement, ASSIGNMENTS)
        for column in ASSIGNMENT_COLUMNS:
            builder.records.column(column)
        yield builder.step(role, where)


_STEPS = {"cadence": _cadence, "response": _response, "deadline": _deadline, "team": _team}


def _where(entitlement: Entitlement) -> Condition | None:
    where = entitlement.terms["where"]
    assert where is None or isinstance(where, Test | AllOf | AnyOf | NoneOf)
    return where


class _Builder:
    """One record table as one obligation reads it."""

    def __init__(self, scope: PackScope, entitlement: Entitlement, record: str) -> None:
        self.scope = scope
        self.entitlement = entitlement
        self.record = scope.policy.vocabulary.records[record]
        self.records = RecordScope(
            scope.policy, self.record, scope.tables, scope.parameters, scope.precision
        )

    def step(
        self,
        part: str,
        where: Condition | None,
        starts: str | None = None,
        stops: str | None = None,
        due: str | None = None,
        span: Period | None = None,
    ) -> ObligationStep:
        name, tables = self.record.name, self.scope.tables
        predicate = compile_condition(where, self.records) if where is not None else None
        columns = [
            None if one is None else self.records.column(one) for one in (starts, stops, due)
        ]
        tables.registry(name)
        time = self.scope.times[name] = tables.time_of(self.record)
        available = (
            tables.is_mapped(name)
            and (time is not None or self.record.time is None)
            and all(tables.available(name, column) for column in self.records.used)
        )
        return ObligationStep(
            rule_id=self.entitlement.id,
            kind=self.entitlement.kind,
            part=part,
            record=name,
            time=time,
            where=predicate,
            starts=columns[0],
            stops=columns[1],
            due=columns[2],
            span=None if span is None else span_of(span, self.scope.as_of),
            available=available,
        )
