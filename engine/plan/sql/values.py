"""Literals, columns and types as sqlglot trees, and the one rounding that all numbers take."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from sqlglot import exp

from engine.model import Scalar, ValueType
from engine.plan.columns import sql_type
from engine.plan.steps import Precision


def column(name: str, table: str | None = None) -> exp.Column:
    qualifier = None if table is None else exp.Identifier(this=table, quoted=True)
    return exp.Column(this=exp.Identifier(this=name, quoted=True), table=qualifier)


def table(name: str) -> exp.Table:
    return exp.Table(this=exp.Identifier(this=name, quoted=True))


def text(value: str) -> exp.Literal:
    return exp.Literal.string(value)


def decimal(value: Decimal | int) -> exp.Expr:
    """A decimal as people write it, for comparisons.

    >>> decimal(Decimal("-0.20")).sql("duckdb")
    '-0.20'
    """
    literal: exp.Expr = exp.Literal.number(f"{abs(Decimal(value)):f}")
    return exp.Neg(this=literal) if value < 0 else literal


def double(value: Decimal | int) -> exp.Expr:
    """A number that SQL reads as IEEE double rather than as a decimal.

    >>> double(Decimal("0.25")).sql("duckdb")
    '25e-2'
    """
    sign, digits, exponent = Decimal(value).as_tuple()
    number = exp.Literal.number(f"{''.join(map(str, digits))}e{exponent}")
    return exp.Neg(this=number) if sign else number


@cache
def _data_type(kind: str) -> exp.DataType:
    """Parsed once: a night casts to the same few types hundreds of times."""
    return exp.DataType.build(kind, dialect="duckdb")


def cast(value: exp.Expr, kind: str) -> exp.Expr:
    return exp.Cast(this=value, to=_data_type(kind).copy())


def try_cast(value: exp.Expr, kind: str) -> exp.Expr:
    """Missing instead of an error where the value does not fit."""
    return exp.TryCast(this=value, to=_data_type(kind).copy())


def literal(value: Scalar) -> exp.Expr:
    """A value that a policy compares with."""
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, Decimal | int):
        return decimal(value)
    if isinstance(value, datetime):
        return cast(text(value.isoformat(" ")), "TIMESTAMP")
    if isinstance(value, date):
        return cast(text(value.isoformat()), "DATE")
    return text(value)


def null(value_type: ValueType, precision: Precision) -> exp.Expr:
    return cast(exp.Null(), sql_type(value_type, precision))


def struct(fields: Mapping[str, exp.Expr]) -> exp.Struct:
    return exp.Struct(
        expressions=[
            exp.PropertyEQ(this=exp.to_identifier(name), expression=value)
            for name, value in fields.items()
        ]
    )


def field(value: exp.Expr, name: str) -> exp.Expr:
    """One field of a struct."""
    return exp.Dot(this=exp.paren(value, copy=False), expression=exp.to_identifier(name))


def present(value: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=value, expression=exp.Null()))


def as_double(value: exp.Expr) -> exp.Expr:
    return cast(value, "DOUBLE")


def rounded(value: exp.Expr, value_type: ValueType, scale: int | None) -> exp.Expr:
    """Half-even to `scale` decimals, in the type that holds `value_type`.

    A cast from double to BIGINT rounds half to even; what does not fit (out of range,
    infinite, not a number) is missing. Non-numbers (`scale` None) stay as they are.
    """
    if scale is None:
        return value
    factor = double(10**scale)
    scaled = exp.Mul(this=exp.paren(value, copy=False), expression=factor) if scale else value
    whole = try_cast(scaled, "BIGINT")
    if value_type in ("integer", "days"):
        return whole
    if value_type == "money":
        unit = cast(decimal(Decimal(1).scaleb(-scale)), f"DECIMAL({scale + 1}, {scale})")
        exact = exp.Mul(this=whole, expression=unit)
        return try_cast(exact, f"DECIMAL(18, {scale})")
    return exp.Div(this=whole, expression=factor)
