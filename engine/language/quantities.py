"""Quantities as people write them: ``20%``, ``500万``, ``1.2亿``, ``90 days``, ``quarter``.

Values are exact decimals; what the suffix says is kept as the unit. Text that is no
quantity is text, but text that only just misses being one is refused, because the person
who wrote ``1,000`` or ``90days`` meant a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal, cast

from engine.errors import KamError, Location, Problem
from engine.language.full_width import odd_space_at, with_spaces
from engine.language.reading_hints import DIGITS_LIMIT, NUMBER, clear_number
from engine.model import Period, Quantity, Scalar, Unit

DIGITS = r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,12})?"
SUFFIXED = re.compile(rf"({DIGITS})(%|万|亿)")
LENGTH = re.compile(r"(0|[1-9][0-9]{0,5}) (day|hour|workday)s?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PERIOD = re.compile(r"(?:([1-9][0-9]{0,4}) )?([a-z]+?)s?")

FACTORS: Mapping[str, tuple[Decimal, Unit]] = {
    "%": (Decimal("0.01"), "ratio"),
    "万": (Decimal(10_000), "amount"),
    "亿": (Decimal(100_000_000), "amount"),
}
LENGTH_UNITS: Mapping[str, Unit] = {"day": "days", "hour": "hours", "workday": "workdays"}

PeriodUnit = Literal[
    "hour", "day", "night", "week", "month", "quarter", "year", "workday", "review"
]
PERIOD_UNITS: frozenset[str] = frozenset(
    {"hour", "day", "night", "week", "month", "quarter", "year", "workday", "review"}
)

FULL_WIDTH = str.maketrans("０１２３４５６７８９％．，－", "0123456789%.,-")
CHINESE_UNITS: Mapping[str, str] = {
    "天": "days", "日": "days", "小时": "hours", "工作日": "workdays", "个工作日": "workdays",
}  # fmt: skip
NEAR_NUMBER = r"[-+]?[0-9][0-9,_ ]*(?:\.[0-9]*)?"
NEAR_UNITS = (
    "%|percent|万|亿|万元|亿元|元|k|K|m|M|h|hrs?|hours?|days?|workdays?|nights?|weeks?|months?"
    "|quarters?|years?|reviews?|天|日|小时|个?工作日"
)
NEAR_DATE = re.compile(r"[0-9]{1,4}([-/.年])[0-9]{1,2}([-/.月])[0-9]{1,4}日?")
NEAR = re.compile(rf"({NEAR_NUMBER})(?:[eE][-+]?[0-9]+)?\s*({NEAR_UNITS})?")


def quantity(value: Any, location: Location, *, quoted: bool = False) -> Quantity:
    """A literal of a policy, from a plain YAML value.

    A quantity is one with or without quotes, which JSON needs; what only looks like one
    is text in quotes, and without them a `KamError` (`unclear-quantity`, `not-a-date`).

    >>> quantity("20%", Location("x")).value
    Decimal('0.20')
    >>> quantity("1.2亿", Location("x")).value
    Decimal('120000000')
    """
    if isinstance(value, bool):
        return Quantity(value, "true" if value else "false", location)
    if isinstance(value, (int, Decimal)):
        return Quantity(Decimal(value), plain(Decimal(value)), location)
    text = str(value)
    scalar, unit = read_text(text, location, quoted)
    return Quantity(scalar, text, location, unit)


def read_text(text: str, location: Location, quoted: bool) -> tuple[Scalar, Unit | None]:
    suffixed = SUFFIXED.fullmatch(text)
    if suffixed:
        return scaled(suffixed[1], suffixed[2]), FACTORS[suffixed[2]][1]
    length = LENGTH.fullmatch(text)
    if length:
        return Decimal(length[1]), LENGTH_UNITS[length[2]]
    if DATE.fullmatch(text):
        return read_date(text, location), None
    hint = None if quoted else better_written(with_spaces(text).translate(FULL_WIDTH).strip())
    if hint is not None:
        odd = odd_space_at(text, location.line, location.column)
        hint = hint if odd is None else f"{odd.partition(';')[0]}; {hint}"
        message = f"'{text}' cannot be read as a quantity"
        raise KamError(Problem("unclear-quantity", message, location, hint))
    return text, None


def better_written(text: str) -> str | None:
    """How to write what nearly is a quantity; None for text that is nothing like one."""
    if NEAR_DATE.fullmatch(text):
        return "write a date as in 2026-01-31, or put it in quotes if it is text"
    near = NEAR.fullmatch(text)
    return suggestion(near) if near else None


def scaled(digits: str, suffix: str) -> Decimal:
    """The exact value of a number with ``%``, ``万`` or ``亿``.

    >>> scaled("20", "%"), scaled("0.5", "万")
    (Decimal('0.20'), Decimal('5000'))
    """
    value = Decimal(digits) * FACTORS[suffix][0]
    return value if suffix == "%" or value != value.to_integral_value() else value.quantize(1)


def suggestion(near: re.Match[str]) -> str:
    """How to write what was probably meant."""
    number = clear_number(near[1])
    unit = near[2]
    written = number if unit is None else f"{number}{unit}"
    if re.search("[0-9.][eE]", near[0]):
        return "write all digits, without an exponent"
    if unit in ("percent",):
        written = f"{number}%"
    elif unit in ("元", "万元", "亿元"):
        written = number + unit[:-1]
    elif unit in CHINESE_UNITS:
        written = f"{number} {CHINESE_UNITS[unit]}"
    elif unit in ("h", "hr", "hrs"):
        written = f"{number} hours"
    elif unit in ("k", "K", "m", "M"):
        return "write all digits, or use 万 or 亿; put it in quotes if it is text"
    elif unit in ("week", "weeks", "month", "months", "year", "years", "quarter", "quarters"):
        return "write it in days, as in 90 days, or put it in quotes if it is text"
    elif unit in ("night", "nights", "review", "reviews"):
        return "write it in days, hours or workdays, or put it in quotes if it is text"
    elif unit and unit[0] in "dhw":
        written = f"{number} {unit}"
    limit = limit_of(written)
    return f"{limit or f'write {written}'}, or put it in quotes if it is text"


def limit_of(written: str) -> str | None:
    """What the language asks of a quantity that even in its own form is none; else None."""
    if LENGTH.fullmatch(written) or SUFFIXED.fullmatch(written) or NUMBER.fullmatch(written):
        return None
    if " " in written:
        return "a length of time is a whole number from 0 to 999999, as in 45 days"
    if written[-1] in FACTORS:
        return f"before {written[-1]} stand at most 18 digits, and 12 after their point"
    return DIGITS_LIMIT


def read_date(text: str, location: Location) -> date:
    """A day written year-month-day. Raises `KamError` (`not-a-date`)."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"there is no day {text}"
        raise KamError(
            Problem("not-a-date", message, location, "write year-month-day, as in 2026-01-31")
        ) from error


def period(text: str) -> Period:
    """A length of time, of a form that the schema has admitted.

    >>> period("3 workdays")
    Period(count=3, unit='workday', text='3 workdays')
    >>> period("quarter").count
    1
    """
    match = PERIOD.fullmatch(text)
    if match is None or match[2] not in PERIOD_UNITS:
        raise ValueError(f"not a period: {text!r}")
    return Period(int(match[1] or 1), cast(PeriodUnit, match[2]), text)


def days(text: str) -> int:
    """The number in ``365 days``, ``365 days ago`` or ``5 workdays before``."""
    return int(text.partition(" ")[0])


def plain(value: Decimal) -> str:
    """A number with all its digits, never with an exponent."""
    return f"{value:f}"


def write(quantity: Quantity) -> str:
    """The text that reads as this quantity, for a value that has been computed.

    >>> write(Quantity(Decimal("0.2"), "", Location("x"), "ratio"))
    '20%'
    """
    value = quantity.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        if quantity.unit == "ratio":
            return f"{plain((value * 100).normalize())}%"
        if quantity.unit in ("days", "hours", "workdays"):
            return f"{plain(value)} {quantity.unit}"
        return plain(value)
    return value.isoformat() if isinstance(value, date) else value
