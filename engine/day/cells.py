"""A single value as JSON says it → the value that the facts hold: what `engine.facts.cells` says
in SQL about whole columns, for one value and without a database.

Both must agree on every text; `tests/day/test_cells.py` sees to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from engine.executors.protocol import Value
from engine.executors.values import MONEY_DIGITS, nearest_integer, rounded
from engine.facts import patterns
from engine.facts.cells import (
    FLOAT_NOISE,
    RELATIVE_FLOAT_NOISE,
    TEXT_LIMIT,
    WHITE_SPACE,
    Decimals,
    limits_of,
)
from engine.model import NUMERIC_TYPES, Column

_BIGINT = 2**63
_YEARS = range(1000, 10_000)


class CellError(Exception):
    """A value that a column cannot hold; its text says why, after "'class' of issues"."""


@dataclass(frozen=True)
class CellRules:
    """What typing depends on besides the column."""

    decimals: Decimals
    zone: ZoneInfo


def typed_cell(said: object, column: Column, form: str | None, rules: CellRules) -> Value:
    """The value of a JSON text, number, boolean or null in `column`; None if it is missing.

    `form` is the strptime pattern of the column, if it has one. Raises `CellError`.
    """
    if isinstance(said, float) and column.type in NUMERIC_TYPES:
        return _within(_from_float(said, column, rules), column)
    text = _text(said)
    if text == "":
        return None
    if "\0" in text:
        raise CellError("contains a NUL byte")
    if len(text) > TEXT_LIMIT:
        raise CellError(f"is longer than {TEXT_LIMIT} characters")
    return _within(_from_text(text, column, form, rules), column)


def _text(said: object) -> str:
    """The value as a text file would hold it."""
    if said is None:
        return ""
    if isinstance(said, bool):
        return "true" if said else "false"
    if isinstance(said, str):
        return said.strip(WHITE_SPACE)
    if isinstance(said, float):
        return str(int(said)) if said.is_integer() and abs(said) < 1e30 else repr(said)
    if isinstance(said, int | Decimal):
        return str(said)
    raise CellError("is nested; a plain value is needed")


def _within(value: Value, column: Column) -> Value:
    limits = limits_of(column)
    if limits and isinstance(value, Decimal | int | float):
        low, high = limits
        if not low <= Decimal(str(value)) <= high:
            raise CellError(f"is outside {low.normalize():f} to {high.normalize():f}")
    return value


def _from_text(text: str, column: Column, form: str | None, rules: CellRules) -> Value:
    if column.type == "text":
        return text
    if column.type in ("enum", "ordinal"):
        if text not in column.values:
            raise CellError(f"is not one of {', '.join(column.values)}")
        return text
    if column.type == "boolean":
        return _boolean(text)
    if column.type == "date":
        return _date(text, form)
    if column.type == "datetime":
        return _datetime(text, form, rules.zone)
    return _number(text, column, rules)


def _boolean(text: str) -> bool:
    word = text.lower()
    if word in ("true", "1", "是"):
        return True
    if word in ("false", "0", "否"):
        return False
    raise CellError("is not a boolean; write true or false")


# --- numbers -----------------------------------------------------------------------------


def _number(text: str, column: Column, rules: CellRules) -> Value:
    decimals = rules.decimals
    if column.type == "money":
        return _money(text, decimals.money)
    if column.type in ("integer", "days"):
        return _integer(text)
    if column.type == "ratio" and re.fullmatch(patterns.PERCENTAGE, text):
        return _derived(float(text.rstrip(" %")) / 100, decimals)
    if not re.fullmatch(patterns.NUMBER, text):
        raise CellError("is not a number")
    return _derived(float(text), decimals)


def _derived(number: float, decimals: Decimals) -> float:
    found = rounded(number, decimals.derived)
    if found is None:
        raise CellError("is too large")
    return found


def _money(text: str, digits: int) -> Decimal:
    try:
        fits = re.fullmatch(patterns.money(digits), text)
        exact = Decimal(text) if fits or re.fullmatch(patterns.NUMBER, text) else None
    except InvalidOperation:
        exact = None
    if exact is None:
        raise CellError("is not a number; money is written with digits and a point alone")
    if not fits:
        if abs(exact) >= 10 ** (MONEY_DIGITS - digits):
            raise CellError(f"is too large; money has {MONEY_DIGITS - digits} digits at most")
        raise CellError(f"has more than {digits} decimals")
    return _scaled(exact, digits)


def _scaled(exact: Decimal, digits: int) -> Decimal:
    """With `digits` decimals; nothing is cut off."""
    return Decimal(int(exact.scaleb(digits))).scaleb(-digits)


def _integer(text: str) -> int:
    if not re.fullmatch(patterns.INTEGER, text):
        is_number = re.fullmatch(patterns.NUMBER, text)
        raise CellError("is not a whole number" if is_number else "is not a number")
    found = int(text.partition(".")[0])
    if not -_BIGINT <= found < _BIGINT:
        raise CellError("is too large for a whole number of 64 bits")
    return found


def _from_float(number: float, column: Column, rules: CellRules) -> Value:
    """Binary floating point cannot hold most decimals, so it is rounded; money that differs by
    more than that explains was written with more decimals."""
    if column.type in ("integer", "days"):
        if not number.is_integer() or not -_BIGINT <= number < _BIGINT:
            raise CellError("is not a whole number")
        return int(number)
    if column.type != "money":
        return _derived(number, rules.decimals)
    digits = rules.decimals.money
    units = nearest_integer(number * 10.0**digits)
    if units is None or abs(units) >= 10**MONEY_DIGITS:
        raise CellError(f"is too large; money has {MONEY_DIGITS - digits} digits at most")
    noise = max(float(FLOAT_NOISE), abs(number) * float(RELATIVE_FLOAT_NOISE))
    if abs(number - units / 10.0**digits) > noise:
        raise CellError(f"has more than {digits} decimals")
    return Decimal(units).scaleb(-digits)


# --- days and moments --------------------------------------------------------------------

_DAY = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")
_CHINESE = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_ONE_DAY = re.compile(patterns.DAY)
_DAY_AT_MIDNIGHT = re.compile(patterns.DAY + patterns.MIDNIGHT)
_DAY_AND_TIME = re.compile(rf"({patterns.DAY}){patterns.TIME}(?P<offset>{patterns.OFFSET})?")
_TIME = re.compile(r"[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6})0*)?)?")
_OFFSET = re.compile(r" ?(?:[Zz]|([+-])([0-9]{2})(?::([0-9]{2}))?)")


def _date(text: str, form: str | None) -> date:
    if form:
        return _formatted(text, form).date()
    for pattern, parts in _FORMS:
        if pattern.fullmatch(text) and (found := parts.match(text)):
            return _day(found)
    if _DAY_AND_TIME.fullmatch(text):
        raise CellError("has a time of day, which a date has not")
    raise CellError("is not a date; write it as 2026-01-31")


_FORMS = (
    (_ONE_DAY, _DAY),
    (re.compile(patterns.COMPACT_DAY), _COMPACT),
    (re.compile(patterns.CHINESE_DAY), _CHINESE),
    (_DAY_AT_MIDNIGHT, _DAY),
)


def _day(found: re.Match[str]) -> date:
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise CellError("is no day of the calendar") from None


def _datetime(text: str, form: str | None, zone: ZoneInfo) -> datetime:
    """A moment without an offset is local; one that has an offset becomes so."""
    if form:
        return _formatted(text, form)
    found = _DAY_AND_TIME.fullmatch(text)
    if found is None:
        return datetime.combine(_date(text, None), time())
    day = _DAY.match(text)
    clock = _TIME.search(text)
    assert day is not None and clock is not None
    moment = _at(_day(day), clock)
    offset = found["offset"]
    if offset is None:
        return moment
    try:
        aware = moment.replace(tzinfo=_offset(offset)).astimezone(zone)
    except (ValueError, OverflowError):
        raise CellError("is no time of the calendar and the clock") from None
    return aware.replace(tzinfo=None)


def _at(day: date, clock: re.Match[str]) -> datetime:
    hour, minute, second, part = clock.groups()
    fraction = int((part or "0").ljust(6, "0"))
    if (int(hour), int(minute), int(second or 0), fraction) == (24, 0, 0, 0):
        return datetime.combine(day, time()) + timedelta(days=1)
    try:
        return datetime.combine(day, time(int(hour), int(minute), int(second or 0), fraction))
    except ValueError:
        raise CellError("is no time of the calendar and the clock") from None


def _offset(text: str) -> timezone:
    found = _OFFSET.fullmatch(text)
    if found is None:
        raise ValueError(text)
    if found[1] is None:
        return UTC
    span = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(span if found[1] == "+" else -span)


def _formatted(text: str, form: str) -> datetime:
    try:
        found = datetime.strptime(text, form)
    except ValueError:
        raise CellError(f"does not match the column's format {form}") from None
    if found.tzinfo is not None:
        found = found.astimezone(UTC).replace(tzinfo=None)
    if found.year not in _YEARS:
        raise CellError("is not between the years 1000 and 9999")
    return found
