"""The triggers and views that a store has, and no others: what acts on rows, or stands for them.

A foreign trigger would rewrite lines before they are signed, and another view shows what it
likes. They are taken from the statements that make a store, without making one: whoever opens
kam.db for writing compares them, and that must cost next to nothing.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from functools import cache

from engine.audit.schema import (
    checkpoints,
    events,
    evidence_files,
    log,
    outbox,
    privacy,
    proposals,
    roles,
)

Named = tuple[str, str]
"""(type, name) as in ``sqlite_master``, such as ``("trigger", "runs_no_update")``."""

_MODULES = (log, evidence_files, outbox, privacy, checkpoints, proposals, events, roles)
_NAME = re.compile(r"CREATE (TRIGGER|VIEW) (\w+)")


def append_only_triggers(table: str) -> tuple[str, ...]:
    """The statements by which rows of a table can never be rewritten."""
    return tuple(
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for event in ("UPDATE", "DELETE")
    )


@cache
def known_triggers_and_views() -> Mapping[Named, str]:
    """Every trigger and view of a store, with its SQL as SQLite keeps it."""
    found = {}
    for statement in _statements():
        name = _NAME.match(statement.strip())
        if name is not None:
            found[name[1].lower(), name[2]] = statement.strip()
    return found


def altered_triggers_and_views(connection: sqlite3.Connection) -> Iterator[tuple[Named, str]]:
    """Triggers and views that a store lacks, has otherwise, or should not have, each with that
    word: ``missing``, ``altered`` or ``foreign``."""
    known = known_triggers_and_views()
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"
    )
    there = {(kind, name): sql for kind, name, sql in rows}
    for one in sorted(known.keys() | there.keys()):
        if one not in there:
            yield one, "missing"
        elif one not in known:
            yield one, "foreign"
        elif there[one] != known[one]:
            yield one, "altered"


def _statements() -> Iterator[str]:
    yield from (log.LOG_VIEW, log.ACTION_VIEW)
    for module in _MODULES:
        yield from module.TABLES
        for table in module.APPEND_ONLY:
            yield from append_only_triggers(table)
