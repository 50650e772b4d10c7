"""A connection to kam.db through which nothing can be changed.

Stands apart from `engine.audit.opening`, because a process that only hashes lines is started in
a moment with this and the standard library.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

BUSY_SECONDS = 30.0
"""How long a connection waits for another one that holds the database."""


def connect_read_only(file: Path) -> sqlite3.Connection:
    """Raises `sqlite3.Error` where it cannot be read."""
    uri = file.absolute().as_uri()
    try:
        connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=BUSY_SECONDS)
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        return connection
    except sqlite3.OperationalError:
        # On read-only media SQLite cannot create its shared-memory file. A database with
        # nothing in its write-ahead log is complete, and nobody can change it there.
        log = file.with_name(f"{file.name}-wal")
        if log.exists() and log.stat().st_size:
            raise
    return sqlite3.connect(f"{uri}?immutable=1", uri=True)
