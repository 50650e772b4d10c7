"""The tables beside the log that say how its lines are to be read, under the checkpoints too.

A line names a rule, a value, a class of readers by number or name; what these are called, which
text an action has and who may read what stands in tables of their own. The entry of a night holds
a hash of each of them, so that none of it can be changed either.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class SideTable:
    """A table of which no row changes. `number` is the column by which a night knows its rows:
    those of the night itself where `of_run`, else all that there are so far."""

    name: str
    number: str
    key: str
    columns: str
    of_run: bool = False

    @property
    def query(self) -> str:
        comparison = "=" if self.of_run else "<="
        return (
            f"SELECT {self.columns} FROM {self.name} "  # noqa: S608
            f"WHERE {self.number} {comparison} ? ORDER BY {self.key}"
        )

    @property
    def last(self) -> str:
        return f"SELECT coalesce(max({self.number}), 0) FROM {self.name}"  # noqa: S608


SIDE_TABLES: tuple[SideTable, ...] = (
    SideTable(
        "policy_versions",
        "policy_no",
        "policy_no",
        "policy_no, policy_hash, pack, version, title_zh, title_en, document, effective_from, "
        "effective_to",
    ),
    SideTable(
        "policy_columns",
        "policy_no",
        "policy_no, name",
        "policy_no, name, fact_column, type, title_zh, title_en",
    ),
    SideTable(
        "policy_roles", "policy_no", "policy_no, role", "policy_no, role, title_zh, title_en"
    ),
    SideTable(
        "rules",
        "rule_no",
        "rule_no",
        "rule_no, policy_no, kind, rule_id, title_zh, title_en, file, line, thresholds, template, "
        "layer",
    ),
    SideTable(
        "policy_approvals",
        "approval_no",
        "approval_no",
        "approval_no, plan_id, policy_hash, result_hash, role, said_by, said_at, note",
    ),
    SideTable(
        "column_classes",
        "run_no",
        "policy_no, name",
        "policy_no, name, class",
        of_run=True,
    ),
    SideTable(
        "settled_events",
        "run_no",
        "event_no, column_name",
        "event_no, column_name",
        of_run=True,
    ),
)
"""Columns by name: one that a later version adds is no part of what was hashed."""


@dataclass(frozen=True)
class Seen:
    """What a night found in a table: how many rows up to the number `last`, and their hash."""

    last: int
    rows: int
    sha256: str

    def document(self) -> dict[str, object]:
        """As the entry says it."""
        return {"last": self.last, "rows": self.rows, "sha256": self.sha256}


def side_tables_of(connection: sqlite3.Connection, run_no: int) -> dict[str, dict[str, object]]:
    """Table → what a night that is written says of it in its entry."""
    found = {}
    for table in SIDE_TABLES:
        last = run_no if table.of_run else int(connection.execute(table.last).fetchone()[0])
        found[table.name] = seen_in(connection, table, last).document()
    return found


def seen_in(connection: sqlite3.Connection, table: SideTable, last: int) -> Seen:
    """The rows of a table up to a number, or those of that run.

    The hash is SHA-256 over the rows in the order of their keys, each a JSON array of its columns
    in UTF-8 and a line end.
    """
    digest, rows = hashlib.sha256(), 0
    for line in _lines(connection, table, last):
        digest.update(line)
        rows += 1
    return Seen(last, rows, digest.hexdigest())


def _lines(connection: sqlite3.Connection, table: SideTable, last: int) -> Iterator[bytes]:
    for row in connection.execute(table.query, (last,)):
        text = json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_damaged)
        yield text.encode("utf-8", "surrogatepass") + b"\n"


def _damaged(value: object) -> object:
    """What no column of these tables holds: somebody has put it there."""
    return {"bytes": value.hex()} if isinstance(value, bytes) else repr(value)


def said_of(entry: Mapping[str, object]) -> Mapping[str, Mapping[str, object]]:
    """Table → what an entry says of it; nothing where an earlier version wrote it, or an event."""
    tables = entry.get("tables")
    return tables if isinstance(tables, dict) else {}
