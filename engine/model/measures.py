"""Measures and scorecards: the named values of an account."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from engine.errors import Location
from engine.model.conditions import Condition
from engine.model.formulas import Formula
from engine.model.values import Quantity, Title, ValueType

Scope = Literal["account", "portfolio", "customer_manager"]
"""What a measure or a warning is about; a portfolio is all accounts of a pack."""

SCOPES: tuple[Scope, ...] = ("portfolio", "customer_manager")
"""The scopes beyond the account."""


@dataclass(frozen=True)
class Aggregate:
    """An aggregate of one record table, per account.

    Counts the records with `as_of - ending - window < day <= as_of - ending`, and those
    for which `where` is true. `by` groups for `share_of_largest`.
    """

    function: str
    record: str
    column: str | None
    where: Condition | None
    window_days: int | None
    ending_days: int
    by: str | None
    minimum_records: int
    location: Location


@dataclass(frozen=True)
class Measure:
    """A named value of an account, or of what `scope` says.

    Exactly one of `aggregate` and `formula` is set. In a scope beyond the account the
    aggregate's record is ``accounts``, of which each account is one.
    """

    id: str
    type: ValueType
    title: Title | None
    source: tuple[str, ...]
    aggregate: Aggregate | None
    formula: Formula | None
    polarity: Literal["higher_is_better", "lower_is_better"] | None
    location: Location
    scope: Scope = "account"


@dataclass(frozen=True)
class Criterion:
    """A part of a scorecard: a leaf scores a measure, a branch adds up its parts.

    Points are either a curve, linear between its knots and flat outside them, or a table
    from the values of an enumeration, an ordinal or a boolean (`"true"`, `"false"`).
    """

    id: str
    weight: Decimal
    measure: str | None
    curve: tuple[tuple[Quantity, Decimal], ...]
    table: tuple[tuple[str, Decimal], ...]
    parts: tuple[Criterion, ...]
    title: Title | None
    source: tuple[str, ...]
    location: Location


@dataclass(frozen=True)
class Scorecard:
    """Weighted criteria; the score is 0 to 100, rounded half-even to 6 decimals."""

    id: str
    title: Title
    source: tuple[str, ...]
    missing: Literal["redistribute", "zero", "neutral", "fail"]
    criteria: tuple[Criterion, ...]
    location: Location
