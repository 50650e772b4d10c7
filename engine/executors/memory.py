"""Facts in memory → the typed relations that a columnar executor reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb
from sqlglot import exp

from engine.executors.protocol import FactTables, Row
from engine.facts.catalog import RECORD_ID
from engine.plan.columns import sql_type
from engine.plan.sql import values
from engine.plan.steps import FactColumn, Plan, RecordStep

ColumnTypes = dict[str, str]
"""Column → SQL type, in order."""


def load_tables(connection: duckdb.DuckDBPyConnection, plan: Plan, tables: FactTables) -> None:
    """Create ``accounts`` and one ``record_<name>`` per mapped record table of `plan`.

    They hold what the facts stage would have loaded: the mapped columns, with their types.
    """
    identity = {"account_no": "INTEGER", "account_id": "VARCHAR"}
    _create(connection, "accounts", identity | _types(plan, plan.accounts), tables.accounts)
    for record in plan.records:
        if record.available:
            rows = tables.records.get(record.name, ())
            types = _record_types(plan, record, rows)
            if record.name in plan.named_records:
                types[RECORD_ID] = "VARCHAR"
            _create(connection, f"record_{record.name}", types, rows)


def _types(plan: Plan, columns: Sequence[FactColumn]) -> ColumnTypes:
    return {
        column.name: sql_type(column.type, plan.precision) for column in columns if column.available
    }


def _record_types(plan: Plan, record: RecordStep, rows: Sequence[Row]) -> ColumnTypes:
    types = {"account_no": "INTEGER", **_types(plan, record.columns)}
    if record.time is not None and record.time not in types:
        dated = [row[record.time] for row in rows if row.get(record.time) is not None]
        moment = any(isinstance(value, datetime) for value in dated)
        types[record.time] = "TIMESTAMP" if moment else "DATE"
    return types


def _create(
    connection: duckdb.DuckDBPyConnection, name: str, types: ColumnTypes, rows: Sequence[Row]
) -> None:
    columns = [
        exp.ColumnDef(
            this=exp.to_identifier(column, quoted=True), kind=exp.DataType.build(sql_type, "duckdb")
        )
        for column, sql_type in types.items()
    ]
    schema = exp.Schema(this=values.table(name), expressions=columns)
    connection.execute(exp.Create(this=schema, kind="TABLE").sql("duckdb"))
    if rows:
        places = exp.Tuple(expressions=[exp.Placeholder() for _ in types])
        insert = exp.insert(exp.Values(expressions=[places]), values.table(name))
        listed = [[row.get(column) for column in types] for row in rows]
        connection.executemany(insert.sql("duckdb"), listed)
