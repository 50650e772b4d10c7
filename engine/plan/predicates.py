"""Conditions as written → predicates over columns, with every parameter resolved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from engine.language.operators import OPERATORS
from engine.model import (
    AllOf,
    AnyOf,
    Condition,
    MeasureRef,
    NoneOf,
    Operand,
    ParameterRef,
    Quantity,
    Scalar,
    Test,
)
from engine.plan.scope import Scope, Subject
from engine.plan.steps import All, Any, ColumnRef, Comparison, Not, Predicate, Ranked


def compile_condition(condition: Condition, scope: Scope) -> Predicate:
    """Resolve names and parameters; the shape of the condition stays as written."""
    if isinstance(condition, AllOf):
        return All(tuple(compile_condition(part, scope) for part in condition.parts))
    if isinstance(condition, AnyOf):
        return Any(tuple(compile_condition(part, scope) for part in condition.parts))
    if isinstance(condition, NoneOf):
        return Not(Any(tuple(compile_condition(part, scope) for part in condition.parts)))
    return _compile_test(condition, scope)


def leaves(predicate: Predicate) -> Iterator[Comparison | Ranked]:
    """The comparisons and rankings of a predicate, in order of appearance."""
    if isinstance(predicate, All | Any):
        for part in predicate.parts:
            yield from leaves(part)
    elif isinstance(predicate, Not):
        yield from leaves(predicate.part)
    else:
        yield predicate


def columns_of(predicate: Predicate) -> tuple[str, ...]:
    """The columns that a predicate reads, in order of appearance, each once."""
    found: dict[str, None] = {}
    for leaf in leaves(predicate):
        found[leaf.column] = None
        if isinstance(leaf, Comparison):
            others = (one.column for one in leaf.operands if isinstance(one, ColumnRef))
            found.update(dict.fromkeys(others))
    return tuple(found)


def _compile_test(test: Test, scope: Scope) -> Predicate:
    subject = scope.subject(test.subject)
    if test.operator in ("top", "bottom"):
        return _compile_rank(test, subject, scope)
    if test.operator == "missing":
        wanted = _literal(test.operands[0], scope)
        operator = "missing" if wanted is True else "present"
        return Comparison(subject.column, operator, (), operator, test.location)
    operands = tuple(_operand(operand, scope) for operand in test.operands)
    written = ", ".join(_written(operand, scope) for operand in test.operands)
    if subject.order and test.operator in _ORDERED:
        admitted = _admitted(subject.order, test.operator, operands)
        return Comparison(
            subject.column, "in", admitted, f"{test.operator} {written}", test.location
        )
    return Comparison(subject.column, test.operator, operands, written, test.location)


def _compile_rank(test: Test, subject: Subject, scope: Scope) -> Ranked:
    share = _literal(test.operands[0], scope)
    assert isinstance(share, Decimal)
    value, account, population = scope.cutoffs(subject, test.operator, share)
    written = _written(test.operands[0], scope)
    return Ranked(
        subject.column, test.operator, share, population, value, account, written, test.location
    )


def _operand(operand: Operand, scope: Scope) -> Scalar | ColumnRef:
    if isinstance(operand, MeasureRef):
        return ColumnRef(scope.subject(operand.name).column)
    return _literal(operand, scope)


def _literal(operand: Operand, scope: Scope) -> Scalar:
    if isinstance(operand, ParameterRef):
        return scope.parameters.resolve(operand).value
    assert isinstance(operand, Quantity)
    return operand.value


def _written(operand: Operand, scope: Scope) -> str:
    if isinstance(operand, MeasureRef):
        return operand.name
    if isinstance(operand, ParameterRef):
        return f"${operand.name} = {scope.parameters.resolve(operand).text}"
    return operand.text


_ORDERED = frozenset({"gt", "gte", "lt", "lte", "between"})


def _admitted(
    order: Sequence[str], operator: str, operands: Sequence[Scalar | ColumnRef]
) -> tuple[Scalar, ...]:
    """The values of an ordinal (worst first) that satisfy a comparison."""
    ranks = [order.index(str(operand)) for operand in operands]
    low, high = ranks[0], ranks[-1]
    python = OPERATORS[operator].python
    bounds = (low, high) if operator == "between" else (low,)
    return tuple(value for rank, value in enumerate(order) if python(rank, bounds))
