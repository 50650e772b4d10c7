"""Formulas as trees of a few total nodes; nothing outside them can be said."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from engine.errors import Location
from engine.model.values import ParameterRef


@dataclass(frozen=True)
class Number:
    value: Decimal


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Truth:
    value: bool


@dataclass(frozen=True)
class Name:
    """A measure or an account column; in a record formula, a column of the record."""

    name: str
    location: Location


@dataclass(frozen=True)
class AsOf:
    """`as_of`: the date of the evaluation."""


@dataclass(frozen=True)
class Operation:
    """An operator over its arguments, evaluated in the order written.

    `operator` is one of ``+ - * / neg = <> < <= > >= and or not is_missing``.
    A date minus a date is a whole number of days.
    """

    operator: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Call:
    """A whitelisted scalar function (see `engine.language.formulas.FUNCTIONS`)."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Case:
    """`case when … then … else … end`; without an else the result is missing."""

    branches: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression | None


@dataclass(frozen=True)
class Population:
    """`total(x)`, `average(x)`, `percentile(x, p)`, `rank(x)` over the pack's population.

    `group_total(x, group)` takes the accounts with the same value of an account column.
    """

    function: str
    measure: str
    location: Location
    share: Decimal | None = None
    group: Name | None = None


Expression = (
    Number | Text | Truth | Name | ParameterRef | AsOf | Operation | Call | Case | Population
)


@dataclass(frozen=True)
class Formula:
    """A parsed formula: the text as written, its tree, and the names that it reads."""

    text: str
    tree: Expression
    names: tuple[Name, ...]
    location: Location
