"""Rules and accounts from a seed: the same on every machine, and nobody's favourite.

`python -m benchmarks.side_by_side.generate COUNT FILE` writes the accounts.

A column is a monotone function of one uniform number per account, so that a comparison can be
written to hold for a wanted share of the accounts, and the rules to hold for some percent of
them, as warnings do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

from benchmarks.side_by_side.conditions import (
    Both,
    Column,
    Condition,
    Either,
    Pair,
    Rule,
    Scalar,
    Test,
)

SEED = 20260701

MISSING_PERCENT = 8
"""Of every column's values."""

SKEW = 3
"""Amounts are `largest * u ** SKEW`: many small customers, few large ones."""

COLUMNS: tuple[Column, ...] = (
    Column("annual_purchase", "money", 9_000_000),
    Column("purchase_90d", "money", 2_500_000),
    Column("purchase_90d_before", "money", 2_500_000),
    Column("overdue_amount", "money", 900_000),
    Column("gross_profit", "money", 1_800_000),
    Column("credit_limit", "money", 3_000_000),
    Column("purchase_growth", "number", 2),
    Column("gross_margin", "number", 0.6),
    Column("overdue_share", "number", 1),
    Column("return_rate", "number", 0.3),
    Column("churn_probability", "number", 1),
    Column("satisfaction", "number", 100),
    Column("complaints_90d", "integer", 12),
    Column("contacts_90d", "integer", 30),
    Column("contacts_90d_before", "integer", 30),
    Column("business_lines", "integer", 9),
    Column("days_since_contact", "integer", 400),
    Column("days_since_order", "integer", 700),
    Column("payment_days", "integer", 200),
    Column("strategic_fit", "integer", 5),
    Column("industry", "text", values=("chemicals", "energy", "food", "machines", "transport")),
    Column("stage", "text", values=("first", "running_in", "delivery", "stable", "renewal")),
    Column("joint_development", "boolean"),
    Column("core_domain", "boolean"),
)
PAIRS = (
    ("purchase_90d", "purchase_90d_before"),
    ("overdue_amount", "credit_limit"),
    ("contacts_90d", "contacts_90d_before"),
    ("days_since_order", "days_since_contact"),
)
BY_NAME = {column.name: column for column in COLUMNS}


# --- rules -------------------------------------------------------------------------------


def policy(count: int, seed: int = SEED) -> tuple[Rule, ...]:
    """So many rules; those of a smaller policy are the first of a larger one."""
    choose = Random(seed)
    return tuple(Rule(f"r{number:03}", _condition(choose)) for number in range(1, count + 1))


def _condition(choose: Random) -> Condition:
    shapes: tuple[Callable[[Random], Condition], ...] = (
        lambda of: Both(_tests(of, 2, 0.25)),
        lambda of: Both(_tests(of, 3, 0.4)),
        lambda of: Both((*_tests(of, 1, 0.2), Either(_tests(of, 2, 0.2)))),
        lambda of: Either((Both(_tests(of, 2, 0.2)), Both(_tests(of, 3, 0.3)))),
        lambda of: Both((*_tests(of, 1, 0.3), Either((_missing(of), *_tests(of, 1, 0.1))))),
        lambda of: Both((*_tests(of, 2, 0.35), _presence(of))),
        lambda of: Both((_pair(of), *_tests(of, 1, 0.15))),
    )
    return choose.choice(shapes)(choose)


def _tests(choose: Random, count: int, share: float) -> tuple[Test, ...]:
    """Comparisons of different columns that each hold for about that share of the accounts."""
    columns = choose.sample(COLUMNS, count)
    return tuple(_test(choose, column, share * choose.uniform(0.6, 1.4)) for column in columns)


def _test(choose: Random, column: Column, share: float) -> Test:
    if column.kind == "boolean":
        return Test(column.name, "eq", (choose.random() < 0.5,))
    if column.kind == "text":
        some = tuple(sorted(choose.sample(column.values, 2)))
        operator = choose.choice(("eq", "in", "ne", "not_in"))
        return Test(column.name, operator, some if operator in ("in", "not_in") else some[:1])
    operator = choose.choice(("gt", "gte", "lt", "lte", "between"))
    if operator == "between":
        low = choose.uniform(0, 1 - share)
        return Test(column.name, "between", (_value(column, low), _value(column, low + share)))
    place = share if operator in ("lt", "lte") else 1 - share
    return Test(column.name, operator, (_value(column, place),))


def _pair(choose: Random) -> Pair:
    column, other = choose.choice(PAIRS)
    return Pair(column, choose.choice(("gt", "gte", "lt", "lte")), other)


def _missing(choose: Random) -> Test:
    return Test(choose.choice(COLUMNS).name, "missing")


def _presence(choose: Random) -> Test:
    return Test(choose.choice(COLUMNS).name, choose.choice(("missing", "missing", "present")))


def _value(column: Column, place: float) -> Scalar:
    """The value below which that share of the accounts lies."""
    if column.kind == "money":
        return round(column.largest * place**SKEW, 2)
    if column.kind == "number":
        return round(column.largest * place, 4)
    return int(column.largest * place)


# --- accounts ----------------------------------------------------------------------------


def write_accounts(count: int, file: Path, seed: int = SEED) -> None:
    """`account_no` (0, 1, 2 …), `account_id` and the columns, as Parquet."""
    import duckdb

    selected = ",\n".join(
        f"CASE WHEN hash(range, {2 * place}, {seed}) % 100 >= {MISSING_PERCENT} "
        f"THEN {_sql(column, 2 * place + 1, seed)} END AS {column.name}"
        for place, column in enumerate(COLUMNS)
    )
    query = (
        f"SELECT range::INTEGER AS account_no, printf('A%07d', range) AS account_id,\n{selected}\n"
        f"FROM range({count}) ORDER BY range"
    )
    with duckdb.connect() as connection:
        connection.sql(query).write_parquet(str(file), compression="zstd")


def _sql(column: Column, stream: int, seed: int) -> str:
    uniform = f"(hash(range, {stream}, {seed}) % 1000003 / 1000003.0)"
    if column.kind == "money":
        return f"({column.largest} * {uniform}::DOUBLE ** {SKEW})::DECIMAL(18, 2)"
    if column.kind == "number":
        return f"round({column.largest} * {uniform}::DOUBLE, 4)"
    if column.kind == "integer":
        return f"floor({column.largest + 1} * {uniform})::BIGINT"
    if column.kind == "boolean":
        return f"{uniform} < 0.5"
    listed = ", ".join(f"'{value}'" for value in column.values)
    return f"[{listed}][1 + floor({len(column.values)} * {uniform})::INTEGER]"


if __name__ == "__main__":
    write_accounts(int(sys.argv[1]), Path(sys.argv[2]))
