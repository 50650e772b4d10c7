"""Both forms of every operator say the same, at the boundary and on either side."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from engine.language.operators import ALL_TYPES, OPERATORS, Operator
from engine.model import NUMERIC_TYPES

D = Decimal

CASES: list[tuple[str, Any, tuple[Any, ...], bool]] = [
    ("eq", D("0.20"), (D("0.2"),), True),
    ("eq", 0.2, (D("0.2"),), True),
    ("eq", D("0.2"), (0.2,), True),
    ("eq", 3, (D("3.00"),), True),
    ("eq", "核心", ("核心",), True),
    ("eq", True, (True,), True),
    ("eq", True, (False,), False),
    ("ne", "a", ("b",), True),
    ("ne", "a", ("a",), False),
    ("gt", D("0.20"), (D("0.2"),), False),
    ("gt", D("0.200001"), (D("0.2"),), True),
    ("gte", D("0.2"), (D("0.2"),), True),
    ("gte", D("0.199999"), (D("0.2"),), False),
    ("lt", 2, (3,), True),
    ("lt", 3, (3,), False),
    ("lte", 3, (3,), True),
    ("lte", 4, (3,), False),
    ("lte", date(2026, 1, 1), (date(2026, 1, 1),), True),
    ("gt", date(2026, 1, 2), (date(2026, 1, 1),), True),
    ("between", D("0.08"), (D("0.08"), D("0.15")), True),
    ("between", D("0.15"), (D("0.08"), D("0.15")), True),
    ("between", D("0.150001"), (D("0.08"), D("0.15")), False),
    ("between", 0.079999, (D("0.08"), D("0.15")), False),
    ("in", "a", ("a", "b"), True),
    ("in", "c", ("a", "b"), False),
    ("in", D("2.0"), (1, 2), True),
    ("not_in", "c", ("a", "b"), True),
    ("not_in", "a", ("a", "b"), False),
    ("missing", 5, (), False),
    ("present", 5, (), True),
    ("top", D(5), (D(5),), False),
    ("top", D(6), (D(5),), True),
    ("bottom", D(5), (D(5),), False),
    ("bottom", D(4), (D(5),), True),
]


def sql_of(value: Any) -> exp.Expr:
    kinds = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", str: "VARCHAR", date: "DATE"}
    kind = "DECIMAL(18,6)" if isinstance(value, Decimal) else kinds[type(value)]
    return exp.cast(exp.Literal.string(str(value)), kind, dialect="duckdb")


def in_duckdb(operator: Operator, value: Any, operands: tuple[Any, ...]) -> Any:
    condition = operator.sql(sql_of(value), [sql_of(operand) for operand in operands])
    with duckdb.connect() as connection:
        row = connection.execute("SELECT " + condition.sql("duckdb")).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(("name", "value", "operands", "expected"), CASES)
def test_operator_says_the_same_in_python_and_in_sql(
    name: str, value: Any, operands: tuple[Any, ...], expected: bool
) -> None:
    operator = OPERATORS[name]
    assert operator.python(value, operands) is expected
    assert in_duckdb(operator, value, operands) is expected


def test_every_operator_has_a_case() -> None:
    assert {name for name, *_ in CASES} == set(OPERATORS)


def test_datetime_is_compared_with_a_date_by_its_day() -> None:
    late = datetime(2026, 6, 30, 23, 59)
    assert OPERATORS["lte"].python(late, (date(2026, 6, 30),)) is True
    assert OPERATORS["gt"].python(late, (date(2026, 6, 30),)) is False
    assert OPERATORS["lt"].python(date(2026, 6, 30), (late,)) is False


def test_missing_value_is_unknown_in_sql_except_where_the_operator_asks_for_it() -> None:
    null = exp.cast(exp.Null(), "BIGINT", dialect="duckdb")
    for operator in OPERATORS.values():
        operands = [exp.Literal.number(1)] * operator.operands[0]
        condition = operator.sql(null, operands)
        with duckdb.connect() as connection:
            row = connection.execute("SELECT " + condition.sql("duckdb")).fetchone()
        expected = {"missing": True, "present": False}.get(operator.name)
        assert row == (expected,), operator.name
        if operator.handles_missing:
            assert operator.python(None, ()) is expected


def test_operators_accept_the_types_that_they_can_order() -> None:
    assert "enum" not in OPERATORS["gt"].accepts
    assert "ordinal" in OPERATORS["gt"].accepts
    assert OPERATORS["eq"].accepts == ALL_TYPES
    assert OPERATORS["top"].accepts == NUMERIC_TYPES


def test_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        OPERATORS["eq"] = OPERATORS["ne"]  # type: ignore[index]


def test_negations_are_bracketed_where_sql_needs_it() -> None:
    condition = OPERATORS["not_in"].sql(exp.column("a"), [exp.Literal.string("x")])
    both = exp.and_(condition, OPERATORS["present"].sql(exp.column("a"), []))
    assert both.sql("duckdb") == "NOT a IN ('x') AND NOT a IS NULL"
