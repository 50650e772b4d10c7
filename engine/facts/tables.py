"""Fills ``accounts`` and ``record_<name>``, and puts every row that cannot be used aside.

A source is read once, the cheapest way. Only where that loses rows, or where rows that must
be named cannot be told by their place, is it read again, exactly.
"""

# ruff: noqa: S608 - engine.facts.sql quotes every name and text that people wrote

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import duckdb

from engine.facts.catalog import RECORD_ID, SourceTable
from engine.facts.cells import Rules
from engine.facts.places import unreadable
from engine.facts.quarantine import NotNumberedError, Quarantine
from engine.facts.scan import Lines
from engine.facts.sources.base import SourceFile
from engine.facts.sql import identifier
from engine.facts.stage import Stage

DAMAGE = (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.IOException)
"""What DuckDB raises over a file that is not what it should be."""


BAD_ACCOUNTS = "CREATE OR REPLACE TABLE bad_accounts(account_id VARCHAR)"
"""Accounts whose row is in quarantine: a table that every loader sees."""


@dataclass(frozen=True)
class Counts:
    read: int
    used: int
    quarantined: int


class TableLoader:
    """Loads tables of one catalog through one connection.

    `accounts` waits until the accounts are loaded, which records must find. The temporary
    tables of the loading go when the connection is closed.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, rules: Rules, accounts: Callable[[], object]
    ) -> None:
        self.connection = connection
        self.rules = rules
        self.accounts = accounts

    def load(
        self,
        table: SourceTable,
        file: SourceFile,
        scanned: Callable[[], Lines],
        wanted: Collection[str],
    ) -> Counts:
        """Load one table. `scanned` waits for the lines of a file whose lines are counted."""
        kept = tuple(name for name in table.columns if name in wanted)
        named = RECORD_ID in wanted
        lines = scanned if file.reads_lines else lambda: None
        try:
            stage, broken = self._stage_fast(table, file, lines, kept)
            if stage is not None:
                found = lines()
                numbered = found is None or found.regular
                try:
                    return self._finish(stage, stage.rows, named, numbered)
                except NotNumberedError:
                    pass  # all is well with the rows but their numbers
            relation = file.exact(self.connection, lines(), broken)
            stage = Stage(self.connection, table, relation, self.rules, kept)
            read = file.rows(lines())
            return self._finish(stage, stage.rows if read is None else read, named, True)
        except DAMAGE as error:
            said = str(error).partition("\n")[0]
            raise unreadable(table.source, "cannot be read", said) from error

    def _stage_fast(
        self,
        table: SourceTable,
        file: SourceFile,
        lines: Callable[[], Lines | None],
        kept: tuple[str, ...],
    ) -> tuple[Stage | None, bool]:
        """The rows, if none was lost; else whether that is because DuckDB cannot read them."""
        relation = file.fast(self.connection)
        if relation is None:
            return None, True
        try:
            stage = Stage(self.connection, table, relation, self.rules, kept)
        except DAMAGE:
            return None, True
        return (stage, False) if stage.rows == file.rows(lines()) else (None, True)

    def _finish(self, stage: Stage, read: int, named: bool, numbered: bool) -> Counts:
        """Create the table, and put every row that cannot be used into quarantine.

        Raises `NotNumberedError` if there is one and rows are not `numbered`.
        """
        quarantine = Quarantine(self.connection, stage.table, numbered)
        if stage.doubts:
            stage.look_again(quarantine)
        self.accounts()
        if stage.table.account is None:
            used = self._create_accounts(stage, quarantine)
        else:
            used = self._create_records(stage, quarantine, named)
        quarantined = quarantine.rows()
        quarantine.keep()
        return Counts(read, used, quarantined)

    def _create_accounts(self, stage: Stage, quarantine: Quarantine) -> int:
        """Number the accounts in order of their keys, in which they stand in the table."""
        good, key = stage.good(), stage.key()
        if stage.doubts:  # so that a record of such an account can say so
            self.connection.execute(
                f"INSERT INTO bad_accounts SELECT DISTINCT CAST({key} AS VARCHAR)"
                f" FROM bad_rows WHERE NOT good AND {key} IS NOT NULL"
            )
        if not self._ascends(good, key):
            if not self._is_unique(good, key):
                mapped = stage.table.key
                assert mapped is not None
                rows = f"SELECT row, {key} AS key FROM ({good})"
                quarantine.take_repeated_keys(rows, mapped, stage.place(mapped))
                good = quarantine.without(good)
            good = f"SELECT * FROM ({good}) ORDER BY {key}"
        number = "CAST(row_number() OVER () - 1 AS INTEGER) AS account_no"
        values = [number, f"CAST({key} AS VARCHAR) AS account_id", *stage.kept_values()]
        return self._create("accounts", f"SELECT {', '.join(values)} FROM ({good})")

    def _create_records(self, stage: Stage, quarantine: Quarantine, named: bool) -> int:
        """Create the record table from the rows whose account exists."""
        table, good = stage.table, stage.good()
        assert table.account is not None
        name = identifier(f"record_{table.name}")
        values = ["a.account_no", *stage.kept_values()]
        key = stage.key() if table.key else "NULL"
        if named:
            values.append(f"CAST({key} AS VARCHAR) AS {RECORD_ID}")
        if table.key:
            values.append(f"{key} AS _key")
        known = f"accounts a ON a.account_id = {stage.account()}"

        def create(rows: str) -> int:
            return self._create(name, f"SELECT {', '.join(values)} FROM ({rows}) JOIN {known}")

        used = create(good)
        if used < stage.usable:
            rows = f"SELECT row, {stage.account()} AS account FROM ({good})"
            place = stage.place(table.account)
            quarantine.take_unknown_accounts(rows, table.account, place)
        if table.key:
            keys = f"SELECT _key FROM {name}"
            if not self._ascends(keys, "_key") and not self._is_unique(keys, "_key"):
                rows = f"SELECT row, {key} AS key FROM ({good}) SEMI JOIN {known}"
                quarantine.take_repeated_keys(rows, table.key, stage.place(table.key))
                used = create(quarantine.without(good))
            self.connection.execute(f"ALTER TABLE {name} DROP COLUMN _key")
        return used

    def _ascends(self, rows: str, column: str) -> bool:
        """Whether the values, none of which is missing, rise from row to row."""
        pairs = f"SELECT {column} AS value, lag({column}) OVER () AS before FROM ({rows})"
        query = f"SELECT count(*) FROM ({pairs}) WHERE before >= value"
        return self._number(query) == 0

    def _is_unique(self, rows: str, column: str) -> bool:
        statement = f"SELECT count({column}) - count(DISTINCT {column}) FROM ({rows})"
        return self._number(statement) == 0

    def _create(self, name: str, rows: str) -> int:
        """Create a table, and say how many rows it has, as DuckDB does in its answer."""
        return self._number(f"CREATE OR REPLACE TABLE {name} AS {rows}")

    def _number(self, statement: str) -> int:
        found = self.connection.execute(statement).fetchone()
        return int(found[0]) if found else 0
