"""Conditions in languages of `and`, `or` and `null` that refuse to order what is null."""

from __future__ import annotations

from benchmarks.side_by_side.conditions import SYMBOLS, Both, Condition, Either, Pair, Test, literal


def expression(condition: Condition, between: str) -> str:
    """Every comparison stands behind a test that there is a value.

    `between` is how the language writes that, with ``{column}``, ``{low}`` and ``{high}``.
    """
    if isinstance(condition, Both | Either):
        word = " and " if isinstance(condition, Both) else " or "
        return f"({word.join(expression(part, between) for part in condition.parts)})"
    if isinstance(condition, Pair):
        compared = f"{condition.column} {SYMBOLS[condition.operator]} {condition.other}"
        return f"({condition.column} != null and {condition.other} != null and {compared})"
    if condition.operator == "missing":
        return f"{condition.column} == null"
    present = f"{condition.column} != null"
    if condition.operator == "present":
        return present
    compared = _compared(condition, between)
    return compared if condition.operator == "eq" else f"({present} and {compared})"


def _compared(test: Test, between: str) -> str:
    operands = [literal(one) for one in test.operands]
    if test.operator == "between":
        low, high = operands
        return between.format(column=test.column, low=low, high=high)
    if test.operator in ("in", "not_in"):
        word = "in" if test.operator == "in" else "not in"
        return f"{test.column} {word} [{', '.join(operands)}]"
    return f"{test.column} {SYMBOLS[test.operator]} {operands[0]}"
