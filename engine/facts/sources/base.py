"""What every kind of source offers to the loading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb

from engine.errors import Problem
from engine.facts.catalog import SourceTable
from engine.facts.cells import RawCell
from engine.facts.scan import Lines
from engine.nearest import did_you_mean

EXCERPT = 200
"""Characters of a bad value that the quarantine keeps."""


@dataclass(frozen=True)
class Relation:
    """The rows of a source, as SQL.

    `cells` are by the name of the column in the source. `row` is the number by which a
    person finds a row. `fault` says why a whole row cannot be used (NULL if it can) and
    `excerpt` shows such a row.
    """

    sql: str
    cells: Mapping[str, RawCell]
    row: str
    fault: str | None = None
    excerpt: str | None = None


class SourceFile(Protocol):
    """An opened source. `check` comes first; `close` removes what was written beside it."""

    reads_lines: bool
    """Whether the lines of the file are counted while it is read."""

    def check(self, connection: duckdb.DuckDBPyConnection) -> Iterable[Problem]:
        """What makes the whole source unusable. Reads no more than it must."""
        ...

    def fast(self, connection: duckdb.DuckDBPyConnection) -> Relation | None:
        """All rows, the cheapest way. None if there is no such way.

        Their numbers are right if no row is lost and the lines are regular.
        """
        ...

    def exact(
        self, connection: duckdb.DuckDBPyConnection, lines: Lines | None, broken: bool
    ) -> Relation:
        """All rows with their numbers and faults. `broken`: DuckDB could not read them."""
        ...

    def rows(self, lines: Lines | None) -> int | None:
        """How many rows the source has, found out apart from `fast`; None if unknown."""
        ...

    def close(self) -> None: ...


class Opener(Protocol):
    """Opens a source of one kind; `folder` is for files that are made on the way."""

    def __call__(self, table: SourceTable, path: Path, folder: Path) -> SourceFile: ...


WIDE_COMMAS = "\uff0c\uff1b\u3001"
"""What a Chinese keyboard writes for a comma or a semicolon between columns."""


def is_wide(name: str) -> bool:
    """Whether what was read as one name of a header is several, with full-width commas."""
    return any(mark in name for mark in WIDE_COMMAS)


def check_header(
    table: SourceTable, header: Sequence[str], hint: str | None = None
) -> Iterator[Problem]:
    """Compare the columns that a source has with those that facts.yaml maps."""
    wanted = [one.source_name for one in table.mapped()]
    missing = [name for name in wanted if name not in header]
    for name in dict.fromkeys(name for name in wanted if list(header).count(name) > 1):
        yield Problem(
            "repeated-header",
            f"{table.source.path!r} has more than one column {name!r}",
            table.source.location,
            "rename or remove all but one of them",
        )
    if missing and len(missing) == len(set(wanted)):
        it_has = f"its header is {_quoted(header)}" if any(header) else "it names no column at all"
        yield Problem(
            "no-mapped-column",
            f"{table.source.path!r} has none of the columns {_quoted(missing)}; {it_has}",
            table.source.location,
            hint or "the first row of a source names its columns",
        )
        return
    by_name = {one.source_name: one for one in table.mapped()}
    for name in missing:
        yield Problem(
            "missing-source-column",
            f"{table.source.path!r} has no column {name!r}; it has {_quoted(header)}",
            by_name[name].column.location,
            did_you_mean(name, (one for one in header if not is_wide(one)), hint),
        )


def _quoted(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:60]) for name in names[:20])
    return shown if len(names) <= 20 else f"{shown} and {len(names) - 20} more"
