"""kam's columnar executor: the measures and decisions of a night, between loading and log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from benchmarks.side_by_side.conditions import Rule
from benchmarks.side_by_side.engines.kam_policy import plan_of
from engine.executors import columnar

RELATIONS = """
SELECT view_name, 'VIEW' FROM duckdb_views() WHERE NOT internal
UNION ALL
SELECT table_name, 'TABLE' FROM duckdb_tables()
"""

UNCHANGED_TIERS = """
CREATE VIEW effective_tiers AS
SELECT pack, account_no, in_population, may_be_in, excluded, tier AS candidate, tier
FROM candidates
"""
"""Where the lifecycle stands in a night, with tiers that have not moved."""


class KamColumnar:
    """The hits. What is unknown, and the values that a hit saw, are for whoever asks."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.pipeline: columnar.Pipeline | None = None

    def prepare(self, rules: Sequence[Rule]) -> None:
        self.pipeline = columnar.compile_plan(plan_of(rules))

    def load(self, accounts: Path) -> None:
        self.connection.execute(
            "CREATE TABLE accounts AS SELECT * FROM read_parquet(?)", [str(accounts)]
        )

    def forget(self) -> None:
        for name, kind in self.connection.execute(RELATIONS).fetchall():
            if name != "accounts":
                self.connection.execute(f'DROP {kind} IF EXISTS "{name}" CASCADE')

    def evaluate(self) -> None:
        assert self.pipeline is not None
        columnar.measure(self.connection, self.pipeline)
        self.connection.execute(UNCHANGED_TIERS)
        self.connection.execute("CREATE VIEW reviewed_tiers AS FROM effective_tiers")
        columnar.reach(self.connection, self.pipeline)
        columnar.decide(self.connection, self.pipeline)

    def write_hits(self, file: Path) -> None:
        hits = self.connection.table("hits").project("account_no, rule_id AS rule")
        hits.write_parquet(str(file))


class KamColumnarWithValues(KamColumnar):
    """Everything that the night keeps of a decision: the hits with the values seen, and what is
    unknown, by account and by rule."""

    def evaluate(self) -> None:
        super().evaluate()
        assert self.pipeline is not None
        columnar.see(self.connection, self.pipeline)
        columnar.doubt(self.connection, self.pipeline)
        for name in ("unknowns", "rule_unknowns"):
            self.connection.execute(f'CREATE TABLE "kept_{name}" AS FROM "{name}"')
        self.connection.execute("CREATE TABLE kept_hits AS FROM seen_hits")
