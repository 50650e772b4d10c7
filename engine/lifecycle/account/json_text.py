"""Values as JSON texts, character by character as the night's database writes them.

An event that sees what the night saw then names it by the same text: equal evidence is equal
bytes, whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from engine.executors.protocol import Value
from engine.model import ValueType

Writer = Callable[[Value], str]
"""Writes a value that is not missing."""

_ESCAPES = {number: f"\\u{number:04X}" for number in range(32)} | {
    ord('"'): '\\"',
    ord("\\"): "\\\\",
    ord("\b"): "\\b",
    ord("\f"): "\\f",
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
}


def text(value: Value) -> str:
    """
    >>> text('a "b"')
    '"a \\\\"b\\\\""'
    """
    return f'"{str(value).translate(_ESCAPES)}"'


def double(value: Value) -> str:
    """The shortest text of a double, without an exponent from 1e-6 to 1e21.

    >>> [double(one) for one in (2, 1e16, 1e21, 0.00001, 1e-7)]
    ['2.0', '10000000000000000.0', '1e21', '0.00001', '1e-7']
    """
    assert isinstance(value, int | float | Decimal)
    shortest = repr(float(value))
    mantissa, _, exponent = shortest.partition("e")
    if not exponent:
        return shortest
    if 16 <= int(exponent) <= 20:
        return f"{Decimal(shortest):f}.0"
    if int(exponent) in (-5, -6):
        return f"{Decimal(shortest):f}"
    return f"{mantissa}e{int(exponent)}"


def whole(value: Value) -> str:
    assert isinstance(value, int | float | Decimal)
    return str(int(value))


def boolean(value: Value) -> str:
    return "true" if value else "false"


def day(value: Value) -> str:
    assert isinstance(value, date)
    return f'"{value:%Y-%m-%d}"' if isinstance(value, datetime) else f'"{value.isoformat()}"'


def moment(value: Value) -> str:
    """A local time; of a fraction of a second as much as there is."""
    assert isinstance(value, datetime)
    shown = value.isoformat(" ")
    return f'"{shown.rstrip("0") if value.microsecond else shown}"'


def money(decimals: int) -> Writer:
    """Writes an amount with all its decimals."""
    return lambda value: format(value, f".{decimals}f")


WRITERS: Mapping[ValueType, Writer] = {
    "boolean": boolean,
    "integer": whole,
    "days": whole,
    "number": double,
    "ratio": double,
    "score": double,
    "nps": double,
    "date": day,
    "datetime": moment,
}
"""How values of a type are written; money needs its decimals, and the rest is text."""


def writer_of(value_type: ValueType, decimals: int) -> Writer:
    """`decimals` are those of money."""
    return money(decimals) if value_type == "money" else WRITERS.get(value_type, text)


def obj(pairs: Iterable[tuple[str, str | int | None]]) -> str:
    """A small object of texts, whole numbers and what is missing.

    >>> obj([("part", None), ("done", 2), ("due_on", "2026-06-30")])
    '{"part":null,"done":2,"due_on":"2026-06-30"}'
    """
    return "{" + ",".join(f"{text(key)}:{_plain(value)}" for key, value in pairs) + "}"


def _plain(value: str | int | None) -> str:
    if value is None:
        return "null"
    return text(value) if isinstance(value, str) else str(value)


def joined(first: str, second: str) -> str:
    """Two objects as one.

    >>> joined('{"a":1}', '{"b":2}')
    '{"a":1,"b":2}'
    """
    return second if first == "{}" else f"{first[:-1]},{second[1:]}"
