"""What a condition of the benchmarks means, in plain Python, for one account at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from benchmarks.side_by_side.conditions import Both, Condition, Either, Pair, Rule, Test

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "gt": gt, "gte": ge, "lt": lt, "lte": le, "eq": eq, "ne": ne,
}  # fmt: skip


def holds(condition: Condition, account: Mapping[str, Any]) -> bool:
    if isinstance(condition, Both):
        return all(holds(part, account) for part in condition.parts)
    if isinstance(condition, Either):
        return any(holds(part, account) for part in condition.parts)
    value = account[condition.column]
    if isinstance(condition, Pair):
        other = account[condition.other]
        known = value is not None and other is not None
        return known and COMPARE[condition.operator](value, other)
    return _test(condition, value)


def _test(test: Test, value: Any) -> bool:
    if test.operator in ("missing", "present"):
        return (value is None) == (test.operator == "missing")
    if value is None:
        return False
    if test.operator == "between":
        low, high = test.operands
        return bool(low <= value <= high)
    if test.operator in ("in", "not_in"):
        return (value in test.operands) == (test.operator == "in")
    return COMPARE[test.operator](value, test.operands[0])


def hits(rules: Sequence[Rule], accounts: Sequence[Mapping[str, Any]]) -> list[tuple[int, str]]:
    return sorted(
        (account["account_no"], rule.id)
        for account in accounts
        for rule in rules
        if holds(rule.condition, account)
    )
