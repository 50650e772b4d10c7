"""Parquet files: native types, without a detour through text."""

# ruff: noqa: S608 - engine.facts.sql quotes every name and text that people wrote

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from engine.errors import Problem
from engine.facts.catalog import SourceTable
from engine.facts.cells import Physical, RawCell
from engine.facts.places import unreadable
from engine.facts.scan import Lines
from engine.facts.sources.base import Relation, check_header
from engine.facts.sql import file_literal, identifier
from engine.model import NUMERIC_TYPES, Column

INTEGERS = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
     "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}
)  # fmt: skip
DAYS = frozenset({"DATE"})
MOMENTS = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
ZONED = frozenset({"TIMESTAMP WITH TIME ZONE", "TIMESTAMP_NS WITH TIME ZONE"})
TEXTS = frozenset({"VARCHAR", "UUID"})
NOTHING = frozenset({"NULL", '"NULL"'})
"""A column without any value, of which the writer could not tell the type."""


ROW_NUMBER = "file_row_number"
"""The column, counted from 0, that DuckDB offers beside those of the file."""

HIDDEN = "kam file_row_number"


class ParquetFile:
    """One Parquet file."""

    reads_lines = False

    def __init__(self, table: SourceTable, path: Path, folder: Path) -> None:
        self.table = table
        self.path = path
        self.types: dict[str, str] = {}
        self.count = 0

    def check(self, connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
        file = file_literal(str(self.path))
        try:
            statement = f"DESCRIBE SELECT * FROM read_parquet({file})"
            described = connection.execute(statement).fetchall()
            counted = connection.execute(f"SELECT num_rows FROM parquet_file_metadata({file})")
            self.count = sum(number for (number,) in counted.fetchall())
        except duckdb.Error:
            yield from unreadable(self.table.source, "is not a Parquet file").problems
            return
        self.types = {str(name): str(kind) for name, kind, *_ in described}
        yield from check_header(self.table, list(self.types))
        for one in self.table.mapped():
            kind = self.types.get(one.source_name)
            if kind is not None and not _is_scalar(kind):
                yield Problem(
                    "nested-source-column",
                    f"{one.source_name!r} in {self.table.source.path!r} holds {kind[:60]},"
                    f" which is no plain value",
                    one.column.location,
                    "write a column of plain values",
                )

    def fast(self, connection: duckdb.DuckDBPyConnection) -> Relation:
        cells = {
            one.source_name: _cell(one.source_name, self.types[one.source_name], one.column)
            for one in self.table.mapped()
        }
        rows = f"read_parquet({file_literal(str(self.path))})"
        if ROW_NUMBER in (name.lower() for name in self.types):  # which hides DuckDB's own
            rows = f"(SELECT *, row_number() OVER () - 1 AS {identifier(HIDDEN)} FROM {rows})"
            return Relation(rows, cells, f"{identifier(HIDDEN)} + 1")
        return Relation(rows, cells, f"{ROW_NUMBER} + 1")

    def exact(
        self, connection: duckdb.DuckDBPyConnection, lines: Lines | None, broken: bool
    ) -> Relation:
        raise unreadable(self.table.source, "is damaged", "write the file again")

    def rows(self, lines: Lines | None) -> int:
        return self.count

    def close(self) -> None:
        pass


def _is_scalar(kind: str) -> bool:
    return (
        kind in INTEGERS | DAYS | MOMENTS | ZONED | TEXTS | NOTHING
        or kind in ("FLOAT", "DOUBLE", "BOOLEAN")
        or kind.startswith(("DECIMAL(", "ENUM("))
    )


def _cell(name: str, kind: str, column: Column) -> RawCell:
    """The native value where it means what the column means; else as text."""
    native = identifier(name)
    if kind == "DOUBLE":
        return RawCell(None, "text", native)
    if kind == "FLOAT":  # by way of its digits, or 1.1 would become 1.10000002384
        return RawCell(None, "text", f"CAST(CAST({native} AS VARCHAR) AS DOUBLE)")
    physical = _physical(kind, column)
    if physical is not None:
        return RawCell(native, physical)
    return RawCell(native if kind == "VARCHAR" else f"CAST({native} AS VARCHAR)")


def _physical(kind: str, column: Column) -> Physical | None:
    numeric = column.type in NUMERIC_TYPES
    if numeric and kind in INTEGERS:
        return "integer"
    if numeric and kind.startswith("DECIMAL("):
        return "decimal"
    if column.type == "boolean" and kind == "BOOLEAN":
        return "boolean"
    if column.type in ("date", "datetime"):
        if kind in DAYS:
            return "date"
        if kind in MOMENTS:
            return "datetime"
        if kind in ZONED:
            return "zoned"
    return None
