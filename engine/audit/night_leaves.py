"""The leaves of a night while it is recorded.

A small night hashes them itself, once all its rows stand in kam.db. A large one leaves its lines
in files beside it, for workers that hash them while they are written: before the commit nobody
else can see them in kam.db, and to hand over millions of rows takes about as long as to write
them. What SQL alone adds to the log is read back in the end, and handed over.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import duckdb

from engine.audit.data_files import data_file_errors
from engine.audit.hashed import Hashed, hashed
from engine.audit.leaf_workers import (
    LeafWorkers,
    Lines,
    hashed_lines,
    leaf_workers,
    row_count,
)
from engine.audit.leaves import LineLeaves, Salt
from engine.audit.night_files import Rows
from engine.audit.parquet_files import write_parquet
from engine.audit.parquet_leaves import decision_hashes
from engine.audit.run_folder import RunFolder

Span = tuple[int, int]
"""The first and the last number of the lines of a part; the last is less where there are none."""


@dataclass
class NightLeaves:
    """The leaves of the night whose decisions are in `file`: its lines pass on their way into
    kam.db, and once all stand there its `parts` are asked for."""

    connection: sqlite3.Connection
    database: duckdb.DuckDBPyConnection
    file: Path
    salt: Salt
    decisions: int
    """How many."""

    @cached_property
    def _leaves(self) -> LineLeaves:
        """Once the rules of the night stand in kam.db."""
        return LineLeaves(self.connection, self.salt)

    def passing(self, part: str, rows: Iterable[object], first: int) -> None:
        """Looks at rows of ``log`` or ``actions`` which are going to get the numbers from `first`
        on, without a gap. Once for a part at most."""

    def parts(self, log: Span, actions: Span) -> Mapping[str, Iterable[Hashed]]:
        """The leaves of the run after that of its manifest, part by part, in the order of the
        tree."""
        decisions = hashed(decision_hashes(self.database, self.file, self.salt), 1)
        said = {one.part: hashed_lines(self._leaves, one) for one in self._lines(log, actions)}
        return {"decisions": decisions, **said}

    def _lines(self, log: Span, actions: Span) -> Iterator[Lines]:
        place = 1 + self.decisions
        for part, (first, last) in (("log", log), ("actions", actions)):
            yield Lines(self.salt.run_id, part, first, last, place)
            place += last - first + 1


class _Passed(NamedTuple):
    """The numbers of the lines that have passed, and the hashes of their leaves."""

    numbers: range
    leaves: Iterator[list[bytes]]


@dataclass
class HandedLeaves(NightLeaves):
    """The same, hashed by `workers`; `aside` is a folder for files that nobody needs later, beside
    those of the runs."""

    workers: LeafWorkers
    aside: Path

    def __post_init__(self) -> None:
        self._decided = self.workers.decisions(self.file, self.salt, self.decisions, 1)
        self._passed: dict[str, _Passed] = {}

    def passing(self, part: str, rows: Iterable[object], first: int) -> None:
        """The workers begin with them at once, if they are a relation of the night."""
        if not isinstance(rows, Rows):
            return
        file = self.aside / f"{part}.parquet"
        with data_file_errors(self.aside.parents[1]):
            write_parquet(rows.connection, f"SELECT * FROM {rows.table}", file)  # noqa: S608
        numbers = range(first, first + len(rows))
        found = self.workers.passing(file, part, numbers, self._leaves)
        self._passed[part] = _Passed(numbers, found)

    def parts(self, log: Span, actions: Span) -> Mapping[str, Iterable[Hashed]]:
        """Reads back what has not passed."""
        said = {one.part: self._said(one) for one in self._lines(log, actions)}
        return {"decisions": self._decided, **said}

    def _said(self, lines: Lines) -> Iterable[Hashed]:
        nothing = _Passed(range(lines.first, lines.first), iter(()))
        passed = self._passed.get(lines.part, nothing)
        before = lines.place + passed.numbers.start - lines.first
        return chain(
            self._read_back(lines, range(lines.first, passed.numbers.start)),
            hashed(passed.leaves, before),
            self._read_back(lines, range(passed.numbers.stop, lines.last + 1)),
        )

    def _read_back(self, lines: Lines, numbers: range) -> Iterator[Hashed]:
        leaves = self._leaves
        if numbers:
            read = leaves.log_rows if lines.part == "log" else leaves.action_rows
            batches = read(numbers.start, numbers.stop - 1)
            place = lines.place + numbers.start - lines.first
            yield from self.workers.lines(lines.part, batches, leaves.rules, leaves.salt, place)


@contextmanager
def night_leaves(
    connection: sqlite3.Connection,
    database: duckdb.DuckDBPyConnection,
    file: Path,
    salt: Salt,
) -> Iterator[NightLeaves]:
    """The leaves of the night whose decisions are in `file`; by workers where they are many, with
    a folder for the lines that the next night removes if this one dies."""
    decisions = row_count(database, file)
    with leaf_workers(decisions) as workers:
        night = (connection, database, file, salt, decisions)
        if workers is None:
            yield NightLeaves(*night)
        else:
            with RunFolder(file.parent.parent, salt.run_id) as aside:
                yield HandedLeaves(*night, workers, aside.path)
