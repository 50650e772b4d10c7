"""Whether kam.db has the tables, indexes, triggers and views that kam makes, and no others.

A trigger can rewrite every line before it is signed, and a view can leave lines out: rows alone
do not show it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from engine.audit.schema.migrations import made_anew
from engine.verification.findings import Findings

_OBJECTS = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
_MIGRATIONS = "_sqlite_migrations"
"""Of sqlite-utils, whose versions write it in different ways."""
_STATISTICS = frozenset({"sqlite_stat1", "sqlite_stat4"})
"""What ANALYZE leaves."""

Object = tuple[str, str]


def check_schema(connection: sqlite3.Connection, findings: Findings) -> None:
    """Compares the schema with that of a store which is made anew."""
    with closing(made_anew()) as fresh:
        wanted = _objects(fresh)
    there = _objects(connection)
    for one in sorted(wanted.keys() | there.keys()):
        kind, name = one
        if one not in there:
            findings.add("schema-missing", None, f"kam.db lacks the {kind} {name}")
        elif one not in wanted:
            message = f"kam.db has a {kind} {name} on {there[one][1]}, which is not one of kam"
            findings.add("schema-inserted", None, message)
        elif there[one] != wanted[one]:
            message = f"the {kind} {name} of kam.db is not the one that kam makes"
            findings.add("schema-altered", None, message)


def _objects(connection: sqlite3.Connection) -> dict[Object, tuple[str | None, str]]:
    """(type, name) → its SQL and its table."""
    return {
        (kind, name): (sql, table)
        for kind, name, table, sql in connection.execute(_OBJECTS)
        if not (kind == "table" and name in _STATISTICS)
        and not (kind in ("table", "index") and table == _MIGRATIONS)
    }
