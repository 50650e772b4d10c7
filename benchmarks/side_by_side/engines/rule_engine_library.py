"""rule-engine: one `Rule` per rule, each asked about each account."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import rule_engine

from benchmarks.side_by_side.conditions import (
    SYMBOLS,
    Both,
    Condition,
    Either,
    Pair,
    Rule,
    Scalar,
    Test,
)
from benchmarks.side_by_side.engines.protocol import Hit, rows, write_pairs


class RuleEngine:
    """Computes in decimals, so numbers are given as such, which saves it the conversion."""

    def __init__(self) -> None:
        self.rules: list[tuple[str, Any]] = []
        self.accounts: list[dict[str, Any]] = []
        self.hits: list[Hit] = []

    def prepare(self, rules: Sequence[Rule]) -> None:
        self.rules = [(one.id, rule_engine.Rule(expression(one.condition))) for one in rules]

    def load(self, accounts: Path) -> None:
        self.accounts = [
            {name: _exact(value) for name, value in row.items()}
            for row in rows(accounts, decimals=True)
        ]

    def evaluate(self) -> None:
        self.hits = [
            (account["account_no"], name)
            for account in self.accounts
            for name, rule in self.rules
            if rule.matches(account)
        ]

    def write_hits(self, file: Path) -> None:
        write_pairs(self.hits, file)


def _exact(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, float) else value


def expression(condition: Condition) -> str:
    """A condition in rule-engine's language, which refuses to order what is null."""
    if isinstance(condition, Both | Either):
        word = " and " if isinstance(condition, Both) else " or "
        return f"({word.join(map(expression, condition.parts))})"
    if isinstance(condition, Pair):
        compared = f"{condition.column} {SYMBOLS[condition.operator]} {condition.other}"
        return f"({condition.column} != null and {condition.other} != null and {compared})"
    return _test(condition)


def _test(test: Test) -> str:
    operands = [_literal(one) for one in test.operands]
    column = test.column
    if test.operator == "missing":
        return f"{column} == null"
    present = f"{column} != null"
    if test.operator == "present":
        return present
    if test.operator == "between":
        return f"({present} and {column} >= {operands[0]} and {column} <= {operands[1]})"
    if test.operator in ("in", "not_in"):
        word = "in" if test.operator == "in" else "not in"
        return f"({present} and {column} {word} [{', '.join(operands)}])"
    compared = f"{column} {SYMBOLS[test.operator]} {operands[0]}"
    return compared if test.operator == "eq" else f"({present} and {compared})"


def _literal(value: Scalar) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value).lower()
