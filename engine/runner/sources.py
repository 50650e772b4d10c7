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
from engine.facts.catalog import RECORD_ID, Catalog
from engine.plan.obligations import ASSIGNMENT_COLUMNS
from engine.plan.steps import Plan


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


def wanted_columns(plan: Plan, catalog: Catalog) -> dict[str, set[str]]:
    """The mapped columns that the plan reads, and what resolving owners needs."""
    wanted = {"accounts": {one.name for one in plan.accounts if one.available}}
    for record in plan.records:
        if record.available:
            wanted[record.name] = {one.name for one in record.columns if one.available}
            if record.time is not None:
                wanted[record.name].add(record.time)
    for name in plan.named_records:
        wanted[name].add(RECORD_ID)
    if has_owners(catalog):
        wanted.setdefault("assignments", set()).update(ASSIGNMENT_COLUMNS)
    return wanted


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


def has_owners(catalog: Catalog) -> bool:
    table = catalog.records.get("assignments")
    return table is not None and set(ASSIGNMENT_COLUMNS) <= set(table.columns)
