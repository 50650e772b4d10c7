"""Conditions over one row, in Kleene's three-valued logic: true, false or None (unknown)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.executors.identity import ByIdentity
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
    return compiled(predicate)(row)


# --- predicates → functions of a row -----------------------------------------------------

Form = Callable[[Lookup], Truth]


def _form(predicate: Predicate) -> Form:
    if isinstance(predicate, All):
        return _all([compiled(part) for part in predicate.parts])
    if isinstance(predicate, Any):
        return _any([compiled(part) for part in predicate.parts])
    if isinstance(predicate, Not):
        part = compiled(predicate.part)
        return lambda row: negation(part(row))
    if isinstance(predicate, Ranked):
        return _ranked(predicate)
    return _comparison(predicate)


compiled: ByIdentity[Predicate, Form] = ByIdentity(_form)
"""The function of a row that a predicate is; made once."""


def _all(parts: Sequence[Form]) -> Form:
    """`all_of`, which need not look further than to the first that is false."""

    def holds(row: Lookup) -> Truth:
        found: Truth = True
        for part in parts:
            truth = part(row)
            if truth is None:
                found = None
            elif not truth:
                return False
        return found

    return holds


def _any(parts: Sequence[Form]) -> Form:
    """`any_of`, which need not look further than to the first that is true."""

    def holds(row: Lookup) -> Truth:
        found: Truth = False
        for part in parts:
            truth = part(row)
            if truth:
                return True
            if truth is None:
                found = None
        return found

    return holds


def _comparison(comparison: Comparison) -> Form:
    operator, column = OPERATORS[comparison.operator], comparison.column
    if operator.handles_missing:
        python = operator.python
        return lambda row: python(row.get(column), ())
    decide = _decision(comparison.operator)
    if any(isinstance(operand, ColumnRef) for operand in comparison.operands):

        def compares(row: Lookup) -> Truth:
            value = _seen(row, column)
            return None if value is None else decide(value, operand_values(comparison, row))

        return compares
    operands = operand_values(comparison, {})

    def holds(row: Lookup) -> Truth:
        value = row.get(column)
        if value is None:
            return None
        return decide(value.date() if isinstance(value, datetime) else value, operands)

    return holds


def _decision(name: str) -> Callable[[Value, Sequence[Value]], Truth]:
    """What an operator says of a value and its operands, of which some may be missing."""
    if name == "between":
        return lambda value, operands: all_of(
            (_bound("gte", value, operands[0]), _bound("lte", value, operands[1]))
        )
    if name == "in":
        return _is_among
    if name == "not_in":
        return lambda value, operands: negation(_is_among(value, operands))
    python = OPERATORS[name].python
    return lambda value, operands: None if operands[0] is None else python(value, operands)


def _is_among(value: Value, operands: Sequence[Value]) -> Truth:
    return any_of(_bound("eq", value, operand) for operand in operands)


def _bound(operator: str, value: Value, operand: Value) -> Truth:
    return None if operand is None else OPERATORS[operator].python(value, (operand,))


def _ranked(ranked: Ranked) -> Form:
    beyond, equal = OPERATORS[ranked.side].python, OPERATORS["eq"].python

    def holds(row: Lookup) -> Truth:
        if ranked.population is not None and row.get(ranked.population) is not True:
            return False
        value, cutoff = row.get(ranked.column), row.get(ranked.cutoff_value)
        if value is None or cutoff is None:
            return False
        if beyond(value, (cutoff,)):
            return True
        number, last = row["account_no"], row[ranked.cutoff_account]
        assert isinstance(number, int)
        assert isinstance(last, int)
        return equal(value, (cutoff,)) and number <= last

    return holds


# --- what a comparison saw ---------------------------------------------------------------


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
