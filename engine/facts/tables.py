"""Fills ``accounts`` and ``record_<name>``: at once if all rows are good, else row by row.

The fast way reads a source once, keeps the rows that can be used and compares their number
with what the source has. Only if they differ, or a key repeats, are the rows read again with
their numbers, and the bad ones put into quarantine.
"""

# ruff: noqa: S608 - engine.facts.sql quotes every name and text that people wrote

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import duckdb

from engine.facts.catalog import RECORD_ID, SourceTable
from engine.facts.cells import Rules
from engine.facts.places import unreadable
from engine.facts.quarantine import Quarantine
from engine.facts.scan import Lines
from engine.facts.sources.base import Relation, SourceFile
from engine.facts.sql import identifier
from engine.facts.typed import TypedRows

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
    """Loads tables of one catalog through one connection; accounts must be the first of all."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, rules: Rules) -> None:
        self.connection = connection
        self.rules = rules

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
        used = None
        try:
            relation = file.fast(self.connection)
            broken = relation is None
            if relation is not None:
                try:
                    used = self._load_good(table, relation, kept, named)
                    if used is not None and used == file.rows(lines()):
                        return Counts(used, used, 0)
                    broken = self._count(relation.sql) != file.rows(lines())
                except DAMAGE:
                    broken = True
            exact = file.exact(self.connection, lines(), broken)
            read = file.rows(lines())
            read = self._count(exact.sql) if read is None else read
            if used is not None and not broken and table.account is not None:
                unknown = self._take_strangers(table, exact, read - used)
                if unknown is not None:
                    return Counts(read, used, unknown)
            return self._load_exactly(table, exact, read, kept, named)
        except DAMAGE as error:
            said = str(error).partition("\n")[0]
            raise unreadable(table.source, "cannot be read", said) from error

    # --- the fast way -------------------------------------------------------------------

    def _load_good(
        self, table: SourceTable, relation: Relation, kept: Sequence[str], named: bool
    ) -> int | None:
        """Create the table from the rows that can be used.

        Returns how many there are; None, and no table, if a key repeats.
        """
        rows = TypedRows(table, relation, self.rules, strict=True)
        if table.account is None:
            self._stage(rows, kept, "")
            if not self._is_unique("staged", "key"):
                return None
            self._create_accounts(kept)
            return self._count("accounts")
        name = identifier(f"record_{table.name}")
        values = [f"a.account_no, {_key(rows)} AS _key" if table.key else "a.account_no"]
        values += _values(rows, kept)
        if named:
            values.append(f"{_record_id(rows)} AS {RECORD_ID}")
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT {', '.join(values)}"
            f" FROM ({rows.select()}) JOIN accounts a ON a.account_id = {_account(rows)}"
            f" WHERE {rows.usable}"
        )
        if table.key:
            if not self._is_unique(name, "_key"):
                return None
            self.connection.execute(f"ALTER TABLE {name} DROP COLUMN _key")
        return self._count(name)

    def _take_strangers(self, table: SourceTable, exact: Relation, missing: int) -> int | None:
        """Put records of unknown accounts into quarantine, if nothing else is wrong.

        That is what is wrong most often, since every record of an account in quarantine is
        one; looking at the account alone costs a fraction of the exact way. Returns how many
        there are; None if they are not all that is missing: the exact way then says why.
        """
        assert table.account is not None
        rows = TypedRows(replace(table, key=None, columns={}), exact, self.rules)
        self._stage(rows, (), "row,")
        unknown = self._count("(SELECT 1 FROM staged WHERE account_no IS NULL)")
        if unknown != missing:
            return None
        quarantine = Quarantine(self.connection, table)
        quarantine.take_unknown_accounts(table.account, rows.column(table.account).index)
        quarantine.keep()
        self.connection.execute("DROP TABLE staged")
        return unknown

    # --- the exact way ------------------------------------------------------------------

    def _load_exactly(
        self,
        table: SourceTable,
        relation: Relation,
        read: int,
        kept: Sequence[str],
        named: bool,
    ) -> Counts:
        """Create the table, and put every row that cannot be used into quarantine."""
        rows = TypedRows(table, relation, self.rules)
        quarantine = Quarantine(self.connection, table)
        self._stage(rows, kept, "row,")
        if self._count("staged") < read:
            # What is not staged is bad. Found by number, it need not be typed with all the rest.
            quarantine.take_cells(TypedRows(table, _without_staged(relation), self.rules))
            if table.account is None:
                self.connection.execute(  # so that a record of such an account can say so
                    f"INSERT INTO bad_accounts SELECT DISTINCT CAST({_key(rows)} AS VARCHAR)"
                    f" FROM bad_rows WHERE {_key(rows)} IS NOT NULL"
                )
        if table.account is not None:
            quarantine.take_unknown_accounts(table.account, rows.column(table.account).index)
            self.connection.execute("DELETE FROM staged WHERE account_no IS NULL")
        if table.key is not None:
            quarantine.take_repeated_keys(table.key, rows.column(table.key).index)
            self.connection.execute("DELETE FROM staged WHERE row IN (SELECT row FROM bad_cells)")
        used = self._count("staged")
        if table.account is None:
            self._create_accounts(kept)
        else:
            name = identifier(f"record_{table.name}")
            columns = ["account_no", *(identifier(one) for one in kept)]
            if named:
                key = "CAST(key AS VARCHAR)" if table.key else "CAST(NULL AS VARCHAR)"
                columns.append(f"{key} AS {RECORD_ID}")
            values = ", ".join(columns)
            statement = f"CREATE OR REPLACE TABLE {name} AS SELECT {values} FROM staged"
            self.connection.execute(statement)
            self.connection.execute("DROP TABLE staged")
        quarantined = quarantine.rows()
        quarantine.keep()
        self.connection.execute("DROP TABLE IF EXISTS bad_rows")
        return Counts(read, used, quarantined)

    # --- both ---------------------------------------------------------------------------

    def _stage(self, rows: TypedRows, kept: Sequence[str], row: str) -> None:
        """Put the rows whose cells can be used into `staged`."""
        values, join = _values(rows, kept), ""
        if rows.table.account is not None:
            values.append(f"{_account(rows)} AS account, a.account_no")
            join = f" LEFT JOIN accounts a ON a.account_id = {_account(rows)}"
        if rows.table.key is not None:
            values.append(f"{_key(rows)} AS key")
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE staged AS SELECT {row} {', '.join(values)}"
            f" FROM ({rows.select()}){join} WHERE {rows.usable}"
        )

    def _create_accounts(self, kept: Sequence[str]) -> None:
        """Number the staged accounts in order of their keys."""
        columns = "".join(f", staged.{identifier(name)}" for name in kept)
        # Sorting the keys alone and joining is cheaper than sorting whole rows.
        numbers = "SELECT key, CAST(row_number() OVER (ORDER BY key) - 1 AS INTEGER) AS account_no"
        self.connection.execute(
            "CREATE OR REPLACE TABLE accounts AS SELECT account_no,"
            f" CAST(staged.key AS VARCHAR) AS account_id{columns}"
            f" FROM staged JOIN ({numbers} FROM staged) n ON n.key = staged.key"
        )
        self.connection.execute("DROP TABLE staged")

    def _is_unique(self, table: str, column: str) -> bool:
        statement = f"SELECT count({column}) = count(DISTINCT {column}) FROM {table}"
        found = self.connection.execute(statement).fetchone()
        return bool(found and found[0])

    def _count(self, table: str) -> int:
        found = self.connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(found[0]) if found else 0


def _without_staged(relation: Relation) -> Relation:
    rest = f"(SELECT * FROM {relation.sql} WHERE {relation.row} NOT IN (SELECT row FROM staged))"
    return replace(relation, sql=rest)


def _values(rows: TypedRows, kept: Sequence[str]) -> list[str]:
    """The kept columns by their own names."""
    columns = rows.table.columns
    return [f"{rows.column(columns[name]).value} AS {identifier(name)}" for name in kept]


def _key(rows: TypedRows) -> str:
    assert rows.table.key is not None
    return rows.column(rows.table.key).value


def _record_id(rows: TypedRows) -> str:
    if rows.table.key is None:
        return "CAST(NULL AS VARCHAR)"
    return f"CAST({_key(rows)} AS VARCHAR)"


def _account(rows: TypedRows) -> str:
    """The account of a record, as ``accounts.account_id`` writes it."""
    assert rows.table.account is not None
    return f"CAST({rows.column(rows.table.account).value} AS VARCHAR)"
