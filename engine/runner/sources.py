"""What a night reads of the sources, and the database that it reads them into."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from engine.audit.records import SourceRecord


@contextmanager
def open_database(store: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB in memory, spilling into the store's folder, never to the network."""
    config: dict[str, Any] = {"autoinstall_known_extensions": False}
    with duckdb.connect(config=config) as connection:
        spill = store / "spill"
        shutil.rmtree(spill, ignore_errors=True)  # of a run that died
        connection.execute("SET temp_directory = ?", [os.fspath(spill)])
        try:
            yield connection
        finally:
            connection.close()
            shutil.rmtree(spill, ignore_errors=True)


def bad_cells(connection: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    """The first bad cells of a source, as a guard that refuses the night shows them."""
    rows = connection.execute(
        'SELECT "row", "column", value, reason FROM quarantine WHERE source = ? '
        'ORDER BY "row", "column" LIMIT 5',
        [source],
    ).fetchall()
    return [f"row {row}: {column} {value!r} {reason}" for row, column, value, reason in rows]


def used_accounts(sources: Sequence[SourceRecord]) -> int:
    return next(one.rows_used for one in sources if one.name == "accounts")
