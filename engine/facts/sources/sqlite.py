"""A table or view of an SQLite database, read only."""

# ruff: noqa: S608 - engine.facts.sql quotes every name and text that people wrote

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from engine.errors import KamError, Problem
from engine.facts.catalog import SourceTable
from engine.facts.places import unreadable
from engine.facts.scan import Lines
from engine.facts.sources.base import Relation, check_header
from engine.facts.sources.native import to_cell
from engine.facts.sources.staging import StagedRows
from engine.facts.sql import identifier
from engine.nearest import did_you_mean

BATCH = 10_000

ROW_IDS = ("rowid", "_rowid_", "oid")


class SqliteTable:
    """Opened immutable: the file is read as it is, and nothing beside it is made or locked.

    Changes that another program has written to its journal but not into the file would be
    missed that way, so a database with a journal is refused.
    """

    reads_lines = False

    def __init__(self, table: SourceTable, path: Path, folder: Path) -> None:
        self.table = table
        self.path = path
        self.name = table.source.table or ""
        self.staged = StagedRows(
            folder / f"{table.name}.staged.csv", [one.source_name for one in table.mapped()]
        )

    def check(self, connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
        for ending in ("-wal", "-journal"):
            journal = self.path.with_name(self.path.name + ending)
            if journal.exists() and journal.stat().st_size:
                yield from unreadable(
                    self.table.source,
                    f"has changes in {journal.name} that are not yet in the file",
                    "close the program that writes it, or give kam a copy (VACUUM INTO)",
                ).problems
                return
        try:
            with self._connect() as database:
                tables = _tables(database)
                if self.name in tables:
                    yield from check_header(self.table, _columns(database, self.name))
                    return
        except sqlite3.DatabaseError as error:
            yield from self._unreadable(error).problems
            return
        yield Problem(
            "missing-table",
            f"{self.table.source.path!r} has no table {self.name!r}",
            self.table.source.location,
            did_you_mean(self.name, tables, f"it has {', '.join(tables) or 'none'}"),
        )

    def fast(self, connection: duckdb.DuckDBPyConnection) -> Relation:
        try:
            with self._connect() as database, self.staged:
                for number, row in self._rows(database):
                    self.staged.add(number, [to_cell(value) for value in row])
        except sqlite3.DatabaseError as error:
            raise self._unreadable(error) from error
        return self.staged.relation()

    def exact(
        self, connection: duckdb.DuckDBPyConnection, lines: Lines | None, broken: bool
    ) -> Relation:
        return self.staged.relation()

    def rows(self, lines: Lines | None) -> int:
        return self.staged.rows

    def close(self) -> None:
        self.staged.discard()

    def _unreadable(self, error: sqlite3.DatabaseError) -> KamError:
        """A view fails over what it names; only some errors are about the file itself."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without the extension of the code
        if code == sqlite3.SQLITE_NOTADB:
            return unreadable(self.table.source, "is not an SQLite database")
        if code == sqlite3.SQLITE_CORRUPT:
            return unreadable(self.table.source, f"is damaged ({error})")
        return unreadable(
            self.table.source, f"cannot be read: SQLite says of {self.name!r}: {error}"
        )

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(f"{self.path.as_uri()}?mode=ro&immutable=1", uri=True)
        database.text_factory = _text
        return database

    def _rows(self, database: sqlite3.Connection) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Row number (the rowid; the position in a table without one) and mapped values."""
        names = ", ".join(identifier(one.source_name) for one in self.table.mapped())
        row_id = _row_id(database, self.name)
        statement = f"SELECT {row_id or '0'}, {names} FROM {identifier(self.name)}"
        cursor = database.execute(statement)
        position = 0
        while batch := cursor.fetchmany(BATCH):
            for number, *values in batch:
                position += 1
                yield (number if row_id else position), tuple(values)


def _text(content: bytes) -> str | bytes:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content


def _tables(database: sqlite3.Connection) -> list[str]:
    statement = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
    return [str(name) for (name,) in database.execute(statement)]


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    found = database.execute(f"SELECT * FROM {identifier(table)} LIMIT 0").description
    return [str(column[0]) for column in found or ()]


def _row_id(database: sqlite3.Connection, table: str) -> str | None:
    """The name by which the rowid can be read; None for a view or a table without one."""
    taken = {name.lower() for name in _columns(database, table)}
    for name in ROW_IDS:
        if name in taken:
            continue
        try:
            found = database.execute(
                f"SELECT typeof({name}) FROM {identifier(table)} LIMIT 1"
            ).fetchone()
        except sqlite3.OperationalError:
            return None
        return name if found is not None and found[0] == "integer" else None
    return None
