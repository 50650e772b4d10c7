"""Formulas as written → expressions over columns, with every parameter resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal

from engine.model import (
    Call,
    Case,
    Expression,
    Name,
    Number,
    Operation,
    ParameterRef,
    Population,
    Text,
    Truth,
)
from engine.plan.scope import Parameters

Rename = Callable[[Name | Population], str]
"""The column (or statistic) that a name or a population function stands for."""


def compile_expression(
    expression: Expression, rename: Rename, parameters: Parameters
) -> Expression:
    """The same tree over columns; population functions have become names of statistics."""

    def walk(node: Expression) -> Expression:
        if isinstance(node, Name | Population):
            return Name(rename(node), node.location)
        if isinstance(node, ParameterRef):
            return _literal(node, parameters)
        if isinstance(node, Operation):
            return Operation(node.operator, tuple(walk(part) for part in node.arguments))
        if isinstance(node, Call):
            return Call(node.function, tuple(walk(part) for part in node.arguments))
        if isinstance(node, Case):
            branches = tuple((walk(when), walk(then)) for when, then in node.branches)
            return Case(branches, None if node.otherwise is None else walk(node.otherwise))
        return node

    return walk(expression)


def names_in(expression: Expression) -> Iterator[str]:
    """The columns that a compiled expression reads."""
    if isinstance(expression, Name):
        yield expression.name
    elif isinstance(expression, Operation | Call):
        for argument in expression.arguments:
            yield from names_in(argument)
    elif isinstance(expression, Case):
        for when, then in expression.branches:
            yield from names_in(when)
            yield from names_in(then)
        if expression.otherwise is not None:
            yield from names_in(expression.otherwise)


def _literal(reference: ParameterRef, parameters: Parameters) -> Expression:
    value = parameters.resolve(reference).value
    if isinstance(value, bool):
        return Truth(value)
    if isinstance(value, Decimal):
        return Number(value)
    if isinstance(value, str):
        return Text(value)
    assert isinstance(value, date | datetime)
    return Text(value.isoformat())
