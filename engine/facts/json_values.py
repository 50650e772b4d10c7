"""Typed values as JSON holds them in the store, and typed again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.facts.catalog import RECORD_ID, SourceTable

Value = Decimal | int | float | bool | str | date | None
"""As `engine.executors.protocol.Value`, which this stage does not know."""
Row = Mapping[str, Value]


def row_text(row: Row) -> str:
    """A row as JSON, the same text for equal rows."""
    said = {name: to_json(value) for name, value in row.items()}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def typed_row(table: SourceTable, said: Mapping[str, Any]) -> dict[str, Value]:
    """A row of a table from its JSON; columns that the table has no more are passed over.

    Raises ValueError for a value of another type than facts.yaml gives its column.
    """
    types = {one.column.name: one.column.type for one in table.mapped()} | {RECORD_ID: "text"}
    return {name: from_json(value, types[name]) for name, value in said.items() if name in types}


def to_json(value: Value) -> object:
    """A typed value as JSON holds it; `from_json` makes it again of the column's type."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return value


def from_json(said: object, column_type: str) -> Value:
    """A value that `to_json` wrote. Raises ValueError if it is of another type."""
    if said is None:
        return None
    try:
        return _READERS.get(column_type, _read_text)(said)
    except (TypeError, ArithmeticError) as error:
        raise ValueError(f"{said!r} is not of type {column_type}") from error


def _read_text(said: object) -> str:
    if not isinstance(said, str):
        raise ValueError(f"{said!r} is not a text")
    return said


def _read_boolean(said: object) -> bool:
    if not isinstance(said, bool):
        raise ValueError(f"{said!r} is not a boolean")
    return said


def _read_integer(said: object) -> int:
    if isinstance(said, bool) or not isinstance(said, int):
        raise ValueError(f"{said!r} is not a whole number")
    return said


def _read_number(said: object) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise ValueError(f"{said!r} is not a number")
    return float(said)


_READERS: Mapping[str, Callable[[object], Value]] = {
    "money": lambda said: Decimal(str(said)),
    "boolean": _read_boolean,
    "integer": _read_integer,
    "days": _read_integer,
    "number": _read_number,
    "ratio": _read_number,
    "score": _read_number,
    "nps": _read_number,
    "date": lambda said: date.fromisoformat(_read_text(said)),
    "datetime": lambda said: datetime.fromisoformat(_read_text(said)),
}
