"""Rows that cannot be used, each bad cell with its reason; nothing is dropped silently."""

# ruff: noqa: S608 - engine.facts.sql quotes every name and text that people wrote

from __future__ import annotations

import duckdb

from engine.facts.catalog import MappedColumn, SourceTable
from engine.facts.sql import literal
from engine.facts.typed import TypedRows

TABLE = """
CREATE TABLE quarantine(
    source VARCHAR NOT NULL, file VARCHAR NOT NULL, "row" BIGINT NOT NULL,
    "column" VARCHAR NOT NULL, value VARCHAR, reason VARCHAR NOT NULL
)
"""

OF_BAD_ACCOUNT = "names an account that is itself in quarantine"
"""The reason of records that nothing is wrong with."""

OF_NO_ACCOUNT = "names an account that does not exist"

BAD_CELLS = """
CREATE OR REPLACE TEMP TABLE bad_cells(
    "row" BIGINT, place INTEGER, "column" VARCHAR, value VARCHAR, reason VARCHAR
)
"""


class NotNumberedError(Exception):
    """A row must be named, but the reading does not tell its number."""


class Quarantine:
    """The bad rows of one table, gathered cell by cell and then kept in order of row.

    If the rows are not `numbered`, to take one raises `NotNumberedError`.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, table: SourceTable, numbered: bool
    ) -> None:
        self.connection = connection
        self.table = table
        self.numbered = numbered
        self.begun = False

    def take_cells(self, rows: TypedRows) -> None:
        """Take what is wrong with the cells of each row, or with the row as a whole.

        `bad_rows` holds the rows, given and typed.
        """
        intact = "true"
        if rows.relation.fault is not None:
            # A row that cannot be split into cells may hold what is personal anywhere.
            personal = any(one.column.classification == "personal" for one in self.table.mapped())
            shown = "'(a row with personal data)'" if personal else "excerpt"
            self._take(f"SELECT row, -1, '', {shown}, fault FROM bad_rows WHERE fault IS NOT NULL")
            intact = "fault IS NULL"
        for one in rows.columns:
            name = literal(one.mapped.source_name)
            self._take(
                f"SELECT * FROM (SELECT row, {one.index}, {name}, {rows.excerpt(one)},"
                f" {rows.reason(one)} AS reason FROM bad_rows WHERE {intact})"
                " WHERE reason IS NOT NULL"
            )

    def take_unknown_accounts(self, records: str, account: MappedColumn, place: int) -> None:
        """Take those of the `records` whose account does not exist or is itself bad.

        `records` is a SELECT of ``row`` and ``account``.
        """
        self._take(
            f"SELECT row, {place}, {literal(account.source_name)}, account,"
            " CASE WHEN account IN (SELECT account_id FROM bad_accounts)"
            f" THEN {literal(OF_BAD_ACCOUNT)}"
            f" ELSE {literal(OF_NO_ACCOUNT)} END"
            f" FROM ({records}) s ANTI JOIN accounts a ON a.account_id = s.account"
        )

    def take_repeated_keys(self, rows: str, key: MappedColumn, place: int) -> None:
        """Take those of the `rows`, a SELECT of ``row`` and ``key``, that repeat a key."""
        self._take(
            f"SELECT row, {place}, {literal(key.source_name)}, CAST(key AS VARCHAR),"
            " 'repeats the key of row ' || first || ', which is used' FROM"
            f" (SELECT row, key, min(row) OVER (PARTITION BY key) AS first FROM ({rows}))"
            " WHERE row <> first"
        )

    def without(self, rows: str) -> str:
        """Those of the `rows`, a SELECT with ``row``, that are not in it."""
        if not self.begun:
            return rows
        return f"SELECT * FROM ({rows}) WHERE row NOT IN (SELECT row FROM bad_cells)"

    def rows(self) -> int:
        """How many rows are in it."""
        if not self.begun:
            return 0
        found = self.connection.execute("SELECT count(DISTINCT row) FROM bad_cells").fetchone()
        return int(found[0]) if found else 0

    def keep(self) -> None:
        """Copy the cells into the quarantine of the run."""
        if not self.begun:
            return
        self.connection.execute(
            'INSERT INTO quarantine SELECT ?, ?, row, "column", value, reason'
            " FROM bad_cells ORDER BY row, place",
            [self.table.name, self.table.source.path],
        )

    def _take(self, select: str) -> None:
        if not self.numbered:
            raise NotNumberedError
        if not self.begun:
            self.connection.execute(BAD_CELLS)
            self.begun = True
        self.connection.execute(f"INSERT INTO bad_cells {select}")
