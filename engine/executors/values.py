"""Numbers as every executor keeps them: one rounding, one conversion to a column's type.

A computed number is a double, rounded half-even to the decimals of its column; money is
then an exact decimal and a whole number an integer. What does not fit is missing, as it
is in DuckDB's ``TRY_CAST``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from engine.executors.protocol import Value
from engine.model import ValueType

MONEY_DIGITS = 18
"""Money is DECIMAL(18, scale)."""

_BIGINT_LIMIT = 2.0**63


def nearest_integer(number: float) -> int | None:
    """The nearest 64-bit integer, ties to the even one; None where there is none.

    >>> nearest_integer(2.5), nearest_integer(3.5), nearest_integer(1e19)
    (2, 4, None)
    """
    if not math.isfinite(number):
        return None
    whole = round(number)
    return whole if -_BIGINT_LIMIT <= whole < _BIGINT_LIMIT else None


def rounded(number: float, decimals: int) -> float | None:
    """`number` rounded half-even to `decimals`; None out of range or not a number.

    >>> rounded(0.1 + 0.2, 6)
    0.3
    """
    power = 10.0**decimals
    whole = nearest_integer(number * power)
    return None if whole is None else whole / power


def as_type(number: Decimal | float, value_type: ValueType, scale: int | None) -> Value:
    """A computed number as a column of `value_type` keeps it, with `scale` decimals.

    An exact number that already fits the column stays exact; anything else passes through
    a double. Columns that are not numeric have no `scale` and keep what they are given.
    """
    if scale is None:
        return number
    if value_type == "money":
        return _money(number, scale)
    if value_type in ("integer", "days"):
        return number if isinstance(number, int) else nearest_integer(float(number))
    return rounded(float(number), scale)


def _money(number: Decimal | float, scale: int) -> Decimal | None:
    if isinstance(number, float) or -int(Decimal(number).as_tuple().exponent) > scale:
        units = nearest_integer(float(number) * 10.0**scale)
    else:
        units = int(Decimal(number).scaleb(scale))
    if units is None or abs(units) >= 10**MONEY_DIGITS:
        return None
    return Decimal(units).scaleb(-scale)


def exact_sum(numbers: Iterable[Decimal | float], decimals: int) -> Decimal | int:
    """The sum without rounding errors, whatever the order of the numbers.

    Doubles count as the decimal number of `decimals` places that they stand for.
    """
    total: Decimal | int = 0
    for number in numbers:
        total += _exact(number, decimals) if isinstance(number, float) else number
    return total


def _exact(number: float, decimals: int) -> Decimal:
    return Decimal(round(number * 10**decimals)).scaleb(-decimals)


def day_of(moment: date) -> date:
    """The day of a date or of a datetime."""
    return moment.date() if isinstance(moment, datetime) else moment
