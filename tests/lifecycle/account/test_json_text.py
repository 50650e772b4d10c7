"""Evidence is written as the night's database writes it, to the character."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.lifecycle.account import json_text

CONNECTION = duckdb.connect(config={"threads": 1})


def written(sql_type: str, value: object) -> str:
    """The value in an object as DuckDB writes it."""
    query = f"SELECT json_object('v', CAST($1 AS {sql_type}))::VARCHAR"
    ((text,),) = CONNECTION.execute(query, [value]).fetchall()
    assert isinstance(text, str)
    return text.removeprefix('{"v":').removesuffix("}")


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(1e-6)
@example(9.999999e-7)
@example(1e16)
@example(999999999999999868928.0)  # just below 1e21
@example(1e21)
@example(-0.0)
@example(5e-324)
def test_double_is_written_as_the_database_writes_it(value: float) -> None:
    assert json_text.double(value) == written("DOUBLE", value)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
@example('"\\/\b\f\n\r\t\x01\x0b\x1f\x7f\u2028客户')
def test_text_is_written_as_the_database_writes_it(value: str) -> None:
    assert json_text.text(value) == written("VARCHAR", value)


@given(st.decimals(-(10**12), 10**12, places=2))
@example(Decimal("0.00"))
@example(Decimal("-0.05"))
def test_money_is_written_as_the_database_writes_it(value: Decimal) -> None:
    shown = value + 0  # the database knows no negative zero
    assert json_text.money(2)(shown) == written("DECIMAL(18, 2)", shown)


@given(st.datetimes(min_value=datetime(1000, 1, 1)))
@example(datetime(2026, 6, 30))
@example(datetime(2026, 6, 30, 9, 0, 0, 120_000))
def test_moment_is_written_as_the_database_writes_it(value: datetime) -> None:
    assert json_text.moment(value) == written("TIMESTAMP", value)
    assert json_text.day(value) == json_text.day(value.date())


@pytest.mark.parametrize(
    ("value", "kind", "sql_type"),
    [
        (True, "boolean", "BOOLEAN"),
        (False, "boolean", "BOOLEAN"),
        (-(2**63), "integer", "BIGINT"),
        (365, "days", "BIGINT"),
        (date(2026, 6, 30), "date", "DATE"),
        ("strategic", "ordinal", "VARCHAR"),
        (0.07, "ratio", "DOUBLE"),
        (Decimal("7.1000"), "money", "DECIMAL(18, 4)"),
    ],
)
def test_each_type_has_its_writer(value: object, kind: str, sql_type: str) -> None:
    writer = json_text.writer_of(kind, 4)  # type: ignore[arg-type]
    assert writer(value) == written(sql_type, value)  # type: ignore[arg-type]
