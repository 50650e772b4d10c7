"""The rows of one source while it is loaded: typed once, and again only where in doubt.

All rows are typed in one statement. A row is in doubt unless each of its cells is plainly
good; such a row keeps its cells and is looked at again, with everything that a cell may be.
"""

# ruff: noqa: S608 - engine.facts.sql quotes every name and text that people wrote

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from engine.facts.catalog import MappedColumn, SourceTable
from engine.facts.cells import Rules
from engine.facts.quarantine import Quarantine
from engine.facts.sources.base import Relation
from engine.facts.sql import identifier
from engine.facts.typed import TypedRows


class Stage:
    """The temporary tables ``staged`` (all rows) and ``bad_rows`` (those in doubt).

    `kept` are the columns that the loaded table will have. `rows` counts all rows, `doubts`
    those in doubt and `cleared` those of them that can be used after all.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: SourceTable,
        relation: Relation,
        rules: Rules,
        kept: Sequence[str],
    ) -> None:
        self.connection = connection
        self.table = table
        self.rules = rules
        self.typed = TypedRows(table, relation, rules, strict=True)
        self.kept = kept
        needed = [table.key, table.account, *(table.columns[name] for name in kept)]
        values = {self.typed.column(one).value for one in needed if one is not None}
        self.values = [one.value for one in self.typed.columns if one.value in values]
        statement = self.typed.staged(self.values)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE staged AS {statement}")
        self.rows, self.doubts = self._pair("SELECT count(*), count(doubt) FROM staged")
        self.cleared = 0

    # --- what the loading asks for ------------------------------------------------------

    @property
    def usable(self) -> int:
        """How many rows have nothing but good cells."""
        return self.rows - self.doubts + self.cleared

    def good(self) -> str:
        """A SELECT of the rows with nothing but good cells: ``row`` and the typed values."""
        columns = ", ".join(self.values)
        found = f"SELECT row, {columns} FROM staged"
        if self.doubts:
            found += " WHERE doubt IS NULL"
        if self.cleared:
            found += f" UNION ALL SELECT row, {columns} FROM bad_rows WHERE good"
        return found

    def key(self) -> str:
        assert self.table.key is not None
        return self.typed.column(self.table.key).value

    def account(self) -> str:
        """The account of a record, as ``accounts.account_id`` writes it."""
        assert self.table.account is not None
        return f"CAST({self.typed.column(self.table.account).value} AS VARCHAR)"

    def kept_values(self) -> list[str]:
        """The kept columns by their own names."""
        columns = self.table.columns
        return [
            f"{self.typed.column(columns[one]).value} AS {identifier(one)}" for one in self.kept
        ]

    def place(self, mapped: MappedColumn) -> int:
        return self.typed.column(mapped).index

    # --- the second look ----------------------------------------------------------------

    def look_again(self, quarantine: Quarantine) -> None:
        """Clear the rows in doubt, or put them into quarantine with their bad cells.

        Only the columns that raise a doubt somewhere are typed again.
        """
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE doubtful AS SELECT row,"
            f" {', '.join(self.values)}, unnest(doubt[1]) FROM staged WHERE doubt IS NOT NULL"
        )
        tests = ", ".join(f"bool_and({one.test})" for one in self.typed.columns)
        plain = self.connection.execute(f"SELECT {tests} FROM doubtful").fetchone() or ()
        doubted = [
            one.mapped for one, good in zip(self.typed.columns, plain, strict=True) if not good
        ]
        again = TypedRows(self.table, self.typed.doubtful("doubtful"), self.rules, only=doubted)
        others = [value for value in self.values if value not in again.values]
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE bad_rows AS SELECT *, {again.usable} AS good"
            f" FROM ({again.select(others)})"
        )
        self.connection.execute("DROP TABLE doubtful")
        quarantine.take_cells(again)
        _, self.cleared = self._pair("SELECT count(*), count(*) FILTER (WHERE good) FROM bad_rows")

    def _pair(self, statement: str) -> tuple[int, int]:
        found = self.connection.execute(statement).fetchone() or (0, 0)
        return int(found[0]), int(found[1])
