"""Canonical JSON (RFC 8785): the same value is always the same bytes, so that it can be hashed.

`canonical` writes any document. `LineTemplate` writes flat objects whose keys are known
beforehand, a column at a time, as fast as the millions of lines of a night need.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, repeat
from json.encoder import encode_basestring as escape
from typing import Any

import rfc8785

from engine.errors import KamError, problem

LARGEST_INTEGER = 2**53 - 1
"""A reader of JSON may keep numbers as doubles, and a double changes integers beyond this one."""


def canonical(value: object) -> bytes:
    """The canonical JSON of a document made of dict, list, str, int, bool, None and float.

    A tuple is written as a list. A Decimal becomes text in plain notation that keeps its scale,
    a date or datetime becomes its ISO 8601 text. Anything else, NaN, infinities, lone surrogates
    and integers beyond 2^53 - 1 are a `KamError` with the code ``not-canonical``.

    >>> canonical({"sum": Decimal("12.50"), "on": date(2026, 6, 30), "count": 3})
    b'{"count":3,"on":"2026-06-30","sum":"12.50"}'
    """
    try:
        return rfc8785.dumps(_plain(value, "$"))
    except RecursionError:
        raise _refused("$", "it is nested too deeply") from None


def _plain(value: object, place: str) -> Any:
    """A copy of the document in the types that the library writes; `place` is for the errors."""
    match value:
        case None | bool():
            return value
        case str():
            return _text(value, place)
        case int():
            return _integer(value, place)
        case float():
            if not math.isfinite(value):
                raise _refused(place, f"{value} is not a number of JSON")
            return value
        case Decimal() | date():
            return _as_text(value, place)
        case Mapping():
            return {_key(key, place): _plain(one, f"{place}.{key}") for key, one in value.items()}
        case list() | tuple():
            return [_plain(one, f"{place}[{index}]") for index, one in enumerate(value)]
        case _:
            raise _refused(place, f"a {type(value).__name__} has no canonical form")


def _text(value: str, place: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _refused(place, "the text has half of a surrogate pair") from None
    return value


def _key(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise _refused(place, f"the key {value!r} is not a text")
    return _text(value, place)


def _integer(value: int, place: str) -> int:
    if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        raise _refused(place, f"{value} lies beyond 2^53 - 1; write it as text")
    return value


def _as_text(value: Decimal | date, place: str) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if not value.is_finite():
        raise _refused(place, f"{value} is not a number of JSON")
    return format(value, "f")


def _refused(place: str, why: str) -> KamError:
    return problem("not-canonical", f"{place} cannot be written as canonical JSON: {why}")


Column = Sequence[object]


class LineTemplate:
    """Writes flat objects with fixed keys, each exactly as `canonical` would.

    Values stand in the order of `keys`, whatever the order of the keys in the JSON. They are
    what `canonical` takes, or, for the keys named in `raw`, text that is canonical JSON already.

    >>> template = LineTemplate(["seq", "account", "facts"], raw=["facts"])
    >>> template(7, "K1", "[1,2]")
    b'{"account":"K1","facts":[1,2],"seq":7}'
    >>> template.lines([[7, 8], ["K1", None], ["{}", "[]"]])
    [b'{"account":"K1","facts":{},"seq":7}', b'{"account":null,"facts":[],"seq":8}']
    """

    def __init__(self, keys: Sequence[str], raw: Collection[str] = ()) -> None:
        if not keys or len(set(keys)) != len(keys) or not all(key.isascii() for key in keys):
            raise ValueError(f"a line needs keys of ASCII characters, each once: {keys!r}")
        if unknown := set(raw) - set(keys):
            raise ValueError(f"not keys of the line: {sorted(unknown)}")
        order = sorted(range(len(keys)), key=lambda index: keys[index])
        self._fields = [
            _Field(keys[index], index, "," if place else "{", keys[index] in raw)
            for place, index in enumerate(order)
        ]

    def __call__(self, *values: object) -> bytes:
        """One line. Where there are many lines, `lines` is several times as fast."""
        if len(values) != len(self._fields):
            raise ValueError(f"{len(self._fields)} values are needed, not {len(values)}")
        texts = [f"{field.before}{field.text(values[field.index])}" for field in self._fields]
        return _encoded(("".join(texts) + "}",))[0]

    def lines(self, columns: Sequence[Column]) -> list[bytes]:
        """The lines of a table that is given column by column, each as long as the others."""
        if len(columns) != len(self._fields) or len({len(column) for column in columns}) != 1:
            raise ValueError(f"{len(self._fields)} columns of one length are needed")
        # Joining the values with what stands between them is the cheapest way to put a line
        # together: half the time of a format string.
        pieces = chain.from_iterable(
            (repeat(field.before), field.texts(columns[field.index])) for field in self._fields
        )
        return _encoded(map("".join, zip(*pieces, repeat("}"), strict=False)))


class _Field:
    """One key of a line: where its value stands and how it is written."""

    def __init__(self, key: str, index: int, separator: str, is_raw: bool) -> None:
        self.key = key
        self.index = index
        self.before = f"{separator}{escape(key)}:"
        self.text = self._raw_text if is_raw else self._json
        self._is_raw = is_raw

    def texts(self, column: Column) -> Iterable[str]:
        """The JSON of each value. A column of one type, as nearly all are, goes fast."""
        kinds = set(map(type, column))
        if kinds <= {str}:
            return column if self._is_raw else map(escape, column)  # type: ignore[return-value,arg-type]
        if self._is_raw:
            return map(self._raw_text, column)
        if kinds == {int} and _all_fit(column):
            return map(str, column)
        if kinds == {str, type(None)}:
            return ["null" if value is None else escape(value) for value in column]  # type: ignore[arg-type]
        return map(self._json, column)

    def _json(self, value: object) -> str:
        match value:
            case None:
                return "null"
            case True | False:
                return "true" if value else "false"
            case str():
                return escape(value)
            case int():
                return str(_integer(int(value), self.key))
            case _:
                return rfc8785.dumps(_plain(value, self.key)).decode()

    def _raw_text(self, value: object) -> str:
        if isinstance(value, bytes):
            return value.decode()
        if isinstance(value, str):
            return value
        raise _refused(self.key, f"canonical JSON is text, not a {type(value).__name__}")


def _all_fit(column: Column) -> bool:
    return max(column) <= LARGEST_INTEGER and min(column) >= -LARGEST_INTEGER  # type: ignore[type-var,operator]


def _encoded(lines: Iterable[str]) -> list[bytes]:
    try:
        return [line.encode() for line in lines]
    except UnicodeEncodeError:
        raise _refused("a line", "a text has half of a surrogate pair") from None
