"""A sheet of an Excel workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from engine.errors import Problem
from engine.facts.catalog import SourceTable
from engine.facts.places import unreadable
from engine.facts.scan import Lines
from engine.facts.sources.base import Relation, check_header
from engine.facts.sources.native import to_cell
from engine.facts.sources.staging import Cell, StagedRows
from engine.facts.sources.xlsx_errors import faulty_cells
from engine.nearest import did_you_mean


class XlsxSheet:
    """The first row that holds anything names the columns; rows count as Excel counts them.

    Formulas stand as the values that Excel last computed; one that it never computed cannot
    be used. Empty rows are passed over.
    """

    reads_lines = False

    def __init__(self, table: SourceTable, path: Path, folder: Path) -> None:
        self.table = table
        self.path = path
        self.sheet: Any = None
        self.header_row = 0
        self.header: list[str] = []
        self.staged = StagedRows(
            folder / f"{table.name}.staged.csv", [one.source_name for one in table.mapped()]
        )

    def check(self, connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
        from python_calamine import CalamineError, CalamineWorkbook

        source = self.table.source
        try:
            workbook = CalamineWorkbook.from_path(str(self.path))
            names = workbook.sheet_names
            name = source.sheet or (names[0] if names else "")
            if name not in names:
                hint = did_you_mean(name, names, f"it has {', '.join(names)}")
                message = f"{source.path!r} has no sheet {name!r}"
                yield Problem("missing-sheet", message, source.location, hint)
                return
            self.sheet = workbook.get_sheet_by_name(name)
        except CalamineError:
            yield from unreadable(
                source,
                "is not an Excel workbook that can be read",
                "save it as .xlsx, without a password",
            ).problems
            return
        for number, row in enumerate(self.sheet.iter_rows(), 1):
            if any(value != "" for value in row):
                self.header_row = number
                self.header = [(to_cell(value).text or str(value)).strip() for value in row]
                break
        if not self.header_row:
            message = f"the sheet {self.sheet.name!r} of {source.path!r} is empty"
            hint = "its first row names the columns, even if no row follows"
            yield Problem("empty-source", message, source.location, hint)
            return
        yield from check_header(self.table, self.header)

    def fast(self, connection: duckdb.DuckDBPyConnection) -> Relation:
        faulty = faulty_cells(self.path, self.sheet.name)
        places = [self.header.index(one.source_name) for one in self.table.mapped()]
        first = self.sheet.start[1] if self.sheet.start else 0
        with self.staged:
            for number, row in self._numbered(max(faulty, default=0)):
                wrong = faulty.get(number, {})
                if not wrong and all(value == "" for value in row):
                    continue
                self.staged.add(number, list(_cells(row, places, wrong, first)))
        self.sheet = None
        return self.staged.relation()

    def _numbered(self, last: int) -> Iterator[tuple[int, Sequence[Any]]]:
        """The rows below the header, up to `last` at least.

        For calamine a sheet ends before the rows that hold nothing but faulty cells.
        """
        number = 0
        for number, row in enumerate(self.sheet.iter_rows(), 1):
            if number > self.header_row:
                yield number, row
        for beyond in range(number + 1, last + 1):
            yield beyond, [""] * len(self.header)

    def exact(
        self, connection: duckdb.DuckDBPyConnection, lines: Lines | None, broken: bool
    ) -> Relation:
        return self.staged.relation()

    def rows(self, lines: Lines | None) -> int:
        return self.staged.rows

    def close(self) -> None:
        self.staged.discard()


def _cells(
    row: Sequence[Any], places: Sequence[int], wrong: Mapping[int, Cell], first: int
) -> Iterator[Cell]:
    for place in places:
        faulty = wrong.get(place + first)
        yield to_cell(row[place]) if faulty is None else faulty
