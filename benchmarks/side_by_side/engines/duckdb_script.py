"""Two hand-written DuckDB scripts: one that wants the hits, and one that wants what kam keeps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from benchmarks.side_by_side.conditions import (
    Both,
    Condition,
    Either,
    Pair,
    Rule,
    Test,
    comparisons,
    literal,
)

SYMBOLS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "=", "ne": "<>"}


class DuckDBScript:
    """The hits and nothing else. The fastest of the ways tried: one scan per rule takes less
    time than to judge all rules into a table, or into a list per account, and to read that."""

    made: tuple[str, ...] = ("hits",)

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.statements: tuple[str, ...] = ()

    def prepare(self, rules: Sequence[Rule]) -> None:
        found = "\nUNION ALL ".join(map(self.hits_of, rules))
        self.statements = (f"CREATE TABLE hits AS {found}",)

    def hits_of(self, rule: Rule) -> str:
        where = sql(rule.condition)
        return f"SELECT account_no, '{rule.id}' AS rule FROM accounts WHERE {where}"

    def load(self, accounts: Path) -> None:
        self.connection.execute(
            "CREATE TABLE accounts AS SELECT * FROM read_parquet(?)", [str(accounts)]
        )

    def forget(self) -> None:
        for name in self.made:
            self.connection.execute(f"DROP TABLE IF EXISTS {name}")

    def evaluate(self) -> None:
        for statement in self.statements:
            self.connection.execute(statement)

    def write_hits(self, file: Path) -> None:
        hits = self.connection.table("hits").project("account_no, rule")
        hits.write_parquet(str(file))


class DuckDBScriptWithValues(DuckDBScript):
    """The hits with the values that each rule saw, and for how many rules of an account, and
    for how many accounts of a rule, the answer is unknown: all that kam keeps."""

    made = ("hits", "judged", "unknowns", "rule_unknowns")

    def prepare(self, rules: Sequence[Rule]) -> None:
        super().prepare(rules)
        unknown = {rule.id: f"{sql(rule.condition)} IS NULL" for rule in rules}
        each = ", ".join(f"{test} AS {rule}" for rule, test in unknown.items())
        judged = f"SELECT account_no, {each} FROM accounts"
        counted = ", ".join(f"count(*) FILTER ({rule}) AS {rule}" for rule in unknown)
        total = " + ".join(f"{rule}::INTEGER" for rule in unknown)
        self.statements += (
            f"CREATE TABLE judged AS {judged}",
            f"CREATE TABLE unknowns AS SELECT account_no, {total} AS rules FROM judged",
            f"CREATE TABLE rule_unknowns AS SELECT {counted} FROM judged",
        )

    def hits_of(self, rule: Rule) -> str:
        named: dict[str, None] = {}
        for test in comparisons(rule.condition):
            named[test.column] = None
            if isinstance(test, Pair):
                named[test.other] = None
        seen = ", ".join(f"'{name}', {name}" for name in named)
        return super().hits_of(rule).replace(" AS rule", f" AS rule, json_object({seen}) AS seen")


def sql(condition: Condition) -> str:
    """A condition as SQL."""
    if isinstance(condition, Both | Either):
        word = " AND " if isinstance(condition, Both) else " OR "
        return f"({word.join(map(sql, condition.parts))})"
    if isinstance(condition, Pair):
        return f"{condition.column} {SYMBOLS[condition.operator]} {condition.other}"
    return _test(condition)


def _test(test: Test) -> str:
    operands = [literal(one) for one in test.operands]
    if test.operator in ("missing", "present"):
        return f"{test.column} IS {'NOT ' if test.operator == 'present' else ''}NULL"
    if test.operator == "between":
        return f"{test.column} BETWEEN {operands[0]} AND {operands[1]}"
    if test.operator in ("in", "not_in"):
        word = "IN" if test.operator == "in" else "NOT IN"
        return f"{test.column} {word} ({', '.join(operands)})"
    return f"{test.column} {SYMBOLS[test.operator]} {operands[0]}"
