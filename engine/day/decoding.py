"""Rows of DuckDB as JSON, and back to what DuckDB itself would have given for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.errors import problem
from engine.facts.sql import identifier

Decoder = Callable[[Any], Any]

_PLAIN = frozenset(
    {"boolean", "tinyint", "smallint", "integer", "bigint", "hugeint", "varchar", "double", "float"}
)


@dataclass(frozen=True)
class Shape:
    """How a row of certain columns is written and read: `json` is the SQL of a JSON array of
    their values, `names` are the columns, `decoders` what JSON cannot say, by place."""

    json: str
    names: tuple[str, ...]
    decoders: tuple[tuple[int, Decoder], ...]

    def row(self, values: list[Any]) -> dict[str, Any]:
        """The typed row; `values` is used up."""
        for place, decode in self.decoders:
            if values[place] is not None:
                values[place] = decode(values[place])
        return dict(zip(self.names, values, strict=True))


def shape_of(columns: Mapping[str, Any]) -> Shape:
    """The shape of rows with `columns`, name → type of DuckDB."""
    parts, decoders = [], []
    for place, (name, kind) in enumerate(columns.items()):
        column = identifier(name)
        # An exact number stays one: as a text it is not taken for a double.
        parts.append(f"CAST({column} AS VARCHAR)" if kind.id == "decimal" else column)
        decode = decoder(kind)
        if decode is not None:
            decoders.append((place, decode))
    text = f"CAST(json_array({', '.join(parts)}) AS VARCHAR)"
    return Shape(text, tuple(columns), tuple(decoders))


def decoder(kind: Any) -> Decoder | None:
    """From JSON to the Python value of a type of DuckDB; None if JSON holds it already."""
    name = str(kind.id)
    if name in _PLAIN:
        return None
    if name in _SIMPLE:
        return _SIMPLE[name]
    if name == "list":
        return _each(decoder(kind.children[0][1]))
    if name == "struct":
        return _fields({field: decoder(one) for field, one in kind.children})
    if name == "map":
        inner = decoder(dict(kind.children)["value"])
        return None if inner is None else _entries(inner)
    raise problem("unknown-type", f"a file of the night has a column of type {kind}")


_SIMPLE: Mapping[str, Decoder] = {
    "decimal": Decimal,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}


def _each(inner: Decoder | None) -> Decoder | None:
    if inner is None:
        return None
    decode = inner
    return lambda values: [None if one is None else decode(one) for one in values]


def _fields(decoders: Mapping[str, Decoder | None]) -> Decoder | None:
    found: Sequence[tuple[str, Decoder]] = [
        (name, one) for name, one in decoders.items() if one is not None
    ]
    if not found:
        return None

    def decode(value: dict[str, Any]) -> dict[str, Any]:
        for name, one in found:
            if value[name] is not None:
                value[name] = one(value[name])
        return value

    return decode


def _entries(inner: Decoder) -> Decoder:
    return lambda value: {name: None if one is None else inner(one) for name, one in value.items()}
