"""Which conditions decided, in plain words: `revenue_share is 7.9%, not at least 8%`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from engine.errors import Location
from engine.executors.predicates import Lookup, Trace, trace
from engine.executors.protocol import Value
from engine.plan.steps import All, Any, Comparison, Not, PackPlan, Predicate, Ranked

Leaf = Comparison | Ranked


@dataclass(frozen=True)
class Reason:
    """One comparison, and where the policy makes it."""

    text: str
    location: Location

    def __str__(self) -> str:
        return f"{self.text} ({self.location.file}:{self.location.line})"


def why_not(pack: PackPlan, predicate: Predicate, lookup: Lookup) -> tuple[Reason, ...]:
    """The comparisons because of which a predicate is not true; none if it is."""
    found = _against(trace(predicate, lookup), True)
    return tuple(dict.fromkeys(_reason(pack, one, wanted) for one, wanted in found))


def why(
    pack: PackPlan, predicate: Predicate, lookup: Lookup, before: str = ""
) -> tuple[Reason, ...]:
    """The comparisons because of which a predicate is true; none if it is not."""
    found = _against(trace(predicate, lookup), False)
    reasons = dict.fromkeys(_reason(pack, one, wanted) for one, wanted in found)
    return tuple(Reason(before + one.text, one.location) for one in reasons)


def _against(traced: Trace, wanted: bool) -> Iterator[tuple[Trace, bool]]:
    """The leaves that keep a part from what is wanted, each with what is wanted of it."""
    if traced.truth is wanted:
        return
    if isinstance(traced.predicate, Not):
        yield from _against(traced.parts[0], not wanted)
    elif isinstance(traced.predicate, All | Any):
        for part in traced.parts:
            yield from _against(part, wanted)
    else:
        yield traced, wanted


def _reason(pack: PackPlan, traced: Trace, wanted: bool) -> Reason:
    leaf = traced.predicate
    assert isinstance(leaf, Comparison | Ranked)
    seen = shown(traced.value, pack.types.get(leaf.column, "text"))
    text = f"{name_of(pack, leaf.column)} is {seen}"
    if traced.truth is None:
        text = f"{text}, compared with {described(leaf)}"
    else:
        text = f"{text}, {'not' if wanted else 'and so'} {described(leaf)}"
    return Reason(text, leaf.location)


def leaves(predicate: Predicate) -> Iterator[Leaf]:
    """Every comparison, in the order written."""
    if isinstance(predicate, All | Any):
        for part in predicate.parts:
            yield from leaves(part)
    elif isinstance(predicate, Not):
        yield from leaves(predicate.part)
    else:
        yield predicate


_WORDS = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<", "eq": "=", "ne": "!="}


def described(leaf: Leaf) -> str:
    """The operator and the threshold as the policy writes them."""
    if isinstance(leaf, Ranked):
        return f"{leaf.side} {leaf.written}"
    if leaf.operator in ("missing", "present"):
        return leaf.operator
    first, _, rest = leaf.written.partition(" ")
    if leaf.operator == "in" and first in _WORDS and rest:  # of an ordinal
        return f"{_WORDS[first]} {rest}"
    return f"{_WORDS.get(leaf.operator, leaf.operator)} {leaf.written}".strip()


def name_of(pack: PackPlan, column: str) -> str:
    """A column as the pack names it."""
    if column == pack.tier_column:
        return "tier"
    return next((name for name, one in pack.columns.items() if one == column), column)


def shown(value: Value, value_type: str) -> str:
    """A value for a person.

    >>> shown(0.079, "ratio"), shown(None, "money"), shown(45, "days")
    ('7.9%', 'missing', '45')
    """
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | int | float):
        number = Decimal(str(value))
        if value_type == "ratio":
            return f"{(number * 100).normalize():f}%"
        return f"{number.normalize():f}"
    return str(value)
