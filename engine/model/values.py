"""Types, titles and literals: what everything else is written with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from engine.errors import Location

ValueType = Literal[
    "text", "enum", "ordinal", "boolean",
    "integer", "number", "days", "ratio", "money", "score", "nps",
    "date", "datetime",
]  # fmt: skip
"""`score` is 0 to 100, `nps` is -100 to 100, `ratio` is 1 for 100%, `days` counts days."""

NUMERIC_TYPES: frozenset[str] = frozenset(
    {"integer", "number", "days", "ratio", "money", "score", "nps"}
)

Unit = Literal["ratio", "amount", "days", "hours", "workdays"]
"""What the suffix of a quantity says: `20%` ratio, `500万` amount, `90 days` days."""

Scalar = Decimal | str | bool | date


@dataclass(frozen=True)
class Title:
    """A name in both languages that the engine speaks."""

    zh: str
    en: str


@dataclass(frozen=True)
class Quantity:
    """A literal as written (`text`), its exact value, and its unit where it has one."""

    value: Scalar
    text: str
    location: Location
    unit: Unit | None = None


@dataclass(frozen=True)
class ParameterRef:
    """`$name`: the value of a parameter on the as-of date."""

    name: str
    location: Location


@dataclass(frozen=True)
class MeasureRef:
    """`{measure: name}`: another measure or account column of the same account."""

    name: str
    location: Location


Operand = Quantity | ParameterRef | MeasureRef
