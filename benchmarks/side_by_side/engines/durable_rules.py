"""durable-rules by itself, through its documented API, as one of its users would write it.

Such a user finds out what `engine.executors.rete` is guarded against: a fact must match some
pattern or the library raises, a pattern must not ask only for what is absent, a ruleset holds
only so many comparisons, and the state of an account must be deleted after it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from pathlib import Path
from typing import Any

from durable import lang

from benchmarks.side_by_side.conditions import Both, Condition, Either, Pair, Rule, Test
from benchmarks.side_by_side.engines.protocol import Hit, rows, write_pairs

COMPARE = {"gt": gt, "gte": ge, "lt": lt, "lte": le, "eq": eq, "ne": ne}

RULES_OF_A_RULESET = 30
"""With many more, a fact may reach more than the 64 nodes that the library's stack holds; with
fewer, there are more rulesets to ask, which takes longer."""

_NUMBERS = itertools.count()


class DurableRules:
    """A ruleset of some rules at a time, all asked about each account."""

    def __init__(self) -> None:
        self.rulesets: list[str] = []
        self.accounts: list[dict[str, Any]] = []
        self.hits: list[Hit] = []
        self.found: set[str] = set()

    def prepare(self, rules: Sequence[Rule]) -> None:
        for start in range(0, len(rules), RULES_OF_A_RULESET):
            name = f"benchmark{next(_NUMBERS)}"
            with lang.ruleset(name):
                for rule in rules[start : start + RULES_OF_A_RULESET]:
                    self._define(rule)
                _define_nothing()
            self.rulesets.append(name)
        lang.get_host()

    def _define(self, rule: Rule) -> None:
        @lang.when_all((lang.m.kind == "account") & pattern(rule.condition))
        def hit(_: Any) -> None:
            self.found.add(rule.id)

    def load(self, accounts: Path) -> None:
        """What is missing is left out, for that is how the library knows it."""
        self.accounts = [
            {
                "kind": "account",
                **{name: value for name, value in row.items() if value is not None},
                "sid": str(row["account_no"]),
            }
            for row in rows(accounts)
        ]

    def forget(self) -> None:
        self.hits = []

    def evaluate(self) -> None:
        for account in self.accounts:
            self.found.clear()
            for name in self.rulesets:
                lang.assert_fact(name, account)
                lang.delete_state(name, account["sid"])
            self.hits += [(account["account_no"], rule) for rule in self.found]

    def write_hits(self, file: Path) -> None:
        write_pairs(self.hits, file)


def _define_nothing() -> None:
    """A rule that every account matches, since the library raises for a fact without a match."""

    @lang.when_all(lang.m.kind == "account")
    def known(_: Any) -> None:
        """Nothing follows."""


def pattern(condition: Condition) -> Any:
    """A condition in the library's expressions of Python."""
    if isinstance(condition, Both | Either):
        join = and_ if isinstance(condition, Both) else or_
        return reduce(join, map(pattern, condition.parts))
    if isinstance(condition, Pair):
        compared = COMPARE[condition.operator](_column(condition.column), _column(condition.other))
        return (+_column(condition.other)) & compared
    return _test(condition)


def _test(test: Test) -> Any:
    if test.operator == "missing":
        return -_column(test.column)
    if test.operator == "present":
        return +_column(test.column)
    if test.operator == "between":
        low, high = test.operands
        return (_column(test.column) >= low) & (_column(test.column) <= high)
    if test.operator == "in":
        return reduce(or_, (_column(test.column) == one for one in test.operands))
    if test.operator == "not_in":
        return reduce(and_, (_column(test.column) != one for one in test.operands))
    return COMPARE[test.operator](_column(test.column), test.operands[0])


def _column(name: str) -> Any:
    return getattr(lang.m, name)
