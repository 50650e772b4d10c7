"""What is unknown is found for every rule, however many there are, and counted once each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import duckdb
import pytest

from benchmarks.side_by_side.conditions import Both, Condition, Either, Rule, Test
from benchmarks.side_by_side.engines.kam_policy import plan_of
from engine.executors import columnar
from engine.executors.memory import load_tables
from engine.executors.protocol import Evaluation, FactTables
from engine.executors.reference import ReferenceExecutor
from engine.plan.sql.unknowns import BITS
from engine.plan.steps import Plan

RULES = 2 * BITS + 3
TABLES = FactTables(
    [
        {"account_no": 0, "account_id": "A", "complaints_90d": 3, "gross_margin": 0.2},
        {"account_no": 1, "account_id": "B", "complaints_90d": 3},
        {"account_no": 2, "account_id": "C", "gross_margin": 0.2, "industry": "food"},
        {"account_no": 3, "account_id": "D"},
    ]
)


def condition(number: int) -> Condition:
    """Four forms, unknown for different accounts."""
    count = Test("complaints_90d", "gte", (number % 5,))
    margin = Test("gross_margin", "gt", (0.1 * (number % 4),))
    return (count, margin, Both((count, margin)), Either((count, margin)))[number % 4]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of([Rule(f"r{number:03}", condition(number)) for number in range(RULES)])


@pytest.fixture(scope="module")
def expected(plan: Plan) -> Evaluation:
    return ReferenceExecutor().evaluate(plan, TABLES)


@pytest.fixture(scope="module")
def connection(plan: Plan) -> Iterator[duckdb.DuckDBPyConnection]:
    pipeline = columnar.compile_plan(plan)
    with duckdb.connect() as connection:
        load_tables(connection, plan, TABLES)
        columnar.measure(connection, pipeline)
        connection.execute(
            "CREATE VIEW effective_tiers AS SELECT *, tier AS candidate FROM candidates"
        )
        connection.execute("CREATE VIEW reviewed_tiers AS FROM effective_tiers")
        columnar.reach(connection, pipeline)
        columnar.decide(connection, pipeline)
        columnar.doubt(connection, pipeline)
        yield connection


def test_more_rules_than_bits_of_a_number_are_each_unknown_where_the_reference_says_so(
    plan: Plan, expected: Evaluation
) -> None:
    found = columnar.ColumnarExecutor().evaluate(plan, TABLES)
    assert len({one.rule for one in expected.unknowns}) > 2 * BITS
    assert found.unknowns == expected.unknowns
    assert found.hits == expected.hits


def test_unknowns_are_counted_by_account(
    connection: duckdb.DuckDBPyConnection, expected: Evaluation
) -> None:
    counted = Counter(one.account_no for one in expected.unknowns)
    rows = connection.execute("SELECT account_no, unknowns FROM unknowns ORDER BY 1").fetchall()
    assert rows == [(number, counted[number]) for number in range(4)]


def test_unknowns_are_counted_by_rule(
    connection: duckdb.DuckDBPyConnection, expected: Evaluation
) -> None:
    counted = Counter(one.rule for one in expected.unknowns)
    rows = connection.execute("SELECT rule_id, accounts FROM rule_unknowns ORDER BY 1").fetchall()
    assert rows == [(f"r{number:03}", counted[f"r{number:03}"]) for number in range(RULES)]


def test_unknown_warnings_are_named_by_account(
    connection: duckdb.DuckDBPyConnection, expected: Evaluation
) -> None:
    rows = connection.execute("SELECT rule_id, account_no FROM unknown_warnings").fetchall()
    assert sorted(rows) == [(one.rule, one.account_no) for one in expected.unknowns]


def test_nothing_is_copied_where_nothing_is_computed(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    copies = {"base", "facts", "candidates"}
    assert copies.isdisjoint(name for (name,) in tables)


def test_hits_are_found_without_asking_what_is_unknown(plan: Plan) -> None:
    pipeline = columnar.compile_plan(plan)
    assert not any("unknown" in step.name for step in (*pipeline.reach, *pipeline.decide))
    assert all("unknown" in step.name for step in pipeline.doubt)
