"""kam's columnar executor: the measures and decisions of a night, between loading and log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from benchmarks.side_by_side.conditions import Rule
from benchmarks.side_by_side.engines.kam_policy import plan_of
from engine.executors import columnar

RELATIONS = "SELECT table_name, table_type FROM information_schema.tables"

UNCHANGED_TIERS = """
CREATE TABLE effective_tiers AS
SELECT pack, account_no, in_population, may_be_in, excluded, tier AS candidate, tier
FROM candidates
"""
"""Where the lifecycle stands in a night, with tiers that have not moved."""


class KamColumnar:
    """The hits, and what is unknown. The values that a hit saw are written when they are read."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.pipeline = columnar.Pipeline((), (), (), (), ())

    def prepare(self, rules: Sequence[Rule]) -> None:
        self.pipeline = columnar.compile_plan(plan_of(rules))

    def load(self, accounts: Path) -> None:
        self.connection.execute(
            "CREATE TABLE accounts AS SELECT * FROM read_parquet(?)", [str(accounts)]
        )

    def evaluate(self) -> None:
        self._clear()
        columnar.measure(self.connection, self.pipeline)
        self.connection.execute(UNCHANGED_TIERS)
        self.connection.execute("CREATE VIEW reviewed_tiers AS FROM effective_tiers")
        columnar.reach(self.connection, self.pipeline)
        columnar.decide(self.connection, self.pipeline)

    def _clear(self) -> None:
        for name, kind in self.connection.execute(RELATIONS).fetchall():
            if name != "accounts":
                word = "VIEW" if kind == "VIEW" else "TABLE"
                self.connection.execute(f'DROP {word} IF EXISTS "{name}" CASCADE')

    def write_hits(self, file: Path) -> None:
        hits = self.connection.table("hits").project("account_no, rule_id AS rule")
        hits.write_parquet(str(file))


class KamColumnarWithValues(KamColumnar):
    """Everything that the night keeps of a decision: the hits with the values seen, too."""

    def evaluate(self) -> None:
        super().evaluate()
        self.connection.execute("CREATE TABLE seen AS FROM hits")
