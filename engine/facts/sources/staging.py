"""Rows that Python reads or repairs go to DuckDB through a CSV file of our own making."""

# ruff: noqa: S608 - engine.facts.sql quotes every name and text that people wrote

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from engine.facts.cells import RawCell
from engine.facts.sources.base import EXCERPT, Relation
from engine.facts.sql import file_literal, literal

LINE_END = "\\n"
"""Of the files that we make, as DuckDB's option writes it."""

LINE_LIMIT = 1_000_000
"""Bytes of one line; half of what DuckDB takes, so that a repaired line always fits."""


@dataclass(frozen=True)
class Cell:
    """A cell as Python read it: text, or a number in binary floating point, or a fault."""

    text: str | None = None
    number: float | None = None
    fault: str | None = None


class StagedFile:
    """A CSV file in a private folder: written once, read back, removed."""

    def __init__(self, path: Path, delimiter: str = ",") -> None:
        self.path = path
        self.delimiter = delimiter
        self.rows = 0
        self.multiline = False
        """Set once a text with a line end is written: such files are read in one piece."""
        self._stream: TextIO | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        self._stream = self.path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._stream, delimiter=self.delimiter, lineterminator="\n")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)

    def _write(self, row: Sequence[Any]) -> None:
        self._writer.writerow(row)
        self.rows += 1

    def _read(self, types: Sequence[str]) -> str:
        """The rows as written; line ends within quotation marks are no ends of rows."""
        parallel = "false" if self.multiline else "true"
        options = f", new_line={literal(LINE_END)}, parallel={parallel}"
        return read_csv(self.path, types, 0, self.delimiter, options=options)

    def _write_line(self, line: str) -> None:
        """A row that is already CSV."""
        assert self._stream is not None
        self._stream.write(line)
        self.rows += 1


class StagedRows(StagedFile):
    """Rows of cells: row number, then text, number and fault of each cell."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        super().__init__(path)
        self.names = tuple(names)

    def add(self, row: int, cells: Sequence[Cell]) -> None:
        flat: list[Any] = [row]
        for cell in cells:
            text = cell.text
            if text is not None and ("\n" in text or "\r" in text):
                text = with_line_feeds(text)
                self.multiline = True
            flat += (text, None if cell.number is None else repr(cell.number), cell.fault)
        self._write(flat)

    def relation(self) -> Relation:
        types, cells = ["BIGINT"], {}
        for index, name in enumerate(self.names):
            at = 1 + 3 * index
            types += ["VARCHAR", "DOUBLE", "VARCHAR"]
            cells[name] = RawCell(f"c{at}", "text", f"c{at + 1}", f"c{at + 2}")
        return Relation(self._read(types), cells, "c0")


class StagedLines(StagedFile):
    """Lines with their numbers, and what is wrong with them."""

    def add(self, row: int, fault: str | None, line: str) -> None:
        self._write((row, fault, line.replace("\r", " ")))

    def relation(self) -> str:
        """Columns: ``n``, ``broken``, ``c0`` (the line)."""
        source = self._read(["BIGINT", "VARCHAR", "VARCHAR"])
        return f"(SELECT c0 AS n, c1 AS broken, c2 AS c0 FROM {source})"


def with_line_feeds(text: str) -> str:
    """Line ends within a text as LF: DuckDB trips over a lone CR between quotation marks."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_csv(
    path: Path,
    types: Sequence[str],
    skip: int,
    delimiter: str = ",",
    quote: str = '"',
    *,
    options: str = "",
) -> str:
    """A table function over a CSV file, its columns named ``c0``, ``c1`` and so on.

    Nothing but the kind of line end is guessed, and a row that does not fit is an error,
    never dropped. `options` are more of DuckDB's options.
    """
    columns = ", ".join(f"'c{index}': '{kind}'" for index, kind in enumerate(types))
    return (
        f"read_csv({file_literal(str(path))}, auto_detect=false, header=false, skip={skip},"
        f" sep={literal(delimiter)}, quote={literal(quote)}, escape={literal(quote)},"
        f" comment='', compression='none', strict_mode=true, columns={{{columns}}}{options})"
    )


def shown(text: str) -> str:
    """The beginning of a text, with what cannot be shown made visible."""
    cut = text[:EXCERPT].replace("\0", "\u2400")
    return cut.encode("utf-8", "replace").decode("utf-8")
