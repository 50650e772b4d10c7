"""A hand-written Polars script: one lazy query of all rules."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_
from pathlib import Path

import polars as pl

from benchmarks.side_by_side.conditions import Both, Condition, Either, Pair, Rule, Test

COMPARE = {"gt": gt, "gte": ge, "lt": lt, "lte": le, "eq": eq, "ne": ne}


class PolarsScript:
    """Judges all rules in one pass, then gathers the accounts of each."""

    def __init__(self) -> None:
        self.frame = pl.DataFrame()
        self.hits = pl.DataFrame()
        self.rules: list[tuple[str, pl.Expr]] = []

    def prepare(self, rules: Sequence[Rule]) -> None:
        self.rules = [(rule.id, expression(rule.condition)) for rule in rules]

    def load(self, accounts: Path) -> None:
        """Amounts as floats: exact decimals take longer, and the hits are the same."""
        floats = pl.selectors.decimal().cast(pl.Float64)
        self.frame = pl.read_parquet(accounts).with_columns(floats)

    def forget(self) -> None:
        self.hits = pl.DataFrame()

    def evaluate(self) -> None:
        names = pl.Enum([name for name, _ in self.rules])
        judged = self.frame.select(
            "account_no", *(condition.alias(name) for name, condition in self.rules)
        )
        self.hits = pl.concat(
            pl.collect_all(
                judged.lazy()
                .filter(name)
                .select("account_no", pl.lit(name, dtype=names).alias("rule"))
                for name, _ in self.rules
            )
        )

    def write_hits(self, file: Path) -> None:
        self.hits.with_columns(pl.col("rule").cast(pl.String)).write_parquet(file)


def expression(condition: Condition) -> pl.Expr:
    """A condition as an expression of Polars."""
    if isinstance(condition, Both | Either):
        join = and_ if isinstance(condition, Both) else or_
        return reduce(join, map(expression, condition.parts))
    if isinstance(condition, Pair):
        compared: pl.Expr = COMPARE[condition.operator](
            pl.col(condition.column), pl.col(condition.other)
        )
        return compared
    return _test(condition)


def _test(test: Test) -> pl.Expr:
    column = pl.col(test.column)
    if test.operator == "missing":
        return column.is_null()
    if test.operator == "present":
        return column.is_not_null()
    if test.operator == "between":
        return column.is_between(test.operands[0], test.operands[1])
    if test.operator == "in":
        return column.is_in(list(test.operands))
    if test.operator == "not_in":
        return ~column.is_in(list(test.operands))
    compared: pl.Expr = COMPARE[test.operator](column, test.operands[0])
    return compared
