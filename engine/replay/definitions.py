"""What two plans measure alike: the same records, taken together in the same way.

A policy that was edited gives its measures other names, other places in other files, and other
neighbours, beside which even columns of records are called otherwise; none of that changes what
a night counted for them. So a column stands here for what it is computed from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal

from engine.errors import Location
from engine.model import Name
from engine.plan.steps import (
    AggregateStep,
    ColumnRef,
    Comparison,
    ObligationStep,
    Plan,
    RecordStep,
)

Definition = tuple[object, ...]
"""Compares and hashes by what is measured, and by nothing else."""

_Meanings = Mapping[str, object]
"""Column of a record table → what it stands for."""


def aggregate_definition(plan: Plan, step: AggregateStep) -> Definition:
    """What the step takes of which records."""
    record, meanings = _record(plan, step.record)
    read = tuple(_meaning(meanings, name) for name in (step.argument, step.by))
    return (_bare(replace(step, column="", argument=None, by=None), meanings), read, record)


def obligation_definition(plan: Plan, step: ObligationStep) -> Definition:
    """What the step takes of which records; what its entitlement is called does not matter."""
    record, meanings = _record(plan, step.record)
    read = tuple(_meaning(meanings, name) for name in (step.starts, step.stops, step.due))
    bare = replace(step, rule_id="", starts=None, stops=None, due=None)
    return (_bare(bare, meanings), read, record)


def account_columns(plan: Plan) -> frozenset[tuple[str, str]]:
    """(name, type) of the account columns that the workspace gave a night."""
    return frozenset((one.name, one.type) for one in plan.accounts if one.available)


def _record(plan: Plan, name: str) -> tuple[Definition, _Meanings]:
    """The table and how it is dated; and its columns."""
    record = next(one for one in plan.records if one.name == name)
    return (record.name, record.time, record.available), _meanings(record)


def _meanings(record: RecordStep) -> _Meanings:
    found: dict[str, object] = {
        one.name: ("column", one.name, one.type, one.available) for one in record.columns
    }
    for one in record.derived:  # each needs only what stands before it
        found[one.column] = ("formula", one.type, one.scale, _bare(one.expression, found))
    return found


def _meaning(meanings: _Meanings, name: str | None) -> object:
    return None if name is None else meanings[name]


def _bare(value: object, meanings: _Meanings) -> object:
    """The value as tuples, without the places and the words of the policy that wrote it."""
    if isinstance(value, Location):
        return None
    if isinstance(value, Name):
        return meanings[value.name]
    if isinstance(value, ColumnRef):
        return meanings[value.column]
    if is_dataclass(value):
        parts = {one.name: getattr(value, one.name) for one in fields(value)}
        if isinstance(value, Comparison):
            parts |= {"written": None, "column": ColumnRef(value.column)}
        return (type(value).__name__, *(_bare(one, meanings) for one in parts.values()))
    if isinstance(value, tuple | list):
        return tuple(_bare(one, meanings) for one in value)
    if isinstance(value, Decimal):
        return ("decimal", value.normalize())
    if isinstance(value, bool):
        return ("truth", value)  # which a number equals otherwise
    return value
