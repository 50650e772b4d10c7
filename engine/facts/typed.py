"""The columns of one table as SQL: from a source's relation to typed, judged rows."""

# ruff: noqa: S608 - engine.facts.sql quotes every name and text that people wrote

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from engine.facts import cells
from engine.facts.catalog import MappedColumn, SourceTable
from engine.facts.cells import RawCell, Rules
from engine.facts.reasons import reason
from engine.facts.sources.base import EXCERPT, Relation
from engine.facts.sql import every, literal


@dataclass(frozen=True)
class TypedColumn:
    """A mapped column and where it stands in the generated rows (``g3``, ``v3``, ``t3``)."""

    index: int
    mapped: MappedColumn
    raw: RawCell
    missing: str | None
    """Why a row without it cannot be used; None if it may be missing."""
    strict: bool

    @property
    def value(self) -> str:
        return f"v{self.index}"

    @property
    def test(self) -> str:
        return f"t{self.index}"

    @property
    def cells(self) -> list[str]:
        """What `TypedRows.select` holds of the cell besides its value."""
        found = [f"g{self.index}"]
        if self.raw.number is not None:
            found.append(f"n{self.index}")
        if self.raw.fault is not None:
            found.append(f"f{self.index}")
        return found

    @property
    def usable(self) -> str:
        test = cells.valid(self.mapped.column, self.raw, self.index, self.strict)
        return f"g{self.index} IS NOT NULL AND {test}" if self.missing else test


class TypedRows:
    """The SELECT statements over one relation of one table.

    `strict` does without the trimming of cells that white space makes unusable, and so
    finds fewer usable rows where there is any; it is a third faster. What it finds usable is
    so, with the same values. `only` leaves the other columns of the table aside.
    """

    def __init__(
        self,
        table: SourceTable,
        relation: Relation,
        rules: Rules,
        strict: bool = False,
        only: Collection[MappedColumn] | None = None,
    ) -> None:
        self.table = table
        self.relation = relation
        self.rules = rules
        self.strict = strict
        self.columns = tuple(one for one in self._columns() if only is None or one.mapped in only)

    @property
    def values(self) -> list[str]:
        return [one.value for one in self.columns]

    def column(self, mapped: MappedColumn) -> TypedColumn:
        """The typed column of one that the table maps."""
        return next(one for one in self.columns if one.mapped == mapped)

    @property
    def usable(self) -> str:
        """Whether a row of `select` can be used, as far as its own cells tell."""
        tests = [one.usable for one in self.columns]
        if self.relation.fault is not None:
            tests.append("fault IS NULL")
        return every(tests)

    def staged(self, values: Sequence[str]) -> str:
        """A SELECT of the `values` of every row and of ``doubt``: NULL if the row is usable.

        Else a list of one struct: the row's cells, as `doubtful` reads them, and for each
        column whether it is good (``t``). A list takes no room in the rows that have none.
        """
        tests = ", ".join(f"{one.usable} AS {one.test}" for one in self.columns)
        kept = [name for one in self.columns for name in (*one.cells, one.test)]
        good = [one.test for one in self.columns]
        if self.relation.fault is not None:
            kept += ["fault", "excerpt"]
            good.append("fault IS NULL")
        struct = ", ".join(f"'{name}': {name}" for name in kept)
        doubt = f"CASE WHEN {' AND '.join(good)} THEN NULL ELSE [{{{struct}}}] END AS doubt"
        found = ["row", *values, doubt]
        return f"SELECT {', '.join(found)} FROM (SELECT *, {tests} FROM ({self.select()}))"

    def doubtful(self, table: str) -> Relation:
        """The relation of the cells that `staged` kept, once they are columns of `table`."""
        found = {}
        for one in self.columns:
            raw, index = one.raw, one.index
            found[one.mapped.source_name] = RawCell(
                None if raw.text is None else f"g{index}",
                "datetime" if raw.physical == "zoned" else raw.physical,  # it is local by now
                None if raw.number is None else f"n{index}",
                None if raw.fault is None else f"f{index}",
            )
        if self.relation.fault is None:
            return Relation(table, found, "row")
        return Relation(table, found, "row", "fault", "excerpt")

    def select(self, others: Sequence[str] = ()) -> str:
        """A SELECT of every row with its cells as given (``g``) and as typed (``v``).

        `others` are columns of the relation that are passed on as they are.
        """
        given = list(others)
        for one in self.columns:
            given.append(f"{cells.given(one.raw, self.rules, self._trims(one))} AS g{one.index}")
            if one.raw.number is not None:
                given.append(f"{one.raw.number} AS n{one.index}")
            if one.raw.fault is not None:
                given.append(f"{one.raw.fault} AS f{one.index}")
        extra = {
            "row": self.relation.row,
            "fault": self.relation.fault,
            "excerpt": self.relation.excerpt,
        }
        given += [f"{sql} AS {name}" for name, sql in extra.items() if sql is not None]
        quick, typed = [], []
        for one in self.columns:
            how = (one.mapped.column, one.raw, one.mapped.format, self.rules, one.index)
            cast = cells.quick(*how)
            if cast is not None:
                quick.append(f"{cast} AS k{one.index}")
            typed.append(f"{cells.value(*how)} AS v{one.index}")
        source = f"SELECT {', '.join(given)} FROM {self.relation.sql}"
        if quick:
            source = f"SELECT *, {', '.join(quick)} FROM ({source})"
        return f"SELECT {', '.join(['*', *typed])} FROM ({source})"

    def reason(self, one: TypedColumn) -> str:
        """Why a cell cannot be used; NULL if it can."""
        empty = literal(one.missing) if one.missing else "NULL"
        why = reason(one.mapped.column, one.mapped.format, self.rules, one.index)
        fault = f"WHEN f{one.index} IS NOT NULL THEN f{one.index} " if one.raw.fault else ""
        test = cells.valid(one.mapped.column, one.raw, one.index)
        bad = f"WHEN NOT ({test}) THEN {why}"
        return f"CASE {fault}WHEN g{one.index} IS NULL THEN {empty} {bad} END"

    def excerpt(self, one: TypedColumn) -> str:
        """The cell as a person would see it, cut short; what is personal is not repeated."""
        if one.mapped.column.classification == "personal":
            return f"CASE WHEN g{one.index} IS NOT NULL THEN '(personal)' END"
        return f"left(replace(CAST(g{one.index} AS VARCHAR), chr(0), '␀'), {EXCERPT})"

    def _trims(self, one: TypedColumn) -> bool:
        """Most values cannot be used if they are not trimmed; a text can."""
        if not self.strict:
            return True
        return one.mapped.column.type == "text"

    def _columns(self) -> list[TypedColumn]:
        key, account = self.table.key, self.table.account
        found = []
        for index, mapped in enumerate(self.table.mapped()):
            missing = None
            if mapped == account:
                missing = "is empty: the record names no account"
            elif mapped == key:
                missing = "is empty: the row has no key"
            raw = self.relation.cells[mapped.source_name]
            found.append(TypedColumn(index, mapped, raw, missing, self.strict))
        return found
