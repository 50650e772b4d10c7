"""How far an account is from a tier: the tests that do not hold, and by how much."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Literal

from engine.explain.tree import (
    ConditionNode,
    Fact,
    Gap,
    GroupNode,
    TestNode,
    TierNode,
    Value,
)

_OPPOSITE = {"gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt"}
_WHOLE = frozenset({"integer", "days"})

Number = Decimal | int | float


def gaps(node: ConditionNode) -> tuple[Gap, ...]:
    """What has to change before `node` is true: nothing if it is.

    Of alternatives, the nearest: the one with the fewest unknown values, then the fewest
    values without a distance, then the least relative distance in total. For all accounts at
    once `engine.plan.sql.near` computes the same.
    """
    return _gaps(node, avoid=False)


def gaps_to(tier: TierNode, exclusion: ConditionNode | None) -> tuple[Gap, ...]:
    """What has to change before an account is in a tier: its conditions, and that nothing
    excludes the account any more. An exclusion that is unknown excludes nobody."""
    found = () if tier.condition is None else gaps(tier.condition)
    if exclusion is not None and exclusion.truth is True:
        found += _gaps(exclusion, avoid=True)
    return found


Nearness = tuple[int, int, float]


def nearness(found: tuple[Gap, ...]) -> Nearness:
    """Sorts accounts by how near they are: the fewest conditions in the way, then the fewest
    without a distance (unknown, or not a number), then the least relative distance in total."""
    return (
        len(found),
        sum(gap.relative is None for gap in found),
        sum(gap.relative or 0.0 for gap in found),
    )


def _gaps(node: ConditionNode, avoid: bool) -> tuple[Gap, ...]:
    if node.truth is (not avoid):
        return ()
    if isinstance(node, TestNode):
        return (_gap(node, avoid),)
    if node.kind == "none":
        return _every(node, not avoid) if not avoid else _nearest(node, avoid=False)
    if (node.kind == "all") is not avoid:
        return _every(node, avoid)
    return _nearest(node, avoid)


def _every(node: GroupNode, avoid: bool) -> tuple[Gap, ...]:
    return tuple(gap for part in node.parts for gap in _gaps(part, avoid))


def _nearest(node: GroupNode, avoid: bool) -> tuple[Gap, ...]:
    return min((_gaps(part, avoid) for part in node.parts), key=_effort, default=())


def _effort(found: tuple[Gap, ...]) -> tuple[int, int, float]:
    return (
        sum(gap.need == "unknown" for gap in found),
        sum(gap.relative is None for gap in found),
        sum(gap.relative or 0.0 for gap in found),
    )


def _gap(test: TestNode, avoid: bool) -> Gap:
    if test.truth is None or (test.subject.value is None and test.operator != "missing"):
        return _unmeasured(test, "unknown", avoid)
    value = test.subject.value
    if test.standing is not None:
        return _to_cutoff(test, value, avoid)
    operator = _OPPOSITE.get(test.operator, "") if avoid else test.operator
    if operator == "between" and len(test.thresholds) == 2:
        low, high = test.thresholds
        below = _is_number(value) and _is_number(low) and _less(value, low)
        return _measured(test, "gte" if below else "lte", low if below else high, avoid)
    if operator in _OPPOSITE:
        return _measured(test, operator, test.thresholds[0], avoid)
    if operator == "eq" and _is_number(value) and _is_number(test.thresholds[0]):
        under = _less(value, test.thresholds[0])
        return _measured(test, "gte" if under else "lte", test.thresholds[0], avoid)
    return _unmeasured(test, "change", avoid)


def _unmeasured(test: TestNode, need: Literal["change", "unknown"], avoid: bool) -> Gap:
    return Gap(test, need, amount=None, relative=None, strict=False, avoid=avoid)


def _to_cutoff(test: TestNode, value: Value, avoid: bool) -> Gap:
    """Up to the cut-off value; at the cut-off itself only a tie is in the way."""
    assert test.standing is not None
    if avoid or test.standing.cutoff is None:
        return _unmeasured(test, "change", avoid)
    operator = "gte" if test.standing.side == "top" else "lte"
    return _measured(test, operator, test.standing.cutoff, avoid)


def _measured(test: TestNode, operator: str, threshold: Value, avoid: bool) -> Gap:
    value = test.subject.value
    if not (_is_number(value) and _is_number(threshold)):
        return _unmeasured(test, "change", avoid)
    rising = operator in ("gt", "gte")
    strict = operator in ("gt", "lt")
    seen, bound = _exact(value), _exact(threshold)
    if test.subject.type in _WHOLE:
        bound, strict = _next_whole(bound, operator), False
    distance = bound - seen if rising else seen - bound
    relative = float(distance / abs(bound)) if bound else None
    amount = _like(test.subject, max(distance, Decimal(0)))
    return Gap(test, "raise" if rising else "lower", amount, relative, strict, avoid)


def _next_whole(bound: Decimal, operator: str) -> Decimal:
    """The nearest whole number that satisfies the comparison."""
    if operator == "gt":
        return Decimal(math.floor(bound) + 1)
    if operator == "lt":
        return Decimal(math.ceil(bound) - 1)
    return Decimal(math.ceil(bound) if operator == "gte" else math.floor(bound))


def _like(fact: Fact, amount: Decimal) -> Number:
    if isinstance(fact.value, int):
        return int(amount)
    return amount if isinstance(fact.value, Decimal) else float(amount)


def _is_number(value: Value) -> bool:
    return isinstance(value, Decimal | int | float) and not isinstance(value, bool)


def _exact(value: Value) -> Decimal:
    """A double counts as the short decimal that it prints as."""
    return Decimal(str(value))


def _less(value: Value, other: Value) -> bool:
    return _exact(value) < _exact(other)
