"""Conditions over one row, in Kleene's three-valued logic: true, false or None (unknown)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.executors.protocol import Value
from engine.language.operators import OPERATORS
from engine.plan.steps import All, Any, ColumnRef, Comparison, Not, Predicate, Ranked

Truth = bool | None

Lookup = Mapping[str, Value]
"""A row together with the statistics: column or statistic → value."""


def all_of(truths: Iterable[Truth]) -> Truth:
    """False if one is false, else unknown if one is unknown, else true.

    >>> all_of([True, None]), all_of([False, None])
    (None, False)
    """
    seen = list(truths)
    if False in seen:
        return False
    return None if None in seen else True


def any_of(truths: Iterable[Truth]) -> Truth:
    """True if one is true, else unknown if one is unknown, else false.

    >>> any_of([True, None]), any_of([False, None])
    (True, None)
    """
    seen = list(truths)
    if True in seen:
        return True
    return None if None in seen else False


def negation(truth: Truth) -> Truth:
    return None if truth is None else not truth


def truth_of(predicate: Predicate, row: Lookup) -> Truth:
    """Whether `predicate` holds for `row`."""
    if isinstance(predicate, All):
        return all_of([truth_of(part, row) for part in predicate.parts])
    if isinstance(predicate, Any):
        return any_of([truth_of(part, row) for part in predicate.parts])
    if isinstance(predicate, Not):
        return negation(truth_of(predicate.part, row))
    if isinstance(predicate, Ranked):
        return _is_ranked(predicate, row)
    return _compare(predicate, row)


def operand_values(comparison: Comparison, row: Lookup) -> tuple[Value, ...]:
    """The operands of a comparison, other columns replaced by their values."""
    return tuple(
        _seen(row, operand.column) if isinstance(operand, ColumnRef) else operand
        for operand in comparison.operands
    )


def _seen(row: Lookup, column: str) -> Value:
    """A value as conditions see it: a datetime is its day."""
    value = row.get(column)
    return value.date() if isinstance(value, datetime) else value


def _compare(comparison: Comparison, row: Lookup) -> Truth:
    operator = OPERATORS[comparison.operator]
    value = _seen(row, comparison.column)
    if operator.handles_missing:
        return operator.python(value, ())
    if value is None:
        return None
    operands = operand_values(comparison, row)
    if comparison.operator == "between":
        low, high = operands
        return all_of((_bound("gte", value, low), _bound("lte", value, high)))
    if comparison.operator in ("in", "not_in"):
        found = any_of([_bound("eq", value, operand) for operand in operands])
        return found if comparison.operator == "in" else negation(found)
    return _bound(comparison.operator, value, operands[0])


def _bound(operator: str, value: Value, operand: Value) -> Truth:
    return None if operand is None else OPERATORS[operator].python(value, (operand,))


def _is_ranked(ranked: Ranked, row: Lookup) -> Truth:
    if ranked.population is not None and row.get(ranked.population) is not True:
        return False
    value, cutoff = row.get(ranked.column), row.get(ranked.cutoff_value)
    if value is None or cutoff is None:
        return False
    if OPERATORS[ranked.side].python(value, (cutoff,)):
        return True
    number, last = row["account_no"], row[ranked.cutoff_account]
    assert isinstance(number, int)
    assert isinstance(last, int)
    return OPERATORS["eq"].python(value, (cutoff,)) and number <= last


@dataclass(frozen=True)
class Trace:
    """A predicate, what it came to, and why.

    `value` and `operands` are what a comparison or a ranking saw (the operand of a ranking
    is its cut-off value); `parts` are those of `all`, `any` and a negation.
    """

    predicate: Predicate
    truth: Truth
    value: Value = None
    operands: tuple[Value, ...] = ()
    parts: tuple[Trace, ...] = ()


def trace(predicate: Predicate, row: Lookup) -> Trace:
    """Evaluate every part of `predicate`, also those that could not change the outcome."""
    truth = truth_of(predicate, row)
    if isinstance(predicate, All | Any):
        return Trace(predicate, truth, parts=tuple(trace(part, row) for part in predicate.parts))
    if isinstance(predicate, Not):
        return Trace(predicate, truth, parts=(trace(predicate.part, row),))
    value = row.get(predicate.column)
    if isinstance(predicate, Ranked):
        return Trace(predicate, truth, value, (row.get(predicate.cutoff_value),))
    return Trace(predicate, truth, value, operand_values(predicate, row))
