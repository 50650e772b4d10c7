"""Canonical JSON (RFC 8785): the same value is always the same bytes, so that it can be hashed.

The millions of leaves of a night are written by `engine.audit.leaves`, as `canonical` would.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
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
