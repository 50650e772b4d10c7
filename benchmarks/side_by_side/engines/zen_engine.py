"""zen-engine (GoRules): a decision, as its editor writes it, and its expressions alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import compress
from pathlib import Path
from typing import Any

import zen

from benchmarks.side_by_side.conditions import Rule
from benchmarks.side_by_side.engines.guarded import expression
from benchmarks.side_by_side.engines.protocol import Hit, rows, write_pairs

KEY = "benchmark"
BETWEEN = "{column} in [{low}..{high}]"


class ZenDecision:
    """A node with one truth per rule, evaluated in one batch.

    One account at a time takes ten times as long, a decision table that collects no less.
    """

    def __init__(self) -> None:
        self.engine: Any = None
        self.asked: list[Any] = []
        self.numbers: list[int] = []
        self.hits: list[Hit] = []

    def prepare(self, rules: Sequence[Rule]) -> None:
        loader: Any = {"type": "static", "content": {KEY: decision(rules)}}
        self.engine = zen.ZenEngine({"loader": loader})

    def load(self, accounts: Path) -> None:
        read = rows(accounts)
        self.numbers = [account["account_no"] for account in read]
        self.asked = [{"key": KEY, "context": account} for account in read]

    def forget(self) -> None:
        self.hits = []

    def evaluate(self) -> None:
        answers = self.engine.evaluate_batch(self.asked)
        self.hits = [
            (number, rule)
            for number, answer in zip(self.numbers, answers, strict=True)
            for rule, holds in answer["data"]["result"].items()
            if holds
        ]

    def write_hits(self, file: Path) -> None:
        write_pairs(self.hits, file)


class ZenExpression:
    """One compiled expression, a list of one truth per rule: no decision model, no trace, no
    editor, and many times as fast. Accounts are JSON texts, which it reads faster than
    dictionaries."""

    def __init__(self) -> None:
        self.rules: list[str] = []
        self.expression: Any = None
        self.accounts: list[tuple[int, str]] = []
        self.hits: list[Hit] = []

    def prepare(self, rules: Sequence[Rule]) -> None:
        self.rules = [rule.id for rule in rules]
        listed = ", ".join(expression(rule.condition, BETWEEN) for rule in rules)
        self.expression = zen.compile_expression(f"[{listed}]")

    def load(self, accounts: Path) -> None:
        self.accounts = [(row["account_no"], json.dumps(row)) for row in rows(accounts)]

    def forget(self) -> None:
        self.hits = []

    def evaluate(self) -> None:
        evaluate = self.expression.evaluate
        self.hits = [
            (number, rule)
            for number, account in self.accounts
            for rule in compress(self.rules, evaluate(account))
        ]

    def write_hits(self, file: Path) -> None:
        write_pairs(self.hits, file)


def decision(rules: Sequence[Rule]) -> dict[str, Any]:
    """The rules as a decision model in JSON."""
    listed = [
        {"id": one.id, "key": one.id, "value": expression(one.condition, BETWEEN)} for one in rules
    ]
    nodes = [
        {"id": "facts", "name": "facts", "type": "inputNode", "content": {}},
        {
            "id": "rules",
            "name": "rules",
            "type": "expressionNode",
            "content": {"expressions": listed},
        },
        {"id": "hits", "name": "hits", "type": "outputNode", "content": {}},
    ]
    edges = [
        {"id": f"{start}-{end}", "sourceId": start, "targetId": end, "type": "edge"}
        for start, end in (("facts", "rules"), ("rules", "hits"))
    ]
    return {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}
