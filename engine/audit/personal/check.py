"""Whether personal.parquet of a run holds the values that were sealed: each by its token.

The file is not among those that the manifest hashes, because it shrinks when somebody is
forgotten. What is left in it must still be what the tokens in facts.parquet commit to.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import duckdb

from engine.audit.personal.files import KEYS, PERSONAL_FILE
from engine.audit.personal.known_salts import load_salts
from engine.plan.sql import values
from engine.plan.sql.sealing import token_of

NAMED_AT_MOST = 5


def misfits(
    connection: sqlite3.Connection, files: duckdb.DuckDBPyConnection, folder: Path
) -> list[tuple[str, str]]:
    """(account, column) of values that are not those which the run sealed; at most five.

    A value whose account has no salt any more cannot have been left by a forgetting, and is one
    of them too. Nothing, if the run has no such file.
    """
    file = folder / PERSONAL_FILE
    if not file.exists():
        return []
    load_salts(connection, files)
    personal = files.read_parquet(os.fspath(file))
    found: list[tuple[str, str]] = []
    for column in personal.columns:
        if column not in KEYS:
            paths = {"personal": os.fspath(file), "facts": os.fspath(folder / "facts.parquet")}
            rows = files.execute(_query(column), paths).fetchall()
            found += [(account, column) for (account,) in rows]
    return sorted(found)[:NAMED_AT_MOST]


def _query(column: str) -> str:
    name = values.column(column).sql(dialect="duckdb")
    token = token_of(
        column, values.column("salt", "known_salts"), values.column(column, "personal")
    ).sql(dialect="duckdb")
    return (
        f"SELECT personal.account_id FROM read_parquet($personal) AS personal "  # noqa: S608
        "LEFT JOIN read_parquet($facts) AS facts USING (account_id) "
        "LEFT JOIN known_salts USING (account_id) "
        f"WHERE personal.{name} IS NOT NULL AND facts.{name}::VARCHAR IS DISTINCT FROM {token} "
        f"ORDER BY personal.account_id LIMIT {NAMED_AT_MOST}"
    )
