"""The columns and record tables that a pack may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, get_args

from engine.errors import Location
from engine.model.formulas import Formula
from engine.model.values import Title, ValueType

Classification = Literal["public", "internal", "confidential", "personal"]
"""Who may read a column: everybody, the company, who needs it, who may know the person."""

CLASSES: tuple[Classification, ...] = get_args(Classification)
"""From what everybody may read to what nearly nobody may."""

DEFAULT_CLASS: Classification = "internal"


def strictest(*classes: Classification) -> Classification:
    """The class that fewest may read; `DEFAULT_CLASS` of none.

    >>> strictest("public", "confidential", "internal")
    'confidential'
    """
    return max(classes, key=CLASSES.index) if classes else DEFAULT_CLASS


def laxest(*classes: Classification) -> Classification:
    """The class that most may read.

    >>> laxest("personal", "confidential")
    'confidential'
    """
    return min(classes, key=CLASSES.index)


@dataclass(frozen=True)
class Column:
    """A column of accounts or of a record table, as the pack or the catalog types it."""

    name: str
    type: ValueType
    title: Title | None
    values: tuple[str, ...]
    """Of an enumeration or an ordinal; an ordinal's are worst first."""
    range: tuple[Decimal, Decimal] | None
    classification: Classification
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
