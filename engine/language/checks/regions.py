"""Sets of values: which values of a subject let a condition be true.

A `Region` is a set of numbers (dates count as their ordinal), or of words, and says apart
whether the value may also be missing. Everything is exact: bounds are decimals, open or
closed, so that 'above 20%' and 'up to 20%' meet without overlapping.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`; None is unbounded. `…_open` excludes the bound itself."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False

    @property
    def is_empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        if self.low == self.high:
            return self.low_open or self.high_open
        return self.low > self.high

    def intersect(self, other: Interval) -> Interval:
        low, low_open = _tighter((self.low, self.low_open), (other.low, other.low_open), 1)
        high, high_open = _tighter((self.high, self.high_open), (other.high, other.high_open), -1)
        return Interval(low, high, low_open, high_open)

    def whole(self) -> Interval:
        """The same whole numbers between closed bounds.

        >>> Interval(Decimal(2), Decimal("4.5"), low_open=True).whole()
        Interval(low=Decimal('3'), high=Decimal('4'), low_open=False, high_open=False)
        """
        low, high = self.low, self.high
        if low is not None:
            up = low.to_integral_value(ROUND_CEILING)
            low = up + 1 if self.low_open and up == low else up
        if high is not None:
            down = high.to_integral_value(ROUND_FLOOR)
            high = down - 1 if self.high_open and down == high else down
        return Interval(low, high)

    def witness(self) -> Decimal:
        """A value inside: a closed bound if the other side is open, else one in the middle."""
        if self.low is not None and self.high is not None:
            if self.low_open == self.high_open:
                return (self.low + self.high) / 2
            return self.high if self.low_open else self.low
        if self.low is not None:
            return self.low + 1 if self.low_open else self.low
        if self.high is not None:
            return self.high - 1 if self.high_open else self.high
        return Decimal(0)


Bound = tuple[Decimal | None, bool]


def _tighter(one: Bound, other: Bound, sign: int) -> Bound:
    """The bound that excludes more: the higher of two lower ones (`sign` 1), or the reverse."""
    if one[0] is None or other[0] is None:
        return other if one[0] is None else one
    if one[0] == other[0]:
        return one[0], one[1] or other[1]
    return one if (one[0] - other[0]) * sign > 0 else other


@dataclass(frozen=True)
class Numbers:
    """A union of intervals; `is_whole` leaves only whole numbers."""

    intervals: tuple[Interval, ...]
    is_whole: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.intervals

    def intersect(self, other: Numbers) -> Numbers:
        pairs = (one.intersect(two) for one in self.intervals for two in other.intervals)
        return numbers(pairs, self.is_whole or other.is_whole)

    def complement(self) -> Numbers:
        """
        >>> numbers([Interval(Decimal(1), Decimal(2))]).complement().intervals[1]
        Interval(low=Decimal('2'), high=None, low_open=True, high_open=False)
        """
        rest = Numbers((Interval(),), self.is_whole)
        for one in self.intervals:
            beside = []
            if one.low is not None:
                beside.append(Interval(high=one.low, high_open=not one.low_open))
            if one.high is not None:
                beside.append(Interval(low=one.high, low_open=not one.high_open))
            rest = rest.intersect(numbers(beside, self.is_whole))
        return rest


@dataclass(frozen=True)
class Words:
    """The words listed or, if `all_but`, every word except them."""

    listed: frozenset[str]
    all_but: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.listed and not self.all_but

    def intersect(self, other: Words) -> Words:
        """
        >>> Words(frozenset("a"), True).intersect(Words(frozenset("ab"))).listed
        frozenset({'b'})
        """
        if self.all_but and other.all_but:
            return Words(self.listed | other.listed, all_but=True)
        if self.all_but:
            return Words(other.listed - self.listed)
        return Words(self.listed - other.listed if other.all_but else self.listed & other.listed)

    def complement(self) -> Words:
        return Words(self.listed, not self.all_but)


Values = Numbers | Words
ANY_WORD = Words(frozenset(), all_but=True)


def numbers(intervals: Iterable[Interval], is_whole: bool = False) -> Numbers:
    """The intervals that hold anything."""
    listed = [one.whole() if is_whole else one for one in intervals]
    return Numbers(tuple(one for one in listed if not one.is_empty), is_whole)


def words(*listed: str) -> Words:
    return Words(frozenset(listed))


@dataclass(frozen=True)
class Region:
    """The values that a subject may have, and whether it may be missing."""

    values: Values
    missing: bool

    @property
    def is_empty(self) -> bool:
        return self.values.is_empty and not self.missing

    def intersect(self, other: Region) -> Region:
        return Region(common(self.values, other.values), self.missing and other.missing)


def common(one: Values, other: Values) -> Values:
    """The values in both; nothing if one is of numbers and the other of words."""
    if isinstance(one, Numbers) and isinstance(other, Numbers):
        return one.intersect(other)
    if isinstance(one, Words) and isinstance(other, Words):
        return one.intersect(other)
    return Words(frozenset())


def union(one: Values, other: Values) -> Values:
    """The values in either."""
    return common(one.complement(), other.complement()).complement()
