"""Writes the Parquet files of a run. Imports no DuckDB: who only reads a store needs none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from engine.facts.sql import literal

if TYPE_CHECKING:
    import duckdb


def write_parquet(
    connection: duckdb.DuckDBPyConnection, rows: str, file: Path, row_group: int | None = None
) -> None:
    """The result of the SELECT `rows` as a file, with so many rows in each of its groups.

    One statement: DuckDB's relations in Python would plan each step on the way to it once more.
    """
    size = "" if row_group is None else f", ROW_GROUP_SIZE {row_group}"
    to = literal(os.fspath(file))
    connection.execute(f"COPY ({rows}) TO {to} (FORMAT parquet, COMPRESSION zstd{size})")
