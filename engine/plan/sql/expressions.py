"""Formulas and predicates as sqlglot trees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from sqlglot import exp

from engine.language.operators import OPERATORS
from engine.model import (
    AsOf,
    Call,
    Case,
    Expression,
    Name,
    Number,
    Operation,
    Text,
    Truth,
    ValueType,
)
from engine.plan.sql import values
from engine.plan.steps import All, Any, ColumnRef, Comparison, Not, Predicate, Ranked


class Expressions:
    """Formulas over one relation, whose columns have `types`.

    Numbers are doubles and a datetime is its day, so that every executor computes the
    same thing; a statistic, which no type is listed for, is a number.
    """

    def __init__(self, types: Mapping[str, ValueType], as_of: date) -> None:
        self._types = types
        self._as_of = as_of

    def __call__(self, node: Expression) -> exp.Expr:
        if isinstance(node, Name):
            return self._name(node.name)
        if isinstance(node, Number):
            return values.double(node.value)
        if isinstance(node, Text):
            return values.text(node.value)
        if isinstance(node, Truth):
            return exp.Boolean(this=node.value)
        if isinstance(node, AsOf):
            return values.literal(self._as_of)
        if isinstance(node, Operation):
            return self._operation(node)
        if isinstance(node, Call):
            return FUNCTIONS[node.function](*(self(part) for part in node.arguments))
        if isinstance(node, Case):
            return self._case(node)
        raise TypeError(f"{type(node).__name__} has no place in a compiled formula")

    def _name(self, name: str) -> exp.Expr:
        value_type = self._types.get(name, "number")
        column = values.column(name)
        if value_type in ("money", "integer", "days"):
            return values.as_double(column)
        return values.cast(column, "DATE") if value_type == "datetime" else column

    def _is_date(self, node: Expression) -> bool:
        if isinstance(node, Name):
            return self._types.get(node.name) in ("date", "datetime")
        return isinstance(node, AsOf)

    def _operation(self, node: Operation) -> exp.Expr:
        parts = [self(part) for part in node.arguments]
        if node.operator == "-" and all(self._is_date(part) for part in node.arguments):
            days = exp.DateDiff(this=parts[0], expression=parts[1], unit=exp.var("DAY"))
            return values.as_double(days)
        if node.operator in ("and", "or"):
            return exp.paren((exp.and_ if node.operator == "and" else exp.or_)(*parts), copy=False)
        if node.operator == "/":
            divisor = exp.Nullif(this=parts[1], expression=values.double(0))
            return exp.paren(exp.Div(this=parts[0], expression=divisor), copy=False)
        if len(parts) == 1:
            return UNARY[node.operator](parts[0])
        return exp.paren(BINARY[node.operator](this=parts[0], expression=parts[1]), copy=False)

    def _case(self, node: Case) -> exp.Expr:
        case = exp.Case()
        for when, then in node.branches:
            case = case.when(self(when), self(then), copy=False)
        return case.else_(self(node.otherwise), copy=False) if node.otherwise is not None else case


def _complete(form: type[exp.Func]) -> Callable[..., exp.Expr]:
    """LEAST and GREATEST pass over NULLs; a formula over a missing input is missing."""

    def build(*parts: exp.Expr) -> exp.Expr:
        any_missing = exp.or_(
            *(exp.Is(this=part.copy(), expression=exp.Null()) for part in parts), copy=False
        )
        found = form(this=parts[0], expressions=list(parts[1:]), ignore_nulls=True)
        return exp.Case().when(exp.Not(this=exp.paren(any_missing, copy=False)), found, copy=False)

    return build


def _round(value: exp.Expr, digits: exp.Expr | None = None) -> exp.Expr:
    """Half-even, as every other rounding; `digits` is a literal."""
    scale = int(float(digits.name)) if digits is not None else 0
    factor = values.double(10**scale)
    scaled = exp.Mul(this=exp.paren(value, copy=False), expression=factor)
    whole = values.try_cast(scaled, "BIGINT")
    return exp.paren(exp.Div(this=whole, expression=factor.copy()), copy=False)


def _if_not_negative(value: exp.Expr) -> exp.Expr:
    """The engine refuses a root of a negative number; the language calls it missing."""
    within = exp.GTE(this=exp.paren(value, copy=False), expression=values.double(0))
    return exp.Case().when(within, value.copy(), copy=False)


def _power(base: exp.Expr, exponent: exp.Expr) -> exp.Expr:
    power = exp.Pow(this=_if_not_negative(base), expression=exponent)
    finite = exp.Anonymous(this="isfinite", expressions=[power])
    return exp.Case().when(finite, power.copy(), copy=False)


FUNCTIONS: Mapping[str, Callable[..., exp.Expr]] = {
    "abs": lambda value: exp.Abs(this=value),
    "round": _round,
    "floor": lambda value: exp.Floor(this=value),
    "ceil": lambda value: exp.Ceil(this=value),
    "sqrt": lambda value: exp.Sqrt(this=_if_not_negative(value)),
    "power": _power,
    "least": _complete(exp.Least),
    "greatest": _complete(exp.Greatest),
    "coalesce": lambda *parts: exp.Coalesce(this=parts[0], expressions=list(parts[1:])),
    "nullif": lambda value, other: exp.Nullif(this=value, expression=other),
}

UNARY: Mapping[str, Callable[[exp.Expr], exp.Expr]] = {
    "neg": lambda value: exp.Neg(this=exp.paren(value, copy=False)),
    "not": lambda value: exp.Not(this=exp.paren(value, copy=False)),
    "is_missing": lambda value: exp.Is(this=exp.paren(value, copy=False), expression=exp.Null()),
}

BINARY: Mapping[str, Callable[..., exp.Expr]] = {
    "+": exp.Add,
    "-": exp.Sub,
    "*": exp.Mul,
    "=": exp.EQ,
    "<>": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}


class Predicates:
    """Predicates over one relation; SQL's three-valued logic is Kleene's.

    `tables` names the relation of a column that several might have.
    """

    def __init__(
        self,
        types: Mapping[str, ValueType],
        tie_break: str = "account_no",
        tables: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._types = types
        self._tie_break = tie_break
        self._tables = tables

    def __call__(self, node: Predicate) -> exp.Expr:
        if isinstance(node, All):
            return self._join(node.parts, exp.and_, True)
        if isinstance(node, Any):
            return self._join(node.parts, exp.or_, False)
        if isinstance(node, Not):
            return exp.Not(this=exp.paren(self(node.part), copy=False))
        if isinstance(node, Ranked):
            return self._ranked(node)
        return self._comparison(node)

    def _join(
        self, parts: tuple[Predicate, ...], form: Callable[..., exp.Expr], empty: bool
    ) -> exp.Expr:
        if not parts:
            return exp.Boolean(this=empty)
        terms = [self(part) for part in parts]
        if len(terms) == 1:
            return terms[0]
        return exp.paren(form(*terms), copy=False)

    def _comparison(self, node: Comparison) -> exp.Expr:
        value = self._value(node.column)
        if node.operator == "in" and not node.operands:  # nothing is better than the best
            missing = exp.Is(this=value, expression=exp.Null())
            return exp.Case().when(exp.Not(this=missing), exp.Boolean(this=False), copy=False)
        operands = [
            self._value(operand.column)
            if isinstance(operand, ColumnRef)
            else values.literal(operand)
            for operand in node.operands
        ]
        return OPERATORS[node.operator].sql(value, operands)

    def _value(self, name: str) -> exp.Expr:
        value_type = self._types.get(name)
        column = values.column(name, self._tables.get(name))
        if value_type == "datetime":
            return values.cast(column, "DATE")
        return column

    def _ranked(self, node: Ranked) -> exp.Expr:
        value, cut = values.column(node.column), values.column(node.cutoff_value)
        beyond = OPERATORS[node.side].sql(value, [cut])
        tied = exp.And(
            this=exp.EQ(this=value.copy(), expression=cut.copy()),
            expression=exp.LTE(
                this=values.column(self._tie_break),
                expression=values.column(node.cutoff_account),
            ),
        )
        found: exp.Expr = exp.Or(this=beyond, expression=exp.paren(tied, copy=False))
        if node.population is not None:
            found = exp.And(
                this=values.column(node.population), expression=exp.paren(found, copy=False)
            )
        return exp.Coalesce(
            this=exp.paren(found, copy=False), expressions=[exp.Boolean(this=False)]
        )
