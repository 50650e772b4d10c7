"""personal.parquet of each run: how many values it holds, and how somebody is taken out of it.

A file is replaced and never changed in place: whoever dies in between leaves the old one or the
new one, and taking somebody out twice is as good as once.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from engine.audit.durable import sync
from engine.audit.failures import store_errors
from engine.facts.sql import identifier

if TYPE_CHECKING:
    import duckdb

PERSONAL_FILE = "personal.parquet"
KEYS = ("account_no", "account_id")
_PART = f".{PERSONAL_FILE}.part"


def values_of(connection: duckdb.DuckDBPyConnection, folder: Path, account: str | None) -> int:
    """How many values the file of a run holds, of one account or of all; 0 without a file."""
    file = folder / PERSONAL_FILE
    if not file.exists():
        return 0
    relation = connection.read_parquet(os.fspath(file))
    columns = [name for name in relation.columns if name not in KEYS]
    if account is not None:
        relation = relation.filter(_is(account))
    counts = relation.aggregate(", ".join(f"count({identifier(name)})" for name in columns))
    return sum(counts.fetchall()[0])


def remove_account(connection: duckdb.DuckDBPyConnection, folder: Path, account: str) -> None:
    """Writes the file of a run anew without an account; without a file if nobody is left."""
    file, part = folder / PERSONAL_FILE, folder / _PART
    if not file.exists() or not values_of(connection, folder, account):
        return
    relation = connection.read_parquet(os.fspath(file)).filter(~_is(account))
    with store_errors(folder):
        if relation.limit(1).fetchall():
            relation.write_parquet(os.fspath(part), compression="zstd")
            sync(part)
            part.replace(file)
        else:
            file.unlink()
        sync(folder)


def remove_part(folder: Path) -> None:
    """Removes what a rewriting that died has left beside the file of a run."""
    with store_errors(folder):
        (folder / _PART).unlink(missing_ok=True)


def _is(account: str) -> duckdb.Expression:
    import duckdb

    return duckdb.ColumnExpression("account_id") == duckdb.ConstantExpression(account)
