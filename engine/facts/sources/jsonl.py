"""JSON Lines: one object a line."""

# ruff: noqa: S608 - engine.facts.sql quotes every name and text that people wrote

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from engine.errors import Problem
from engine.facts.catalog import SourceTable
from engine.facts.cells import RawCell
from engine.facts.scan import Lines
from engine.facts.sources.base import EXCERPT, Relation, check_header
from engine.facts.sources.staging import LINE_LIMIT, StagedLines, read_csv, shown
from engine.facts.sql import choices, literal

BOM = b"\xef\xbb\xbf"

SEPARATOR = "\x1f"
"""No JSON text holds it, so that a reader of columns takes each line for one column."""


REPEATED = (
    "CASE WHEN len(keys) > list_count(j) THEN 'has the key ' || list_filter(keys,"
    " lambda key, place: list_position(keys, key) < place)[1] || ' more than once' END"
)
"""Each path of `j` finds one value, so that more keys than values tell of a repeated one."""


class JsonLines:
    """A file of JSON objects. Numbers with a point or an exponent are binary floating point."""

    reads_lines = True

    def __init__(self, table: SourceTable, path: Path, folder: Path) -> None:
        self.table = table
        self.path = path
        self.staged = StagedLines(folder / f"{table.name}.lines.csv")
        self.every_line_counts = True

    def check(self, connection: duckdb.DuckDBPyConnection) -> Iterator[Problem]:
        """A key that no object has is a slip of the pen; that one object has it is enough."""
        wanted = {one.source_name for one in self.table.mapped()}
        seen: dict[str, None] = {}
        rows = 0
        with self.path.open("rb") as stream:
            for line in stream:
                try:
                    found = json.loads(line.removeprefix(BOM))
                except (ValueError, RecursionError):
                    continue
                rows += 1
                if isinstance(found, dict):
                    seen.update(dict.fromkeys(found))
                if wanted.issubset(seen):
                    return
        if rows or self.path.stat().st_size:
            yield from check_header(self.table, list(seen), "each line is one JSON object")

    def fast(self, connection: duckdb.DuckDBPyConnection) -> Relation:
        lines = read_csv(self.path, ["VARCHAR"], 0, SEPARATOR, "")
        return self._relation(f"(SELECT c0, row_number() OVER () AS n FROM {lines})")

    def exact(
        self, connection: duckdb.DuckDBPyConnection, lines: Lines | None, broken: bool
    ) -> Relation:
        self.every_line_counts = False  # the relation passes over blank ones
        self._repair()
        return self._relation(self.staged.relation(), "broken")

    def rows(self, lines: Lines | None) -> int | None:
        return lines.count if lines and self.every_line_counts else None

    def close(self) -> None:
        self.staged.discard()

    def _relation(self, lines: str, broken: str = "NULL") -> Relation:
        """Each line parsed once, into one JSON value for each mapped column."""
        names = list(dict.fromkeys(one.source_name for one in self.table.mapped()))
        paths = ", ".join(literal(f'$."{_escaped(name)}"') for name in names)
        blank = "c0 IS NULL OR trim(c0, chr(32) || chr(9) || chr(13)) = ''"
        fault = (
            f"coalesce({broken}, CASE WHEN NOT json_valid(c0) THEN 'is not JSON'"
            " WHEN json_type(c0) <> 'OBJECT' THEN 'is not a JSON object' END)"
        )
        inner = f"SELECT *, {fault} AS fault FROM {lines} WHERE NOT ({blank})"
        parsed = f"CASE WHEN fault IS NULL THEN json_extract(c0, [{paths}]) END"
        keys = f"CASE WHEN fault IS NULL THEN {_mapped_keys(names)} END"
        sql = (
            f"(SELECT * REPLACE (coalesce(fault, {REPEATED}) AS fault) FROM"
            f" (SELECT n AS row, fault, left(c0, {EXCERPT}) AS excerpt, {parsed} AS j,"
            f" {keys} AS keys FROM ({inner})))"
        )
        cells = {name: _cell(f"j[{index}]") for index, name in enumerate(names, 1)}
        return Relation(sql, cells, "row", "fault", "excerpt")

    def _repair(self) -> None:
        """Copy the lines that DuckDB can take, each with its number; mark the others."""
        with self.staged, self.path.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                content = line.removeprefix(BOM) if number == 1 else line
                text = content.decode("utf-8", "replace").rstrip("\r\n")
                fault = None
                if "\ufffd" in text and not _is_utf8(content):
                    fault = "holds bytes that are not UTF-8"
                elif "\0" in text or SEPARATOR in text:
                    fault = "is not JSON; it holds a control character"
                elif len(content) > LINE_LIMIT:
                    fault = f"is longer than {LINE_LIMIT} bytes"
                self.staged.add(number, fault, text if fault is None else shown(text))


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


def _mapped_keys(names: Sequence[str]) -> str:
    """The keys of an object that are mapped, as they stand in it."""
    return f"list_filter(json_keys(c0), lambda key: key IN {choices(names)})"


def _cell(value: str) -> RawCell:
    """Text, whole numbers and booleans as text; other numbers as DOUBLE; the rest refused."""
    kind = f"json_type({value})"
    text = f"CASE WHEN {kind} NOT IN ('DOUBLE', 'NULL') THEN {value} ->> '$' END"
    number = f"CASE WHEN {kind} = 'DOUBLE' THEN TRY_CAST({value} AS DOUBLE) END"
    fault = f"CASE WHEN {kind} IN ('OBJECT', 'ARRAY') THEN 'is nested; a plain value is needed' END"
    return RawCell(text, "text", number, fault)
