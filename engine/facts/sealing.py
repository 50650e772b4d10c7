"""Closes a connection to everything outside it, once the sources are loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from engine.facts.sql import literal


def seal(connection: duckdb.DuckDBPyConnection, writable: Sequence[Path] = ()) -> None:
    """From here on SQL reads and writes files in the `writable` folders only.

    Neither can be undone in this database. Folders must be named before, because a sealed
    database takes no more settings; each is admitted with everything below it.
    """
    folders = ", ".join(literal(str(folder.resolve())) for folder in writable)
    connection.execute(f"SET allowed_directories = [{folders}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
