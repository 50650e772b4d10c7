"""rule-engine: one `Rule` per rule, each asked about each account."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import rule_engine

from benchmarks.side_by_side.conditions import Rule
from benchmarks.side_by_side.engines.guarded import expression
from benchmarks.side_by_side.engines.protocol import Hit, rows, write_pairs

BETWEEN = "{column} >= {low} and {column} <= {high}"


class RuleEngine:
    """Computes in decimals, so numbers are given as such, which saves it the conversion."""

    def __init__(self) -> None:
        self.rules: list[tuple[str, Any]] = []
        self.accounts: list[dict[str, Any]] = []
        self.hits: list[Hit] = []

    def prepare(self, rules: Sequence[Rule]) -> None:
        self.rules = [
            (one.id, rule_engine.Rule(expression(one.condition, BETWEEN))) for one in rules
        ]

    def load(self, accounts: Path) -> None:
        self.accounts = [
            {name: _exact(value) for name, value in row.items()}
            for row in rows(accounts, decimals=True)
        ]

    def forget(self) -> None:
        self.hits = []

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
