"""The relations of a night as files of its run, and as rows for the store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb


def write_parquet(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """All files in a fixed order of rows, so that equal nights are equal bytes."""
    for name, order in (
        ("facts", "account_no"),
        ("decisions", "pack, scope, account_no NULLS LAST, account_id"),
        ("obligations", "pack, account_no NULLS LAST, account_id, rule_id, part"),
    ):
        relation = connection.table(name)
        if name == "obligations":
            relation = relation.project("* EXCLUDE (asks)")
        if not (name == "facts" and _is_in_order(connection)):
            relation = relation.order(order)
        relation.write_parquet(os.fspath(folder / f"{name}.parquet"), compression="zstd")


def _is_in_order(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether ``facts`` stands in order of its numbers already: to sort so wide a table costs a
    third of what writing it does."""
    query = "SELECT coalesce(bool_and(rowid = account_no), true) FROM facts"
    ((in_order,),) = connection.execute(query).fetchall()
    return bool(in_order)


def rows_of(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[tuple[Any, ...]]:
    cursor = connection.cursor().execute(f"SELECT * FROM {table}")  # noqa: S608
    while batch := cursor.fetchmany(50_000):
        yield from batch


def scopes_of(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """{pack: {scope: {entity: {measure: value}}}} of what lies beyond the account."""
    found: dict[str, Any] = {}
    query = "SELECT pack, scope, entity_id, measure, value FROM scope_facts ORDER BY ALL"
    for pack, scope, entity, measure, value in connection.execute(query).fetchall():
        entities = found.setdefault(pack, {}).setdefault(scope, {})
        entities.setdefault(entity, {})[measure] = value
    return found
