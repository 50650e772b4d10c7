"""CSV and TSV files in UTF-8, with or without a byte order mark, or GBK."""

# ruff: noqa: S608 - engine.facts.sql quotes every name and text that people wrote

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

import duckdb

from engine.errors import Problem
from engine.facts.catalog import SourceTable
from engine.facts.cells import RawCell
from engine.facts.scan import Lines
from engine.facts.sources.base import WIDE_COMMAS, Relation, check_header
from engine.facts.sources.csv_text import (
    CHUNK,
    GBK,
    Record,
    Records,
    decodes,
    detect,
    is_suspicious,
    lines_of,
    transcode,
)
from engine.facts.sources.staging import StagedFile, read_csv, shown, with_line_feeds

DELIMITERS = {",": "','", ";": "';'", "\t": "a tab ('\\t')", "|": "'|'"}


class CsvFile:
    """One CSV file. The first line that is not blank names the columns.

    DuckDB reads it as it stands; the count of its lines tells whether all rows came
    through. If not, the file is copied record by record, with row numbers and faults.
    """

    reads_lines = True

    def __init__(self, table: SourceTable, path: Path, folder: Path) -> None:
        self.table = table
        self.path = path
        self.delimiter = table.source.delimiter or ("\t" if table.source.kind == "tsv" else ",")
        self.encoding = "utf-8"
        self.header: list[str] = []
        self.header_line = 1
        self.copy = folder / f"{table.name}.utf8.csv"
        self.repaired = RepairedCsv(folder / f"{table.name}.repaired.csv", self.delimiter)

    # --- the interface of a source ------------------------------------------------------

    def check(self, connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
        source = self.table.source
        with self.path.open("rb") as stream:
            start = stream.read(CHUNK)
        if start.startswith((b"\xff\xfe", b"\xfe\xff")):
            message = f"{source.path!r} is UTF-16"
            yield Problem("not-utf-8", message, source.location, "save it as CSV UTF-8")
            return
        self.encoding = self._encoding(start)
        first = next(iter(Records(self.path, self.encoding, self.delimiter)), None)
        if first is None:
            message = f"{source.path!r} is empty"
            hint = "the first line names the columns, even if no row follows"
            yield Problem("empty-source", message, source.location, hint)
        elif first.fault is not None:
            yield Problem(
                "bad-header",
                f"the header of {source.path!r} {first.fault}",
                source.location,
                f"it reads {first.text[:100]!r}",
            )
        else:
            names = first.fields or first.text.split(self.delimiter)
            self.header = [name.strip() for name in names]
            # A header that DuckDB might skip differently: then every line is counted here.
            simple = first.number == 1 and first.lines == 1
            self.header_line = 1 if simple else 0
            yield from check_header(self.table, self.header, self._other_delimiter(first))

    def fast(self, connection: duckdb.DuckDBPyConnection) -> Relation | None:
        if self.encoding != "utf-8":
            if not decodes(self.path, self.encoding) or self._is_mixed():
                return None
            transcode(self.path, self.copy, self.encoding)
        if not self.header_line:
            return None
        path = self.copy if self.copy.exists() else self.path
        rows = read_csv(path, ["VARCHAR"] * len(self.header), 1, self.delimiter)
        # Numbered while they are read: DuckDB does not always keep the order of a table.
        numbered = f"(SELECT *, row_number() OVER () + 1 AS row FROM {rows})"
        return Relation(numbered, self._cells(0), "row")

    def exact(
        self, connection: duckdb.DuckDBPyConnection, lines: Lines | None, broken: bool
    ) -> Relation:
        guessed = self.table.source.encoding == "auto"
        if guessed and self.encoding == "utf-8":
            self.encoding = detect(self.path)
        suspicious = guessed and self.encoding == GBK
        width = len(self.header)
        records = Records(self.path, self.encoding, self.delimiter, width, suspicious)
        return self.repaired.fill(records, width).relation(self._cells(3))

    def rows(self, lines: Lines | None) -> int | None:
        if self.repaired.path.exists():
            return self.repaired.rows
        return lines.count - 1 if lines else None

    def close(self) -> None:
        self.copy.unlink(missing_ok=True)
        self.repaired.discard()

    # --- pieces -------------------------------------------------------------------------

    def _encoding(self, start: bytes) -> str:
        """What is declared; else UTF-8 unless the beginning of the file is not."""
        declared = self.table.source.encoding
        if declared != "auto":
            return GBK if declared == "gbk" else "utf-8"
        decoder = codecs.getincrementaldecoder("utf-8")()  # the last character may be cut in two
        try:
            decoder.decode(start)
        except UnicodeDecodeError:
            return detect(self.path)
        return "utf-8"

    def _is_mixed(self) -> bool:
        """Whether an undeclared GBK file has rows of UTF-8, which would pass for GBK."""
        if self.table.source.encoding != "auto":
            return False
        return any(is_suspicious(line) for line in lines_of(self.path))

    def _cells(self, offset: int) -> dict[str, RawCell]:
        return {
            one.source_name: RawCell(f"c{self.header.index(one.source_name) + offset}")
            for one in self.table.mapped()
        }

    def _other_delimiter(self, header: Record) -> str | None:
        """A hint if another delimiter would bring forth the mapped columns."""
        wanted = {one.source_name for one in self.table.mapped()}
        for delimiter, name in DELIMITERS.items():
            found = {part.strip(' "') for part in header.text.split(delimiter)}
            if delimiter != self.delimiter and wanted & found and len(found) > 1:
                path = self.table.source.path
                return (
                    f"the delimiter looks like {name}:"
                    f" write source: {{path: {path}, delimiter: {_as_yaml(delimiter)}}}"
                )
        for mark in WIDE_COMMAS:
            parts = {part.strip(' "') for name in self.header for part in name.split(mark)}
            if any(mark in name for name in self.header) and wanted & parts:
                return (
                    f"the header has the full-width {mark} between its columns:"
                    f" write {_as_yaml(self.delimiter)} there, and on every line below"
                )
        return None


class RepairedCsv(StagedFile):
    """A copy of a CSV file: row number, fault and excerpt before the columns of each row."""

    def __init__(self, path: Path, delimiter: str) -> None:
        super().__init__(path, delimiter)
        self.width = 0

    def fill(self, records: Records, width: int) -> RepairedCsv:
        self.width = width
        with self:
            seen = iter(records)
            next(seen)  # the header
            for record in seen:
                self._add(record)
        return self

    def relation(self, cells: dict[str, RawCell]) -> Relation:
        types = ["BIGINT", "VARCHAR", "VARCHAR"] + ["VARCHAR"] * self.width
        return Relation(self._read(types), cells, "c0", "c1", "c2")

    def _add(self, record: Record) -> None:
        if record.plain and record.fault is None:
            cells = record.text.count(self.delimiter) + 1
            if cells == self.width:  # nearly every row of nearly every file
                self._write_line(f"{record.number}{self.delimiter * 3}{record.text}\n")
                return
            fields = record.text.split(self.delimiter)
        else:
            fields = record.fields or []
        fault = record.fault
        if fault is None and len(fields) > self.width and not any(fields[self.width :]):
            fields = fields[: self.width]  # delimiters at the end of a line do no harm
        elif fault is None and len(fields) != self.width:
            fault = f"has {len(fields)} cells where {self.width} are expected"
        if fault is not None:
            excerpt = shown(record.text).replace("\n", "⏎").replace("\r", "")
            self._write([record.number, fault, excerpt, *[None] * self.width])
            return
        if record.lines > 1:
            self.multiline = True
            fields = [with_line_feeds(field) for field in fields]
        self._write([record.number, None, None, *fields])


def _as_yaml(delimiter: str) -> str:
    return '"\\t"' if delimiter == "\t" else f'"{delimiter}"'
