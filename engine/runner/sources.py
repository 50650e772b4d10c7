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
from engine.errors import problem
from engine.facts.quarantine import OF_BAD_ACCOUNT

MEMORY_VARIABLE = "KAM_MEMORY"
"""How much DuckDB may hold before it spills to the disk: 16GB, 500MB."""

USUAL_MEMORY = 5_000_000_000
"""Bytes: enough for a million accounts, and little enough to leave the machine to others."""

SHARE_OF_MACHINE = 0.6


def memory_limit() -> str:
    """What the environment says, else the usual, but no more than a part of the machine's."""
    said = os.environ.get(MEMORY_VARIABLE)
    if said:
        return said
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{min(USUAL_MEMORY, int(SHARE_OF_MACHINE * machine))} B"


@contextmanager
def open_database(store: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB in memory, spilling into the store's folder, never to the network.

    Raises `KamError` ``memory-limit-unclear`` for a limit that is none.
    """
    config: dict[str, Any] = {"autoinstall_known_extensions": False}
    with duckdb.connect(config=config) as connection:
        spill = store / "spill"
        shutil.rmtree(spill, ignore_errors=True)  # of a run that died
        _limit_memory(connection)
        connection.execute("SET temp_directory = ?", [os.fspath(spill)])
        try:
            yield connection
        finally:
            connection.close()
            shutil.rmtree(spill, ignore_errors=True)


def _limit_memory(connection: duckdb.DuckDBPyConnection) -> None:
    limit = memory_limit()
    try:
        connection.execute("SET memory_limit = ?", [limit])
    except duckdb.Error as error:
        raise problem(
            "memory-limit-unclear",
            f"{MEMORY_VARIABLE} is '{limit}', which is no amount of memory",
            hint="write 4GB, or 500MB",
        ) from error


def bad_cells(connection: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    """The first bad cells of a source, as a guard that refuses the night shows them."""
    rows = connection.execute(
        'SELECT "row", "column", value, reason FROM quarantine WHERE source = ? '
        'ORDER BY "row", "column" LIMIT 5',
        [source],
    ).fetchall()
    return [f"row {row}: {column} {value!r} {reason}" for row, column, value, reason in rows]


def faulty_rows(connection: duckdb.DuckDBPyConnection, source: str) -> int:
    """How many rows of a source cannot be used for what stands in them, and not in the row of
    their account."""
    query = 'SELECT count(DISTINCT "row") FROM quarantine WHERE source = ? AND reason <> ?'
    return int(connection.execute(query, [source, OF_BAD_ACCOUNT]).fetchall()[0][0])


def used_accounts(sources: Sequence[SourceRecord]) -> int:
    return next(one.rows_used for one in sources if one.name == "accounts")
