"""What marks a database as a store of kam's, and by which steps it has been made.

The steps themselves are in `engine.audit.schema.migrations`. Whoever opens a store that has been
through all of them, as nearly every command does, does not need them or the library that applies
them.
"""

from __future__ import annotations

import sqlite3

APPLICATION_ID = 0x6B616D32
"""``kam2``: in the header of every store, so that no other database is taken for one."""

OUTDATED_ID = 0x6B616D31
"""``kam1``: a store of version 0.1, whose runs hold too little to go on from."""

MIGRATION_SET = "kam"
STEPS = (
    *("m001_store", "m002_evidence", "m003_outbox", "m004_privacy", "m005_checkpoints"),
    *("m006_proposals", "m007_events", "m008_roles"),
)
"""The names of the migrations, in their order; a test compares them."""

_TABLE = "_sqlite_migrations"


def applied_steps(connection: sqlite3.Connection) -> set[str]:
    """The steps that a store has been through, also those that this version does not know."""
    tables = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    if connection.execute(tables, (_TABLE,)).fetchone() is None:
        return set()
    query = f"SELECT name FROM {_TABLE} WHERE migration_set = ?"  # noqa: S608
    return {name for (name,) in connection.execute(query, (MIGRATION_SET,))}
