"""Values as the Rete network sees them: whole numbers, and nothing else.

durable-rules compares what it is given without asking what it is: a number in a string equals
the number, ``true`` is greater than 0.2, a text is greater than any number, and a double is
written without an exponent or not at all. So every value becomes a 64-bit integer before it is
posted, in such a way that the integers compare as the values do:

* money and whole numbers by their units (``12.30`` → 1230),
* every other number by the bits of its double, which keep the order of the doubles exactly,
* days by their number, truths as 0 and 1,
* texts by their place among the texts that the policy names.

A value that is not of its column's type stops the evaluation (`mistyped-fact`) rather than be
compared with something else.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from engine.errors import problem
from engine.executors.protocol import Value
from engine.model import Scalar, ValueType

LARGEST = 2**63 - 1
SMALLEST = -(2**63)
OTHER_TEXT = -1
"""A text that no condition names."""

EXACT = "exact"
MISSING = "missing"
"""The ending of the property that stands in the place of a missing value."""


class MistypedError(Exception):
    """A value, or a literal of the policy, is not of the type that its column has."""


Bounds = tuple[int, int]
"""The nearest integers not above and not below a literal; equal if it is one."""


@dataclass(frozen=True)
class Encoding:
    """One way to write the values of a column as integers.

    `name` ends the property that holds them, so that one column can stand in a fact in
    several ways. `value` and `literal` raise `MistypedError`.
    """

    name: str
    value: Callable[[Value], int]
    literal: Callable[[Scalar], Bounds]

    def property_of(self, column: str) -> str:
        """Never ``id`` or ``sid``, which durable-rules keeps for itself."""
        return f"{column}.{self.name}"


def marker_of(column: str) -> str:
    """The property that says that a column has no value."""
    return f"{column}.{MISSING}"


# --- numbers -----------------------------------------------------------------------------


def exact(decimals: int) -> Encoding:
    """Money and whole numbers in units of ``10 ** -decimals``.

    A whole number that has too many units becomes the largest or the smallest there is,
    which is still beyond every amount of money.

    >>> exact(2).value(Decimal("12.30")), exact(2).literal(Decimal("0.005"))
    (1230, (0, 1))
    """

    def value(found: Value) -> int:
        if isinstance(found, bool) or not isinstance(found, int | Decimal):
            raise MistypedError
        units = _units(found, decimals)
        return max(SMALLEST, min(LARGEST, units))

    def literal(written: Scalar) -> Bounds:
        if not isinstance(written, Decimal):
            raise MistypedError
        units = written.scaleb(decimals)
        return int(units.to_integral_value(ROUND_FLOOR)), int(
            units.to_integral_value(ROUND_CEILING)
        )

    return Encoding(f"{EXACT}{decimals}", value, literal)


def _units(amount: int | Decimal, decimals: int) -> int:
    if isinstance(amount, int):
        return amount * int(10**decimals)
    units = amount.scaleb(decimals)
    whole = int(units)
    if whole != units:
        raise MistypedError
    return whole


def order_of(number: float) -> int:
    """An integer for each double, in the order of the doubles; both zeros have the same.

    >>> order_of(0.1) < order_of(0.1 + 2**-56), order_of(-0.0) == order_of(0.0) == 0
    (True, True)
    """
    bits: int = struct.unpack("<q", struct.pack("<d", number))[0]
    return bits if bits >= 0 else -(bits & LARGEST)


def _double(found: Value) -> int:
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        raise MistypedError
    number = float(found)
    if number != number:  # noqa: PLR0124  # not a number, which no order can place
        raise MistypedError
    return order_of(number)


def _double_literal(written: Scalar) -> Bounds:
    if not isinstance(written, Decimal):
        raise MistypedError
    return _twice(order_of(float(written)))


DOUBLE = Encoding("double", _double, _double_literal)
"""Numbers as doubles; also money and whole numbers, where they meet a double."""


def _twice(one: int) -> Bounds:
    return one, one


# --- days and truths ---------------------------------------------------------------------


def _day(found: Value) -> int:
    if not isinstance(found, date):
        raise MistypedError
    return found.toordinal()


def _day_literal(written: Scalar) -> Bounds:
    if not isinstance(written, date) or isinstance(written, datetime):
        raise MistypedError
    return _twice(written.toordinal())


def _truth(found: Value) -> int:
    if not isinstance(found, bool):
        raise MistypedError
    return int(found)


def _truth_literal(written: Scalar) -> Bounds:
    if not isinstance(written, bool):
        raise MistypedError
    return _twice(int(written))


DAY = Encoding("day", _day, _day_literal)
"""Dates, and datetimes by their day."""

TRUTH = Encoding("truth", _truth, _truth_literal)

# --- texts -------------------------------------------------------------------------------


def place(texts: Sequence[str]) -> Encoding:
    """Texts by their place in `texts`, which are all that conditions compare them with.

    >>> encoding = place(["A", "B"])
    >>> encoding.value("B"), encoding.value("1"), encoding.literal("A")
    (1, -1, (0, 0))
    """
    places = {text: number for number, text in enumerate(texts)}

    def value(found: Value) -> int:
        if not isinstance(found, str):
            raise MistypedError
        return places.get(found, OTHER_TEXT)

    def literal(written: Scalar) -> Bounds:
        if not isinstance(written, str):
            raise MistypedError
        return _twice(places[written])

    return Encoding("place", value, literal)


# --- columns -----------------------------------------------------------------------------

_EXACT = frozenset({"integer", "days", "money"})
_DAYS = frozenset({"date", "datetime"})
TEXTS = frozenset({"text", "enum", "ordinal"})


@dataclass(frozen=True)
class Columns:
    """The columns that conditions may read, and how each is written.

    `texts` are, by column, the texts that conditions compare it with.
    """

    types: Mapping[str, ValueType]
    money_decimals: int
    texts: Mapping[str, Sequence[str]]

    def encoding(self, column: str) -> Encoding:
        """How a column is written where it meets a literal."""
        kind = self.types[column]
        if kind in TEXTS:
            return place(self.texts.get(column, ()))
        if kind in _DAYS:
            return DAY
        if kind == "boolean":
            return TRUTH
        return exact(self._decimals(kind)) if kind in _EXACT else DOUBLE

    def named_encoding(self, column: str, name: str) -> Encoding:
        """The encoding of a column that has a name."""
        if name.startswith(EXACT):
            return exact(int(name.removeprefix(EXACT)))
        return DOUBLE if name == DOUBLE.name else self.encoding(column)

    def shared_encoding(self, column: str, other: str) -> Encoding | None:
        """How two columns are written where they meet; None if they cannot.

        A double makes both sides doubles, as it does everywhere else in kam. Texts have no
        common places.
        """
        one, two = self.types[column], self.types[other]
        if one in TEXTS or two in TEXTS:
            return None
        if one in _DAYS or two in _DAYS:
            return DAY if one in _DAYS and two in _DAYS else None
        if "boolean" in (one, two):
            return TRUTH if one == two else None
        if one in _EXACT and two in _EXACT:
            return exact(max(self._decimals(one), self._decimals(two)))
        return DOUBLE

    def _decimals(self, kind: ValueType) -> int:
        return self.money_decimals if kind == "money" else 0


def encoded(column: str, encoding: Encoding, value: Value) -> int:
    """A value of a fact. Raises `KamError` (`mistyped-fact`) if it is not of its type."""
    try:
        return encoding.value(value)
    except MistypedError:
        raise problem(
            "mistyped-fact",
            f"'{column}' is {value!r}, which cannot be compared as '{encoding.name}'",
            hint="facts must be typed as the plan types them before rules are matched",
        ) from None


def name_hash(name: str) -> int:
    """What durable-rules knows a property by (FNV-1, 32 bits): two names may have the same."""
    found = 2166136261
    for byte in name.encode():
        found = ((found ^ byte) * 16777619) & 0xFFFFFFFF
    return found
