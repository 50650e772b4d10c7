"""The columns and record tables that a pack may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from engine.errors import Location
from engine.model.formulas import Formula
from engine.model.values import Title, ValueType


@dataclass(frozen=True)
class Column:
    """A column of accounts or of a record table, as the pack or the catalog types it."""

    name: str
    type: ValueType
    title: Title | None
    values: tuple[str, ...]
    """Of an enumeration or an ordinal; an ordinal's are worst first."""
    range: tuple[Decimal, Decimal] | None
    classification: Literal["public", "internal", "confidential", "personal"]
    formula: Formula | None
    """A column computed from the record's other columns and `as_of`."""
    location: Location


@dataclass(frozen=True)
class RecordType:
    name: str
    title: Title | None
    time: str | None
    """The column that dates the record; None for records without a date."""
    columns: Mapping[str, Column]
    location: Location


@dataclass(frozen=True)
class Vocabulary:
    """The columns and record tables that a pack may use."""

    accounts: Mapping[str, Column] = field(default_factory=dict)
    records: Mapping[str, RecordType] = field(default_factory=dict)
