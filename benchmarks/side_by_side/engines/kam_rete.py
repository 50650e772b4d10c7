"""kam's Rete executor, one account after the other, as single events are answered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.side_by_side.conditions import Rule
from benchmarks.side_by_side.engines.kam_policy import plan_of
from benchmarks.side_by_side.engines.protocol import Hit, rows, write_pairs
from engine.executors.protocol import Row
from engine.executors.rete import ReteExecutor
from engine.executors.rete_compile import compile_program
from engine.plan.steps import Plan


class KamRete:
    """Three truths: what is unknown is told from what is false, as in every executor of kam."""

    def __init__(self) -> None:
        self.executor = ReteExecutor()
        self.plan: Plan | None = None
        self.accounts: list[Row] = []
        self.hits: list[Hit] = []

    def prepare(self, rules: Sequence[Rule]) -> None:
        self.plan = plan_of(rules)
        assert not compile_program(self.plan).unsupported
        self.executor.decide_account(self.plan, {"account_no": 0, "account_id": "A"}, {})

    def load(self, accounts: Path) -> None:
        self.accounts = list(rows(accounts, decimals=True))

    def forget(self) -> None:
        self.hits = []

    def evaluate(self) -> None:
        assert self.plan is not None
        for row in self.accounts:
            number = row["account_no"]
            assert isinstance(number, int)
            verdict = self.executor.decide_account(self.plan, row, {})["benchmark"]
            self.hits += [(number, rule) for _, rule in verdict.levels]

    def write_hits(self, file: Path) -> None:
        write_pairs(self.hits, file)
