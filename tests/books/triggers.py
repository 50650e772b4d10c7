"""kam.db in the hands of somebody who takes its triggers away, and puts them back: a store without
them would be known by that."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_triggers(connection: sqlite3.Connection) -> Iterator[None]:
    """Within the block nothing of kam.db refuses a change, not even that a table goes."""
    rows = connection.execute(
        "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
    )
    triggers = rows.fetchall()
    for name, _, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    yield
    tables = {
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    for _, table, sql in triggers:
        if table in tables:
            connection.execute(sql)
