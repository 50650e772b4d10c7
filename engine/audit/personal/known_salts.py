"""The salts of the store where DuckDB makes and checks tokens with them."""

from __future__ import annotations

import sqlite3

import duckdb

from engine.audit.personal.salts import Salts, all_salts
from engine.plan.sql.sealing import SALTS


def load_salts(connection: sqlite3.Connection, database: duckdb.DuckDBPyConnection) -> None:
    """Every salt of the store → ``known_salts(account_id, salt)``."""
    database.execute("CREATE OR REPLACE TEMP TABLE known_salts (account_id VARCHAR, salt VARCHAR)")
    for salts in all_salts(connection):
        add_salts(database, salts)


def add_salts(database: duckdb.DuckDBPyConnection, salts: Salts) -> None:
    """More rows of ``known_salts``."""
    database.execute(
        "INSERT INTO known_salts SELECT unnest(from_json($accounts, '[\"VARCHAR\"]')), "
        "unnest(from_json($salts, '[\"VARCHAR\"]'))",
        {"accounts": salts.accounts, "salts": salts.salts},
    )


def salt_accounts(database: duckdb.DuckDBPyConnection) -> None:
    """``accounts`` and ``known_salts`` → ``account_salts(account_no, salt)``."""
    database.execute(
        f"CREATE TABLE {SALTS} AS SELECT account_no, salt FROM accounts "  # noqa: S608
        "JOIN known_salts USING (account_id)"
    )
    database.execute("DROP TABLE known_salts")
